"""What a maker of software looks through: newest first, by state, by enterprise number. Built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tokens", "0015_bank_access")]

    operations = [
        AddIndexConcurrently(
            model_name="connection",
            index=models.Index(fields=["software", "id"], name="tokens_connection_newest"),
        ),
        AddIndexConcurrently(
            model_name="connection",
            index=models.Index(fields=["software", "state", "id"], name="tokens_connection_by_state"),
        ),
        AddIndexConcurrently(
            model_name="connectionrequest",
            index=models.Index(fields=["software", "id"], name="tokens_request_newest"),
        ),
        AddIndexConcurrently(
            model_name="connectionrequest",
            index=models.Index(fields=["software", "state", "id"], name="tokens_request_by_state"),
        ),
        AddIndexConcurrently(
            model_name="connectionrequest",
            index=models.Index(fields=["software", "enterprise_number"], name="tokens_request_by_number"),
        ),
    ]
