"""What the bank kept of a payment, and what was sent in another currency; rows from before tell neither.

The columns have a constant default or none, so no row is rewritten.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0016_information")]

    operations = [
        migrations.AddField(
            model_name="movement",
            name="bank_cost",
            field=models.DecimalField(
                db_default=0, decimal_places=3, default=0, max_digits=15, verbose_name="kept by the bank"
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="original_amount",
            field=models.DecimalField(
                blank=True, decimal_places=3, max_digits=15, null=True, verbose_name="amount sent"
            ),
        ),
        migrations.AddField(
            model_name="movement",
            name="original_currency",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=3, verbose_name="currency sent"
            ),
        ),
    ]
