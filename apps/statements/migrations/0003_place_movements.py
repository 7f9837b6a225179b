"""Say whose the movements are that stood before the triggers did, a batch a transaction."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 5_000


def place(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM statements_movement")
        last = cursor.fetchone()[0]
        for first in range(0, last + 1, BATCH):
            cursor.execute(
                "UPDATE statements_movement SET company_id = NULL "
                "WHERE is_money AND company_id IS NULL AND id BETWEEN %s AND %s",
                [first, first + BATCH - 1],
            )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("statements", "0002_movements_of_a_company")]
    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
