"""Counting an address's mails of a day, whatever its case, on a table that is never small for long."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tokens", "0002_closing_message")]

    operations = [
        AddIndexConcurrently(
            "accesstoken", models.Index(Upper("sent_to"), models.F("issued_at"), name="tokens_token_mails_address")
        ),
    ]
