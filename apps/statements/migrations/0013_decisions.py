"""What a duplicate repeats, and what staff decided about a held statement."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [("statements", "0012_inbox")]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="duplicate_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="statements.statement",
                verbose_name="had already as",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="decided_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="decided"),
        ),
        migrations.AddField(
            model_name="statement",
            name="decided_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="decided by"),
        ),
        migrations.AddField(
            model_name="statement",
            name="decision_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="reason"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="", decision_reason="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(decision_reason="")),
                name="statements_statement_decision_reasoned",
            ),
        ),
    ]
