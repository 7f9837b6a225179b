"""Payments by the id that their payer, or who collected them, gave: what their returns repeat. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statements", "0017_conversion")]

    operations = [
        AddIndexConcurrently(
            model_name="movement",
            index=models.Index(
                fields=["company", "customer_reference"],
                condition=models.Q(
                    ("company__isnull", False),
                    models.Q(("customer_reference__in", ["", "NOTPROVIDED"]), _negated=True),
                    ("amount__gt", 0),
                ),
                name="statements_movement_end_to_end",
            ),
        ),
    ]
