"""Payments that were sent in another currency, by that amount: few, and looked for by an invoice's. Built while others
write.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statements", "0018_end_to_end_index")]

    operations = [
        AddIndexConcurrently(
            model_name="movement",
            index=models.Index(
                fields=["company", "original_amount"],
                condition=models.Q(("company__isnull", False), ("original_amount__isnull", False)),
                name="statements_movement_sent",
            ),
        ),
    ]
