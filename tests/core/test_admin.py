"""The back-office: every list and page opens, nothing is edited by hand, actions ask the services."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise

from apps.core.fields import CodeField
from apps.tokens.models import Connection, ConnectionRequest, NonActivationCase
from apps.tokens.services import requests
from apps.users.models import MailedLink
from apps.users.selectors import sign_link
from tests.conftest import NOW, react
from tests.factories import registry
from tests.factories.wire import Software, make_document
from tests.support.kept import Keep, Kept

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model.__module__.startswith("apps.")]
EDITED_BY_STAFF = {"User", "ContactEmail"}


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(registry.make_user("staff@example.be", is_staff=True))
    return client


@pytest.fixture(scope="module")
def kept_world(keep: Keep[registry.Connected]) -> Kept[registry.Connected]:
    return keep(lambda: build(NOW))


def build(now: datetime) -> registry.Connected:
    office = registry.make_office(now)
    company = registry.make_company(now, office=office)
    registry.make_account(now, company)
    connected = registry.connect(now, company, registry.make_software(now))
    Software.of(connected).upload(make_document(company))
    requests.request_connection(software=connected.software, vat="0999999922", actor="t", now=now)
    react()
    return connected


@pytest.fixture
def world(kept_world: Kept[registry.Connected], settings: Any) -> registry.Connected:
    return kept_world.give(settings.BLOB_DIR)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_page_opens_and_nothing_is_added_or_deleted(
    staff: Client, world: registry.Connected, model: type
) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    name = f"admin:{meta.app_label}_{meta.model_name}"
    listed = staff.get(reverse(f"{name}_changelist"))
    row = model.objects.first()  # type: ignore[attr-defined]
    shown = staff.get(reverse(f"{name}_change", args=[row.pk])) if row else None

    assert listed.status_code == 200
    assert shown is None or shown.status_code == 200
    if model.__name__ not in EDITED_BY_STAFF:
        assert staff.get(reverse(f"{name}_add")).status_code == 403
        assert not row or staff.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403


def test_staff_revoke_a_connection_through_an_action(staff: Client, world: registry.Connected) -> None:
    connection = Connection.objects.get()

    staff.post(reverse("admin:tokens_connection_changelist"), {"action": "revoke", "_selected_action": [connection.pk]})

    connection.refresh_from_db()
    assert connection.state == "revoked"
    assert Software.of(world).get("delivery/pod-client/").status_code == 401


def test_staff_take_and_close_a_case(staff: Client, world: registry.Connected) -> None:
    case = NonActivationCase.objects.get()
    page = reverse("admin:tokens_nonactivationcase_changelist")

    staff.post(page, {"action": "take", "_selected_action": [case.pk]})
    case.refresh_from_db()
    taken = case.state
    staff.post(page, {"action": "close", "_selected_action": [case.pk]})
    case.refresh_from_db()

    assert (taken, case.state) == ("in_progress", "closed")


def test_staff_put_an_address_on_file_and_the_waiting_request_goes_on(
    now: datetime, staff: Client, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    company = registry.make_company(now, office=registry.make_office(now), email=None)
    key = registry.make_software(now)
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)

    staff.post(reverse("admin:companies_contactemail_add"), {"company": company.pk, "address": "nieuw@example.be"})
    run_reactions()

    assert len(mailoutbox) == 1


def test_staff_close_a_request_with_a_message(staff: Client, world: registry.Connected) -> None:
    waiting = ConnectionRequest.objects.get(state="waiting")
    form = {"action": "close", "_selected_action": [waiting.pk], "closing_message": "Bel ons even."}

    staff.post(reverse("admin:tokens_connectionrequest_changelist"), form)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.closing_message) == ("closed", "Bel ons even.")


def test_staff_send_the_first_member_a_link_and_never_see_it(
    now: datetime, staff: Client, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    company, office = registry.make_company(now), registry.make_office(now, has_member=False)
    run_reactions()
    mailoutbox.clear()

    for model, row in (("companies_company", company), ("accounting_offices_accountingoffice", office)):
        form = {"action": "send_first_member_link", "_selected_action": [row.pk]}
        staff.post(reverse(f"admin:{model}_changelist"), form)
    run_reactions()
    links = list(MailedLink.objects.filter(replaced_at=None))
    pages = staff.get(reverse("admin:users_mailedlink_changelist")).content.decode() + "".join(
        staff.get(reverse("admin:users_mailedlink_change", args=[link.pk])).content.decode() for link in links
    )

    assert sorted(mail.to[0] for mail in mailoutbox) == ["kantoor@example.be", "zaak@example.be"]
    assert [link.made_by.partition(":")[0] for link in links] == ["staff", "staff"]
    assert "zaak@example.be" in pages
    assert not [link for link in links if sign_link(link).rpartition(".")[2] in pages]


def test_people_without_rights_do_not_get_into_the_back_office() -> None:
    nobody, person = Client(), Client()
    person.force_login(registry.make_user("an@example.be"))

    assert nobody.get("/admin/").status_code == 302
    assert "/accounts/login/" in nobody.get("/admin/", follow=True).redirect_chain[-1][0]
    assert "login" in person.get("/admin/", follow=True).request["PATH_INFO"]


def test_a_sign_in_address_is_read_and_not_called_confirmed_by_staff(staff: Client) -> None:
    person = registry.make_user("an@example.be")
    address = EmailAddress.objects.create(user=person, email="ann@example.be", verified=False)
    page = f"/admin/account/emailaddress/{address.pk}/change/"

    read = staff.get(page)
    posted = staff.post(page, {"user": person.pk, "email": "ann@example.be", "verified": "on"})

    assert read.status_code == 200
    assert posted.status_code == 403
    assert not EmailAddress.objects.get(pk=address.pk).verified


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_the_back_office_names_companies_and_people_in_the_readers_language(staff: Client, language: str) -> None:
    staff.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    unnamed = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
        for field in model._meta.local_fields
        if field.is_relation and not isinstance(field.verbose_name, Promise)
    ]

    page = staff.get("/admin/accounting_offices/clientlink/").content.decode()

    assert unnamed == []
    assert {"nl": "Onderneming", "fr": "Entreprise", "de": "Unternehmen"}[language] in page


def test_the_back_office_says_every_code_in_words(staff: Client, world: registry.Connected) -> None:
    staff.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    coded = [field for model in OURS for field in model._meta.local_fields if field.choices]

    page = staff.get(reverse("admin:invoices_invoice_changelist")).content.decode()

    assert [field for field in coded if not isinstance(field, CodeField)] == []
    # In the list, and where one filters it.
    assert '<td class="field-state">acceptée</td>' in page
    assert '?state__exact=rejected">refusée</a>' in page.replace("\n", "").replace("  ", "")
