"""Tell the invoices that were delivered before the trigger stood, a batch a transaction."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 5_000


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM delivery_delivery")
        last = cursor.fetchone()[0]
        for first in range(0, last + 1, BATCH):
            cursor.execute(
                "UPDATE invoices_invoice AS invoice SET office_id = delivery.office_id, "
                "delivered_at = delivery.delivered_at, opened_at = delivery.fetched_at "
                "FROM delivery_delivery AS delivery WHERE delivery.invoice_id = invoice.id "
                "AND delivery.channel = 'inbox' AND invoice.office_id IS NULL AND delivery.id BETWEEN %s AND %s",
                [first, first + BATCH - 1],
            )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("delivery", "0002_inbox_on_invoice")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
