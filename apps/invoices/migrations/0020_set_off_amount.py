"""What credit notes took of an invoice; a trigger on the set-offs keeps it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0019_owed_indexes")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="set_off_amount",
            field=models.DecimalField(
                db_default=0, decimal_places=3, default=0, editable=False, max_digits=15, verbose_name="set off"
            ),
        ),
    ]
