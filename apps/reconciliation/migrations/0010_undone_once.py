"""A row is undone once, and what the last migration wants of rows holds for all of them; writers go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

ONCE = "reconciliation_allocation_undoes_once"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reconciliation", "0009_differences_and_undoing")]

    operations = [
        migrations.RunSQL(
            f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {ONCE} ON reconciliation_allocation (undoes_id);",
            f"DROP INDEX CONCURRENTLY IF EXISTS {ONCE};",
        ),
        ValidateConstraint("allocation", "reconciliation_allocation_sign"),
        ValidateConstraint("allocation", "reconciliation_allocation_difference_explained"),
    ]
