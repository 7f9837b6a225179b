"""Beside money that the bank changed stands what makes it the amount that was sent, which may be below zero."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

KINDS = ("rounding", "bank_cost", "discount", "exchange")


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0011_set_offs")]

    operations = [
        migrations.AlterField(
            model_name="allocation",
            name="difference_kind",
            field=models.CharField(
                blank=True, choices=[(kind, kind) for kind in KINDS], db_default="", max_length=10,
                verbose_name="of which kind",
            ),
        ),
        migrations.RemoveConstraint(model_name="allocation", name="reconciliation_allocation_sign"),
        AddConstraintNotValid(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=Q(rule="undone", undoes__isnull=False)
                | Q(rule="reversal", amount__lt=0, reverses__isnull=False, undoes__isnull=True)
                | (
                    ~Q(rule__in=["reversal", "undone"])
                    & Q(amount__gt=0, reverses__isnull=True, undoes__isnull=True)
                    & (Q(difference__gte=0) | Q(difference_kind="exchange", difference__gt=-F("amount")))
                ),
                name="reconciliation_allocation_sign",
            ),
        ),
    ]
