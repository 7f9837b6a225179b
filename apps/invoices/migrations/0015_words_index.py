"""What the words of an office's and of a company's invoices are found by. Built while others write."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("invoices", "0014_words")]

    operations = [
        AddIndexConcurrently(
            model_name='invoice',
            index=GinIndex(models.F('office'), models.F('company'), models.F('words'), name='invoices_invoice_words'),
        ),
    ]
