"""Describe the client links that stood before the triggers did, a batch a transaction."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 2_000


def describe(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM accounting_offices_clientlink")
        last = cursor.fetchone()[0]
        for first in range(0, last + 1, BATCH):
            cursor.execute(
                "UPDATE accounting_offices_clientlink SET company_id = company_id WHERE id BETWEEN %s AND %s",
                [first, first + BATCH - 1],
            )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tokens", "0008_clients_described")]
    operations = [migrations.RunPython(describe, migrations.RunPython.noop)]
