"""What deliveries to destinations are found by. Built while others write; a conditional unique constraint is an index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def unique(name, fields, condition, where):
    constraint = models.UniqueConstraint(condition=condition, fields=fields, name=name)
    columns = ", ".join({"invoice": "invoice_id", "destination": "destination_id"}.get(field, field) for field in fields)
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON delivery_delivery ({columns}) WHERE {where}",
                f"DROP INDEX CONCURRENTLY {name}",
            )
        ],
        state_operations=[migrations.AddConstraint(model_name="delivery", constraint=constraint)],
    )


PUSHED = models.Q(("destination__isnull", False))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("delivery", "0005_destinations")]

    operations = [
        unique(
            "delivery_delivery_shelf_once",
            ("invoice", "channel"),
            models.Q(("destination__isnull", True)),
            "destination_id IS NULL",
        ),
        unique(
            "delivery_delivery_push_once",
            ("invoice", "destination", "version", "copy"),
            PUSHED,
            "destination_id IS NOT NULL",
        ),
        unique("delivery_delivery_uuid", ("uuid",), PUSHED, "destination_id IS NOT NULL"),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_delivery_once"),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["destination", "due_at", "id"],
                name="delivery_delivery_due",
            ),
        ),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(condition=PUSHED, fields=["destination", "state", "-id"], name="delivery_delivery_pushed"),
        ),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("mailing__isnull", False)), fields=["mailing"], name="delivery_delivery_mailing"
            ),
        ),
    ]
