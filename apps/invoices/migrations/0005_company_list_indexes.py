"""What a company's own list of invoices is read by, and one index for the searches of both. Built while others write."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0004_finding_params")]

    operations = [
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('state__in', ['received', 'rejected'])), fields=['company', '-issue_date', '-id'], name='invoices_invoice_not_accepted'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('state', 'accepted')), fields=['company', 'office_state', '-issue_date', '-id'], name='invoices_invoice_by_office'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('state', 'accepted')), fields=['company', 'payment_state', '-issue_date', '-id'], name='invoices_invoice_by_payment'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('state', 'accepted'), ('payment_state__in', ['open', 'partially_paid'])), fields=['company', '-issue_date', '-id', 'due_date'], name='invoices_invoice_to_be_paid'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(fields=['company', '-total_amount', '-id'], name='invoices_invoice_by_amount'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=GinIndex(models.F('office'), models.F('company'), OpClass(Upper('number'), name='gin_trgm_ops'), OpClass(Upper('customer_name'), name='gin_trgm_ops'), name='invoices_invoice_search'),
        ),
        RemoveIndexConcurrently(
            model_name='invoice',
            name='invoices_invoice_inbox_search',
        ),
    ]
