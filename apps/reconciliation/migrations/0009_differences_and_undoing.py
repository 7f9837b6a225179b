"""An allocation tells the difference that was explained beside it, and which row a person undid."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

RULES = [
    "structured_communication",
    "end_to_end",
    "invoice_number",
    "known_account",
    "repaired_reference",
    "several_invoices",
    "oldest_first",
    "person",
    "reversal",
    "undone",
]
UNDOES = """
ALTER TABLE reconciliation_allocation ADD COLUMN undoes_id bigint NULL
    CONSTRAINT reconciliation_allocation_undoes_fk REFERENCES reconciliation_allocation (id) DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0008_word_of_people")]

    operations = [
        migrations.AddField(
            model_name='allocation',
            name='difference',
            field=models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=15, verbose_name='difference'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='difference_kind',
            field=models.CharField(blank=True, choices=[(k, k) for k in ("rounding", "bank_cost", "discount")], db_default='', max_length=10, verbose_name='of which kind'),
        ),
        migrations.RunSQL(
            UNDOES,
            "ALTER TABLE reconciliation_allocation DROP COLUMN undoes_id;",
            state_operations=[
                migrations.AddField(
                    model_name='allocation',
                    name='undoes',
                    field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='reconciliation.allocation', verbose_name='undoes'),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="allocation",
            name="rule",
            field=models.CharField(choices=[(rule, rule) for rule in RULES], max_length=40, verbose_name="rule"),
        ),
        migrations.RemoveConstraint(
            model_name='allocation',
            name='reconciliation_allocation_sign',
        ),
        AddConstraintNotValid(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rule', 'undone'), ('undoes__isnull', False)), models.Q(('amount__lt', 0), ('reverses__isnull', False), ('rule', 'reversal'), ('undoes__isnull', True)), models.Q(models.Q(('rule__in', ['reversal', 'undone']), _negated=True), ('amount__gt', 0), ('difference__gte', 0), ('reverses__isnull', True), ('undoes__isnull', True)), _connector='OR'), name='reconciliation_allocation_sign'),
        ),
        AddConstraintNotValid(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('difference', 0), ('difference_kind', '')), models.Q(models.Q(('difference', 0), _negated=True), models.Q(('difference_kind', ''), _negated=True)), _connector='OR'), name='reconciliation_allocation_difference_explained'),
        ),
    ]
