"""What a software sees of its company's money; the column has a constant default, so no row is rewritten."""

from django.db import migrations, models

ACCESSES = ["credits", "statements", "everything"]


class Migration(migrations.Migration):
    dependencies = [("tokens", "0014_vendor_members")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="bank_access",
            field=models.CharField(
                choices=[(access, access) for access in ACCESSES],
                db_default="statements",
                default="statements",
                max_length=10,
                verbose_name="what it sees of the bank",
            ),
        ),
    ]
