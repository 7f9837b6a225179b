"""What an inbox is read by. Built, and the constraint checked, while others write."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0002_inbox"), ("core", "0003_trigrams")]

    operations = [
        ValidateConstraint("invoice", "invoices_invoice_delivered_somewhere"),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['office', '-delivered_at', '-id'], name='invoices_invoice_inbox'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['office', 'office_state', '-delivered_at', '-id'], name='invoices_invoice_inbox_office'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['office', 'payment_state', '-delivered_at', '-id'], name='invoices_invoice_inbox_payment'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['office', 'company', '-delivered_at', '-id'], name='invoices_invoice_inbox_client'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False), ('opened_at__isnull', True)), fields=['office', '-delivered_at', '-id'], name='invoices_invoice_inbox_new'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(condition=models.Q(('delivered_at__isnull', False)), fields=['office', '-total_amount', '-id'], name='invoices_invoice_inbox_amount'),
        ),
        AddIndexConcurrently(
            model_name='invoice',
            index=GinIndex(models.F('office'), OpClass(Upper('number'), name='gin_trgm_ops'), OpClass(Upper('customer_name'), name='gin_trgm_ops'), name='invoices_invoice_inbox_search'),
        ),
    ]
