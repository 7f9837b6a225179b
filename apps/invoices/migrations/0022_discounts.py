"""What a document's own terms let its customer leave out of an early payment; documents from before keep none."""

from django.db import migrations, models


def _discounts() -> models.JSONField:
    return models.JSONField(blank=True, db_default=[], default=list, editable=False, verbose_name="cash discounts")


class Migration(migrations.Migration):
    dependencies = [("invoices", "0021_set_off_indexes")]

    operations = [
        migrations.AddField(model_name="invoice", name="discounts", field=_discounts()),
        migrations.AddField(model_name="invoiceversion", name="discounts", field=_discounts()),
    ]
