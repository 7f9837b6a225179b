"""Drop the key that counted merged companies too; 0003 put the narrower one beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("companies", "0003_number_among_live_companies")]

    operations = [
        migrations.AlterField(
            "company", "enterprise_number", models.CharField(max_length=10, verbose_name="enterprise number")
        ),
    ]
