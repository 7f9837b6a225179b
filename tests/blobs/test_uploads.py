"""An upload whose papers lie in a bucket, and one that finds it away."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from apps.blobs.models import Blob
from apps.blobs.storage import get_storage
from apps.events.models import Event
from apps.invoices.models import Arrival, Invoice
from apps.invoices.selectors import read_document
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def test_a_document_in_a_bucket_is_judged_and_given_back_byte_for_byte(
    connected: registry.Connected, bucket: dict[str, Any], run_reactions: Callable[[], int]
) -> None:
    document = make_document(connected.company)

    sent = Software.of(connected).upload(document)
    run_reactions()

    assert sent.status_code == 201
    invoice = Invoice.objects.get()
    assert (invoice.state, read_document(invoice)) == ("accepted", document)
    assert len(list(get_storage().list_all())) == 1


def test_an_upload_while_the_bucket_is_away_is_503_and_nothing_is_kept(
    connected: registry.Connected, bucket: dict[str, Any], settings: Any
) -> None:
    settings.BLOB_BUCKET = {**bucket, "bucket": "away"}
    before = Event.objects.count()

    refused = Software.of(connected).upload(make_document(connected.company))

    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
    assert refused.headers["Retry-After"] == "10"
    assert [model.objects.count() for model in (Blob, Arrival, Invoice)] == [0, 0, 0]
    assert Event.objects.count() == before
