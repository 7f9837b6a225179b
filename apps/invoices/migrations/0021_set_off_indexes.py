"""Invoices that credit notes took something of, and credit notes of which something is open. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

ACCEPTED = models.Q(("state", "accepted"))
OWED = models.Q(("state", "accepted"), ("payment_state__in", ["open", "partially_paid"]))
SET_OFF = models.Q(("set_off_amount__gt", 0))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0020_set_off_amount")]

    operations = [
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(fields=["company", "id"], condition=OWED & SET_OFF, name="invoices_invoice_reduced"),
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
                condition=ACCEPTED & SET_OFF,
                name="invoices_invoice_reduced_no",
            ),
        ),
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(
                fields=["company", "id"],
                condition=OWED & models.Q(("document_type", "credit_note")),
                name="invoices_invoice_open_notes",
            ),
        ),
    ]
