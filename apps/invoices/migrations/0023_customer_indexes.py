"""Invoices by their customer: the number, or the name where there is none. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0022_discounts")]

    operations = [
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(
                fields=["company", "customer_number"],
                condition=models.Q(("customer_number", ""), _negated=True),
                name="invoices_invoice_by_customer",
            ),
        ),
        AddIndexConcurrently(
            model_name="invoice",
            index=models.Index(
                fields=["company", "customer_name"],
                condition=models.Q(("customer_number", "")),
                name="invoices_invoice_by_name",
            ),
        ),
    ]
