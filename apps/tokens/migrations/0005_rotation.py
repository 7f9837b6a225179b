"""What the token of a request is for, and how long a pair works beside a newer one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tokens", "0004_address_warnings")]

    operations = [
        migrations.AddField(
            "connectionrequest",
            "purpose",
            # The database's own default lets the previous release go on inserting.
            models.CharField(
                choices=[("connect", "connect"), ("rotate", "rotate"), ("replace_stolen", "replace_stolen")],
                default="connect",
                db_default="connect",
                max_length=15,
                verbose_name="purpose",
            ),
        ),
        migrations.AddField(
            "credential",
            "overlap_until",
            models.DateTimeField(blank=True, null=True, verbose_name="works beside the newer pair until"),
        ),
    ]
