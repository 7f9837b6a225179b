"""What is held or unrouted of an account is one index away. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("statements", "0008_chain_of_an_account")]

    operations = [
        AddIndexConcurrently(
            model_name="statement",
            index=models.Index(
                fields=["iban", "currency"],
                condition=models.Q(state__in=["held", "unrouted"]),
                name="statements_statement_waiting",
            ),
        ),
    ]
