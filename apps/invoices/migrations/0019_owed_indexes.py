"""What a payment could be for: owed invoices by amount and by number. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

OWED = models.Q(("state", "accepted"), ("payment_state__in", ["open", "partially_paid"]))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0018_legal_holds")]

    operations = [
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(fields=["company", "payable_amount"], condition=OWED, name="invoices_invoice_owed"),
        ),
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(
                models.F("company"),
                models.Func(
                    Upper("number"),
                    models.Value("[^A-Z0-9]"),
                    models.Value(""),
                    models.Value("g"),
                    function="REGEXP_REPLACE",
                    output_field=models.TextField(),
                ),
                condition=OWED,
                name="invoices_invoice_owed_number",
            ),
        ),
    ]
