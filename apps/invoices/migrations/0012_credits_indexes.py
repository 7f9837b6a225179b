"""Finding the credit notes of an invoice, and those that name a number. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0011_credits")]

    operations = [
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('document_type', 'credit_note'), models.Q(('preceding_number', ''), _negated=True)), fields=['company', 'preceding_number'], name='invoices_invoice_by_preceding'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('credits__isnull', False)), fields=['credits'], name='invoices_invoice_by_credits'),
        ),
    ]
