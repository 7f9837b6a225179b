"""A company may have become part of another. Constraints on the present rows are checked without blocking writers."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [("companies", "0001_initial")]

    operations = [
        migrations.AddField(
            "company", "merged_at", models.DateTimeField(blank=True, null=True, verbose_name="merged")
        ),
        migrations.AddField(
            "company",
            "merged_into",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="absorbed",
                to="companies.company",
                verbose_name="merged into",
            ),
        ),
        migrations.AlterField(
            "company",
            "state",
            models.CharField(
                choices=[(s, s) for s in ("active", "ceased", "blocked", "merged")],
                default="active",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint("company", "companies_company_state"),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=Q(state__in=["active", "ceased", "blocked", "merged"]), name="companies_company_state"
            ),
        ),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False, merged_at__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True, merged_at__isnull=True)),
                name="companies_company_merged_dated",
            ),
        ),
        AddConstraintNotValid(
            "company",
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="companies_company_merged_into_other",
            ),
        ),
    ]
