from datetime import datetime

import pytest

from apps.companies.models import Company
from tests.factories import registry

pytestmark = pytest.mark.django_db
NAMES = ['De "Gouden" Leeuw', "C:\\map", "a,b", "{x}", "NULL", "", "l'Étoile"]


def test_one_of_many_is_found_by_number_text_uuid_and_relation(now: datetime) -> None:
    first, second, other = (registry.make_company(now, name=f"Zaak {place}") for place in range(3))
    some = Company.objects.order_by("pk")

    assert list(some.filter(pk__any_of=[first.pk, second.pk])) == [first, second]
    assert list(some.filter(uuid__any_of=[other.uuid])) == [other]
    assert list(some.filter(name__any_of={first.name, "nobody"})) == [first]
    assert not some.filter(pk__any_of=[]).exists()


def test_a_text_of_any_signs_is_found_as_itself(now: datetime) -> None:
    for name in NAMES:
        Company.objects.filter(pk=registry.make_company(now).pk).update(name=name)

    for name in NAMES:
        assert [company.name for company in Company.objects.filter(name__any_of=[name, "nobody"])] == [name]
