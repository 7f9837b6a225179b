"""An inbox is listed from the invoices alone: whose it is, since when and whether it was opened stand on them too.

`delivery` has the trigger that writes these columns, under the previous release as well.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounting_offices", "0005_list_of_clients"), ("invoices", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='delivered_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='in the inbox since'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='office',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='received_invoices', to='accounting_offices.accountingoffice', verbose_name='accounting office'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='opened_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='opened'),
        ),
        AddConstraintNotValid(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', True), ('opened_at__isnull', True)), models.Q(('delivered_at__isnull', False), ('office__isnull', False)), _connector='OR'), name='invoices_invoice_delivered_somewhere'),
        ),
    ]
