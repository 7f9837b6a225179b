"""What a company and its office are told of a bank account: a gap, a held file, a late bank, a missing mandate."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounting_offices.models import AccountingOffice, ClientLink, Mandate
from apps.companies.models import BankAccount, Company
from apps.delivery.account_facts import examine_accounts
from apps.delivery.examining import examine_and_keep
from apps.delivery.health_sentences import Reader, tell
from apps.delivery.models import AccountHealth
from apps.portal.health_slips import write
from apps.portal.templatetags.words import BADGES
from apps.statements.coda.generator import Recipe, make_file
from apps.statements.health.diagnosis import Diagnosis, DiagnosisCode
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.statement_days import arrive, daily_until
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, signed_in

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def company(office: AccountingOffice, now: datetime) -> Company:
    return registry.make_company(now, office=office)


@pytest.fixture
def account(company: Company, now: datetime) -> BankAccount:
    return registry.make_account(now, company)


@pytest.fixture
def owner(company: Company, now: datetime) -> Client:
    user = registry.make_user("owner@example.be")
    registry.make_member(now, user, company=company)
    return signed_in(user)


def page_of(client: Client, account: BankAccount, office: AccountingOffice | None = None) -> str:
    place = f"/offices/{office.uuid}" if office else f"/companies/{account.company.uuid}"
    answer = client.get(f"{place}/accounts/{account.uuid}/")
    assert answer.status_code == 200
    return answer.content.decode()


def load(recipe: Recipe, now: datetime) -> None:
    coda_file = receive_coda_file(content=b"".join(make_file(recipe)), name="a.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=coda_file.uuid, now=now)


def test_a_gap_is_named_drawn_and_listed_while_the_account_goes_on(owner: Client, account: BankAccount) -> None:
    arrive(account, daily_until(TUESDAY), skipped=[date(2026, 11, 18)])

    page = page_of(owner, account)

    text = text_of(page)
    assert "Er kwamen uittreksels tot en met 24 nov 2026, maar daartussen ontbreekt iets" in text
    assert "Vraag Belfius wat ontbreekt." in text
    assert "Sinds 19 nov 2026, 00:00" in text
    assert "Alles in orde" not in text
    assert re.search(r"Uittreksel 103 ontbreekt tussen die van 17 nov 2026 en 19 nov 2026", text)
    assert "Het saldo van 19 nov 2026 sluit niet aan" in text
    assert "<title>18\u00a0nov\u00a02026: ontbreekt</title>" in page
    assert page.count('class="break"') == 2
    assert "de lijn is 1 keer onderbroken" in page


def test_a_held_file_says_who_acts_and_that_nothing_is_to_be_done(
    owner: Client, account: BankAccount, now: datetime
) -> None:
    arrive(account, daily_until(MONDAY))
    load(
        Recipe(iban=account.iban, movements=3, first_day=TUESDAY, first_number=108, oddities=["balance_mismatch"]), now
    )

    page = page_of(owner, account)

    text = text_of(page)
    assert "Uittreksel 108 van 24 nov 2026 wordt vastgehouden" in text
    assert re.search(r"Wie nu aan zet is Onze medewerkers", text)
    assert "U hoeft niets te doen. Wij kijken het na" in text
    assert "<title>24\u00a0nov\u00a02026: vastgehouden</title>" in page


def test_a_late_bank_is_the_bank_for_company_and_office(
    owner: Client, accountant: Client, office: AccountingOffice, account: BankAccount, now: datetime
) -> None:
    accounts = [account] + [registry.make_account(now, registry.make_company(now, office=office)) for _ in range(2)]
    for each in accounts:
        arrive(each, daily_until(MONDAY, count=6))
    examine_and_keep(account_ids=[each.pk for each in accounts], now=now)

    for page in (page_of(owner, account), page_of(accountant, account, office)):
        text = text_of(page)
        assert "Belfius is voor iedereen te laat" in text
        assert "Van 3 rekeningen bij Belfius die nu een uittreksel hadden moeten hebben, wachten er 3." in text
        assert re.search(r"Wie nu aan zet is Belfius", text)


def test_a_missing_mandate_tells_each_what_they_can_do(
    owner: Client, accountant: Client, office: AccountingOffice, company: Company, now: datetime
) -> None:
    bare = registry.make_account(now, company, with_mandate=False)

    assert "Vraag uw boekhoudkantoor een mandaat, en teken het." in text_of(page_of(owner, bare))
    assert "Laat een mandaat voor deze rekening opmaken" in text_of(page_of(accountant, bare, office))
    assert "Nog geen uittreksels" in text_of(page_of(owner, bare))


def test_the_company_is_told_on_its_first_page_in_one_line(
    owner: Client, company: Company, account: BankAccount, now: datetime
) -> None:
    home = f"/companies/{company.uuid}/"
    arrive(account, daily_until(TUESDAY, count=5))
    examine_and_keep(account_ids=[account.pk], now=now)
    assert "/accounts/" not in owner.get(home).content.decode().partition("<main")[2]

    bare = registry.make_account(now, company, with_mandate=False)
    examine_and_keep(account_ids=[bare.pk], now=now)

    assert "geen mandaat" in text_of(owner.get(home).content.decode())


def test_an_office_sees_first_what_needs_somebody_and_only_its_own_clients(
    accountant: Client, office: AccountingOffice, account: BankAccount, now: datetime
) -> None:
    arrive(account, daily_until(TUESDAY, count=5))
    other = registry.make_company(now, office=office, name="Zonder Mandaat BV")
    bare = registry.make_account(now, other, with_mandate=False)
    strange = registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))
    examine_and_keep(account_ids=[account.pk, bare.pk, strange.pk], now=now)

    def list_of(query: str = "") -> str:
        return text_of(accountant.get(f"/offices/{office.uuid}/accounts/{query}").content.decode())

    listed = list_of()
    assert listed.index("Zonder Mandaat BV") < listed.index("Loodgieterij Maes")
    assert strange.iban[-4:] not in listed
    assert "Loodgieterij Maes" not in list_of("?need=yes")
    assert "Zonder Mandaat BV" not in list_of(f"?q={account.iban[:8]}")
    assert "Bankrekeningen waarvoor iets moet gebeuren 1" in text_of(
        accountant.get(f"/offices/{office.uuid}/").content.decode()
    )


def test_an_office_sees_only_statements_of_its_own_days_with_a_mandate(
    accountant: Client, office: AccountingOffice, account: BankAccount, now: datetime
) -> None:
    arrive(account, daily_until(TUESDAY), skipped=[date(2026, 11, 16)])
    ClientLink.objects.filter(office=office).update(starts_on=date(2026, 11, 19))
    Mandate.objects.filter(bank_account=account).update(ends_on=TUESDAY)

    page = page_of(accountant, account, office)

    rows = re.findall(r'class="s3 nb">([^<]+)<', page)
    assert [row.replace("\u00a0", " ") for row in rows] == ["23 nov 2026", "20 nov 2026", "19 nov 2026"]
    assert "ontbreekt tussen" not in text_of(page)
    assert "<title>17\u00a0nov" not in page
    strange = registry.make_account(now, registry.make_company(now))
    assert accountant.get(f"/offices/{office.uuid}/accounts/{strange.uuid}/").status_code == 404


def test_the_statements_are_pages_of_fifteen(owner: Client, account: BankAccount) -> None:
    arrive(account, daily_until(TUESDAY, count=17))

    first = page_of(owner, account)
    older = re.search(r'href="\?before=([^"#]+)', first)

    assert first.count('data-state="imported"') == 15
    assert older is not None
    second = owner.get(f"/companies/{account.company.uuid}/accounts/{account.uuid}/?before={older[1]}")
    assert second.content.decode().count('data-state="imported"') == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_diagnosis_is_said_to_everybody_in_every_language(
    account: BankAccount, now: datetime, language: str
) -> None:
    facts: dict[str, Any] = {
        "ends_on": MONDAY, "starts_on": MONDAY, "signer": "An", "reason": "Stop.", "number": 4, "day": MONDAY,
        "consumer": "Robaws", "count": 3, "owed": 9, "late": 8, "usually": now, "expected": now, "silence": 9,
        "longest": 2,
    }  # fmt: skip
    examined = examine_accounts([account], now=now)[account.pk]
    with translation.override(language):
        for code in DiagnosisCode:
            told = replace(examined, health=replace(examined.health, diagnosis=Diagnosis(code, now, None, facts)))
            for reader in Reader:
                said = tell(told, reader=reader, write=write)
                assert all("%(" not in part and part for part in (said.what, said.why, said.who, said.action))
            assert BADGES["health"][code].word


@pytest.mark.parametrize("place", ["company", "office"])
def test_the_pages_ask_the_database_little(
    owner: Client, accountant: Client, office: AccountingOffice, account: BankAccount, now: datetime, place: str
) -> None:  # fmt: skip
    arrive(account, daily_until(TUESDAY, count=6), skipped=[date(2026, 11, 18)])
    more = [registry.make_account(now, account.company) for _ in range(4)]
    examine_and_keep(account_ids=[account.pk, *(each.pk for each in more)], now=now)
    client, home = (
        (owner, f"/companies/{account.company.uuid}") if place == "company" else (accountant, f"/offices/{office.uuid}")
    )

    counts = []
    for path in ("/accounts/", f"/accounts/{account.uuid}/", "/"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{home}{path}").status_code == 200
        counts.append(len(captured))
    assert max(counts) <= 12, counts


def test_staff_see_which_bank_is_late_and_one_account_in_words(
    office: AccountingOffice, account: BankAccount, now: datetime, run_reactions: Callable[[], int]
) -> None:
    staff = signed_in(registry.make_user("staff@example.be", is_staff=True))
    accounts = [account] + [registry.make_account(now, registry.make_company(now, office=office)) for _ in range(2)]
    for each in accounts:
        arrive(each, daily_until(MONDAY, count=6))
    run_reactions()
    examine_and_keep(account_ids=[each.pk for each in accounts], now=now + timedelta(minutes=1))

    banks = text_of(staff.get("/admin/delivery/accounthealth/banks/").content.decode())
    assert "Belfius is voor iedereen te laat" in banks
    assert re.search(r"Belfius 3 0 3 25 november 2026 09:00 3", banks)
    page = text_of(
        staff.get(
            f"/admin/delivery/accounthealth/{AccountHealth.objects.get(account=account).pk}/change/"
        ).content.decode()
    )
    assert "Vraag Belfius wat er aan de hand is" in page
    found = text_of(staff.get("/admin/delivery/accounthealth/?bank=GKCC").content.decode())
    for word in ("bank te laat voor iedereen", "elke bankdag", "iemand moet iets doen", "Op dringendheid"):
        assert word in found
    assert "bank_late" not in found
