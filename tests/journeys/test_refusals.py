"""Each refusal of a connection cures itself: refused as data, cured by whoever acts, mailed by itself, connected."""

import base64
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from apps.tokens.rules import Check
from tests.factories.numbers import make_enterprise_number
from tests.journeys.callers import Staff, Wire, software, staff_of
from tests.journeys.instances import ENGINES, WEBHOOK_SECRET, Instance, eventually, running_instance
from tests.journeys.mail import mails_to, tokens_in
from tests.support.mail_server import MailServer, mail_server

LANGUAGES = ("nl", "fr", "en", "de")
# How the subject of a token's mail begins.
SUBJECTS = {"nl": "Uw code", "fr": "Votre code", "en": "Your code", "de": "Ihr Code"}
KEYS = {
    "detail", "code", "title", "cause", "remedy", "actor", "contact", "message", "request", "retryable",
}  # fmt: skip
SENTENCES = ("detail", "cause", "remedy", "message")


@dataclass
class Scene:
    """One company that wants to connect, and everybody around it."""

    instance: Instance
    world: dict[str, Any]
    wire: Wire
    staff: Staff
    company: dict[str, Any]
    mail_server: MailServer | None = None

    @property
    def number(self) -> str:
        """Return the company's enterprise number."""
        return str(self.company["enterprise_number"])

    @property
    def address(self) -> str:
        """Return the company's e-mail address."""
        return str(self.company["email"])

    def mails(self) -> list[Any]:
        """Return the company's mails."""
        return mails_to(self.instance, self.address)

    def request(self, request_id: str) -> dict[str, Any]:
        """Return what the software is told of a request."""
        status, body = self.wire.call("GET", f"connection-requests/{request_id}/")
        assert status == 200
        return dict(body)

    def cases(self, code: str, **filters: str) -> list[dict[str, str]]:
        """Return the company's cases with a cause, as staff see them, the newest first."""
        own = (self.number, self.address)
        return [row for sought in own for row in self.staff.rows(CASES, sought, code=code, **filters)]


CASES = "tokens/nonactivationcase"


def import_clients(scene: Scene, folder: Path) -> None:
    """As the company's accounting office: import the list of clients, with this company on it."""
    path = folder / "clients.csv"
    fields = (scene.number, scene.company["name"], scene.address, scene.company["language"])
    path.write_text("Ondernemingsnummer;Naam;E-mail;Taal\n" + ";".join(fields) + "\n", encoding="utf-8")
    office = next(o for o in scene.world["offices"] if o["username"])
    imported = scene.instance.manage("import_clients", office["enterprise_number"], str(path))
    assert imported.returncode == 0, imported.stdout + imported.stderr


def mark_active(scene: Scene, _folder: Path) -> None:
    """As staff, told by the office: the company is active after all."""
    scene.staff.act("companies/company", scene.number, "mark_active")


def approve_the_office(scene: Scene, _folder: Path) -> None:
    """As staff: approve the office that applied."""
    office = next(o for o in scene.world["offices"] if o["name"] == scene.company["office"])
    scene.staff.act("accounting_offices/accountingoffice", office["enterprise_number"], "approve")


def put_an_address_on_file(scene: Scene, _folder: Path) -> None:
    """As staff, asked by the company: fill in its address."""
    (company,) = scene.staff.rows("companies/company", scene.number)
    scene.staff.send("/admin/companies/contactemail/add/", company=company["id"], address=scene.address)


def let_the_mail_bounce(scene: Scene) -> None:
    """As the mail service: report that the token's mail came back."""
    assert scene.wire.request_token(scene.number)[0] == 201
    (mail,) = eventually(scene.mails)
    token = mail["Message-ID"].strip("<>").partition("@")[0]
    report = {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": 1, "MessageID": "m", "Email": scene.address,
        "BouncedAt": "2026-11-25T09:31:00Z", "Metadata": {"token": token},
    }  # fmt: skip
    login = base64.b64encode(WEBHOOK_SECRET.encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
    hook = f"{scene.instance.base}/anymail/postmark/tracking/"
    with urllib.request.urlopen(urllib.request.Request(hook, json.dumps(report).encode(), headers)) as answer:
        assert answer.status == 200


def say_that_the_address_works(scene: Scene, _folder: Path) -> None:
    """As staff, after a call with the company: its address works again."""
    scene.staff.act("companies/contactemail", scene.number, "clear_bounce")


def let_the_mail_server_fail(scene: Scene) -> None:
    """As another company: have a token's mail refused, until that is on record."""
    other = next(c for c in scene.world["companies"] if c["scenario"] == "ready" and c != scene.company)
    assert scene.wire.request_token(other["enterprise_number"])[0] == 201
    eventually(lambda: any(int(row["attempts"]) for row in scene.staff.rows("events/pendingreaction")))


def open_the_mail_server(scene: Scene, _folder: Path) -> None:
    """As the mail server: take messages again."""
    assert scene.mail_server
    scene.mail_server.is_open = True


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What product and people do about one refusal."""

    status: int
    actor: str
    contact: str
    company: Callable[[dict[str, Any]], dict[str, Any]]
    language: str
    software: str
    cure: Callable[[Scene, Path], None]
    begin: Callable[[Scene], None] | None = None
    opens_a_case: bool = True


def _of_scenario(scenario: str, place: int = 0, **more: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def choose(world: dict[str, Any]) -> dict[str, Any]:
        fitting = [company for company in world["companies"] if company["scenario"] == scenario]
        return {**fitting[place], **more}

    return choose


def _unknown(_world: dict[str, Any]) -> dict[str, Any]:
    number, name = make_enterprise_number("01029001"), "Fenster Müller GmbH"
    return {
        "enterprise_number": number,
        "name": name,
        "email": "post@mueller.example",
        "office": None,
        "language": "de",
    }


JOURNEYS = {
    Check.COMPANY_KNOWN: Journey(
        status=404, actor="company", contact="accounting_office", software="bouwsoft",
        company=_unknown, language="de", cure=import_clients,
    ),
    Check.COMPANY_ACTIVE: Journey(
        status=409, actor="company", contact="accounting_office", software="zenfactuur",
        company=_of_scenario("company_inactive"), language="nl", cure=mark_active,
    ),
    Check.OFFICE_LINKED: Journey(
        status=409, actor="company", contact="accounting_office", software="club-planner",
        company=_of_scenario("no_accounting_office", language="nl"), language="nl", cure=import_clients,
    ),
    Check.OFFICE_IS_CLIENT: Journey(
        status=409, actor="accounting_office", contact="accounting_office", software="comanage",
        company=_of_scenario("office_not_client"), language="fr", cure=approve_the_office,
    ),
    Check.EMAIL_KNOWN: Journey(
        status=409, actor="company", contact="support", software="facturalia",
        company=_of_scenario("email_unknown", email="post@schilderwerken-claes.example"), language="nl",
        cure=put_an_address_on_file,
    ),
    Check.EMAIL_DELIVERABLE: Journey(
        status=409, actor="company", contact="support", software="idloom",
        company=_of_scenario("ready", 5), language="fr", begin=let_the_mail_bounce, cure=say_that_the_address_works,
    ),
    Check.MAIL_AVAILABLE: Journey(
        status=503, actor="us", contact="us", software="simplybooks",
        company=_of_scenario("ready", 3), language="de", begin=let_the_mail_server_fail, cure=open_the_mail_server,
        opens_a_case=False,
    ),
}  # fmt: skip


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """Return the service that a refusal's journey needs, with its company."""
    check: Check = request.param
    journey = JOURNEYS[check]
    server: MailServer | None = None
    if check is Check.MAIL_AVAILABLE:
        instance, server = request.getfixturevalue("instance_without_mail")
        world = instance.demo()
    else:
        instance, world = request.getfixturevalue("instance"), request.getfixturevalue("world")
    wire = software(instance, world, journey.software)
    return Scene(instance, world, wire, staff_of(instance, world), journey.company(world), server)


@pytest.fixture(scope="module")
def instance_without_mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, MailServer]]:
    """Return a service whose mail server has not taken a message yet."""
    data = tmp_path_factory.mktemp("mailing") / "data"
    with mail_server(data / "mail", is_open=False) as server:
        variables = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(server.port),
        }
        with running_instance(data, without=ENGINES, variables=variables) as running:
            yield running, server


def test_every_refusal_of_a_check_has_its_journey() -> None:
    assert list(JOURNEYS) == list(Check)


@pytest.mark.parametrize(("scene", "check"), [(check, check) for check in Check], indirect=["scene"])
def test_a_refused_company_connects_by_itself_once_its_cause_is_cured(
    scene: Scene, check: Check, tmp_path: Path
) -> None:
    journey = JOURNEYS[check]
    if journey.begin:
        journey.begin(scene)
    mailed_before = len(scene.mails())

    request_id = _is_refused_as_data(scene, check, journey)
    _waits_visibly(scene, check, journey, request_id)
    journey.cure(scene, tmp_path)
    mail = eventually(lambda: scene.mails()[mailed_before:])[0]

    eventually(partial(_is_told_of_the_token, scene, request_id))
    assert str(mail["Subject"]).strip().startswith(SUBJECTS[journey.language])
    _connects(scene, tokens_in(mail)[0], request_id)
    _has_cases(scene, check, journey, "resolved")
    assert len(scene.mails()) == mailed_before + 1


def _is_refused_as_data(scene: Scene, check: Check, journey: Journey) -> str:
    """Ask in each language; return the request, which is one and the same."""
    bodies = []
    for language in LANGUAGES:
        scene.wire.speak(language)
        status, body = scene.wire.request_token(scene.number)
        assert (status, body["code"], body["actor"]) == (journey.status, check.value, journey.actor)
        bodies.append(body)
    for body in bodies:
        _explains_itself(scene, body, journey)
    for name in ("title", *SENTENCES):
        assert len({body[name] for body in bodies}) == len(LANGUAGES), name
    assert len({body["contact"]["name"] for body in bodies}) == len(LANGUAGES)
    (request_id,) = {body["request"]["id"] for body in bodies}
    return str(request_id)


def _explains_itself(scene: Scene, body: dict[str, Any], journey: Journey) -> None:
    assert set(body) >= KEYS
    assert body["retryable"] is True
    reference = body["request"]
    assert reference["state"] == "waiting"
    assert reference["url"] == f"{scene.instance.base}/v2/connection-requests/{reference['id']}/"
    for name in SENTENCES:
        assert body[name].endswith((".", "?")), body[name]
    shown = json.dumps(body, ensure_ascii=False)
    assert not any(mark in shown for mark in ("%(", "%s", "{{"))
    if journey.actor != "us":
        written = f"{scene.number[:4]}.{scene.number[4:7]}.{scene.number[7:]}"
        assert written in body["message"]
    assert ("email" in body["contact"]) == (journey.contact in {"support", "us"})
    names = [office["name"] for office in scene.world["offices"]]
    names += [login["email"] for login in scene.world["logins"]]
    assert not any(name in shown for name in (*names, scene.company["name"], scene.address))


def _waits_visibly(scene: Scene, check: Check, journey: Journey, request_id: str) -> None:
    told = scene.request(request_id)
    assert (told["state"], told["refusal"]["code"], told["token_expires_at"]) == ("waiting", check.value, None)
    _has_cases(scene, check, journey, "open")


def _has_cases(scene: Scene, check: Check, journey: Journey, state: str) -> None:
    in_state = scene.cases(check.value, state__exact=state)
    assert len(scene.cases(check.value)) == len(in_state) == journey.opens_a_case


def _is_told_of_the_token(scene: Scene, request_id: str) -> bool:
    told = scene.request(request_id)
    assert told["state"] in {"sending", "token_sent"}
    assert told["refusal"] is None
    assert told["token_expires_at"]
    return bool(told["state"] == "token_sent")


def _connects(scene: Scene, token: str, request_id: str) -> None:
    status, pair = scene.wire.call("GET", f"get-credentials/{token}/")
    assert status == 200
    scene.wire.sign_in(pair)
    status, connection = scene.wire.call("GET", "connection/")
    assert (status, connection["state"], connection["refusal"]) == (200, "active", None)
    assert connection["company"]["enterprise_number"] == f"BE{scene.number}"
    assert scene.request(request_id)["state"] == "activated"
