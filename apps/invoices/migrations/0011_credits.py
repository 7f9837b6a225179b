"""Which invoice a credit note is about: what it says, and the invoice found by that."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoices", "0010_purged_papers")]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='credits',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='invoices.invoice', verbose_name='credits'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='preceding_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='about invoice'),
        ),
        migrations.AddField(
            model_name='invoiceversion',
            name='preceding_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='about invoice'),
        ),
    ]
