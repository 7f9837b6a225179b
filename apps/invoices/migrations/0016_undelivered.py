"""What was accepted and is in no inbox yet, so that what waits for an office is found. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0015_words_index")]

    operations = [
        AddIndexConcurrently(
            model_name='invoice',
            index=models.Index(
                fields=['company', 'id'],
                condition=models.Q(('delivered_at__isnull', True), ('state', 'accepted')),
                name='invoices_invoice_undelivered',
            ),
        ),
    ]
