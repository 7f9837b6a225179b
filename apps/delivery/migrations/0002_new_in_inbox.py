"""Counting the invoices in an office's inbox that nobody looked at."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("delivery", "0001_initial")]

    operations = [
        AddIndexConcurrently(
            "delivery",
            models.Index(
                fields=["office"],
                condition=models.Q(channel="inbox", state="delivered"),
                name="delivery_delivery_new_in_inbox",
            ),
        ),
    ]
