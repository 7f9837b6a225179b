"""What the list of an office's clients is read by. Built while others write."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounting_offices", "0005_list_of_clients"), ("core", "0003_trigrams")]

    operations = [
        AddIndexConcurrently(
            model_name='clientlink',
            index=models.Index(condition=models.Q(('state', 'current')), fields=['office', 'company_name', 'id'], name='offices_clientlink_by_name'),
        ),
        AddIndexConcurrently(
            model_name='clientlink',
            index=models.Index(condition=models.Q(('state', 'current')), fields=['office', 'client_code', 'id'], name='offices_clientlink_by_code'),
        ),
        AddIndexConcurrently(
            model_name='clientlink',
            index=models.Index(condition=models.Q(('state', 'current')), fields=['office', 'standing', 'company_name', 'id'], name='offices_clientlink_by_standing'),
        ),
        AddIndexConcurrently(
            model_name='clientlink',
            index=models.Index(condition=models.Q(('state', 'current'), ('has_address', False)), fields=['office', 'company_name', 'id'], name='offices_clientlink_no_address'),
        ),
        AddIndexConcurrently(
            model_name='clientlink',
            index=GinIndex(models.F('office'), OpClass(Upper('company_name'), name='gin_trgm_ops'), OpClass(Upper('client_code'), name='gin_trgm_ops'), OpClass(Upper('company_number'), name='gin_trgm_ops'), name='offices_clientlink_search'),
        ),
    ]
