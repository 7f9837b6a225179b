"""Among companies that are not merged, the number is the key: the new index stands before the old one goes."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

ONCE = models.UniqueConstraint(
    fields=["enterprise_number"], condition=~Q(state="merged"), name="companies_company_number_once"
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("companies", "0002_merged_companies")]

    operations = [
        ValidateConstraint("company", "companies_company_state"),
        ValidateConstraint("company", "companies_company_merged_dated"),
        ValidateConstraint("company", "companies_company_merged_into_other"),
        AddIndexConcurrently("company", models.Index(fields=["enterprise_number"], name="companies_company_number")),
        AddIndexConcurrently(
            "company",
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="companies_company_absorbed"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddConstraint("company", ONCE)],
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY companies_company_number_once "
                    "ON companies_company (enterprise_number) WHERE NOT (state = 'merged')",
                    "DROP INDEX CONCURRENTLY companies_company_number_once",
                )
            ],
        ),
    ]
