"""What a company's movements are read by. Built while others write."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statements", "0003_place_movements"), ("core", "0003_trigrams")]

    operations = [
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(condition=models.Q(('company__isnull', False)), fields=['company', '-entry_on', '-id'], name='statements_movement_by_day'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(condition=models.Q(('company__isnull', False), ('amount__gt', 0)), fields=['company', '-entry_on', '-id'], name='statements_movement_received'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(condition=models.Q(('company__isnull', False), ('amount__lt', 0)), fields=['company', '-entry_on', '-id'], name='statements_movement_paid'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(condition=models.Q(('company__isnull', False)), fields=['company', '-amount', '-id'], name='statements_movement_amount'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(condition=models.Q(('company__isnull', False), models.Q(('structured_communication', ''), _negated=True)), fields=['company', 'structured_communication'], name='statements_movement_reference'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=models.Index(models.F('company'), OpClass('counterparty_iban', name='text_pattern_ops'), condition=models.Q(('company__isnull', False)), name='statements_movement_iban'),
        ),
        AddIndexConcurrently(
            model_name='movement',
            index=GinIndex(models.F('company'), OpClass(Upper('counterparty_name'), name='gin_trgm_ops'), OpClass(Upper('communication'), name='gin_trgm_ops'), name='statements_movement_search'),
        ),
    ]
