"""Importing an accounting office's clients as a job: batch after batch, each in a transaction of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.accounting_offices.client_files import FileUnreadable, read_table
from apps.accounting_offices.client_rows import ClientRow, ColumnMissing, Line, read_lines
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LinkState
from apps.blobs.selectors import read_bytes
from apps.companies.models import Company, CompanyNumber, ContactEmail
from apps.companies.rules import ContactState, NumberKind
from apps.core.clock import brussels_day
from apps.core.errors import NotFound
from apps.events import services as events
from apps.events.services import News
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState
from apps.jobs.services import LineProblem

KIND: Final = "client_import"
BATCH: Final = 500


@dataclass(slots=True)
class Known:
    """What the registry holds about the numbers of one batch."""

    companies: dict[str, Company]
    former_numbers: set[str]
    contacts: dict[int, ContactEmail]
    links: dict[int, list[ClientLink]]


@dataclass(slots=True)
class Plan:
    """What a batch would write, and what it cannot."""

    companies: list[Company] = field(default_factory=list)
    renamed: list[Company] = field(default_factory=list)
    contacts: list[ContactEmail] = field(default_factory=list)
    links: list[ClientLink] = field(default_factory=list)
    recoded: list[ClientLink] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def create_client_import(
    *, office_uuid: UUID, content: bytes, mapping: dict[str, str], is_dry_run: bool, actor: str, now: datetime
) -> Job:
    """Queue the import of a list of clients; a dry run reports every line and writes nothing of them.

    :raises NotFound: when there is no such office.
    """
    if not AccountingOffice.objects.filter(uuid=office_uuid).exists():
        raise NotFound
    parameters = {"office": str(office_uuid), "mapping": mapping, "dry_run": is_dry_run}
    return jobs.create_job(kind=KIND, content=content, parameters=parameters, actor=actor, now=now)


def run_client_import(*, job_uuid: UUID, now: datetime, batches: int | None = None) -> Job:
    """Run the import, or go on after the last batch that was committed; an ended job is returned as it is.

    Two runs at once do each batch once: a batch takes the job's row first. `batches` ends the run early.
    """
    job = Job.objects.select_related("input").get(uuid=job_uuid)
    if job.state not in {JobState.QUEUED, JobState.RUNNING}:
        return job
    try:
        lines = read_lines(read_table(read_bytes(job.input)), job.parameters["mapping"])
    except (FileUnreadable, ColumnMissing) as error:
        detail = {"code": error.code, "detail": str(error)[:200]}
        return jobs.fail_job(job_uuid=job_uuid, error=detail, actor=job.actor, now=now)
    job = jobs.start_job(job_uuid=job_uuid, total=len(lines), actor=job.actor, now=now)
    done = 0
    while job.state == JobState.RUNNING and (batches is None or done < batches):
        job = _run_batch(job_uuid, lines, now)
        done += 1
    return job


@transaction.atomic
def _run_batch(job_uuid: UUID, lines: Sequence[Line], now: datetime) -> Job:
    job = jobs.lock_job(job_uuid)
    if job.state != JobState.RUNNING:
        return job
    if job.cancel_asked_at:
        return jobs.cancel_job(job_uuid=job_uuid, actor=job.actor, now=now)
    batch = lines[job.processed : job.processed + BATCH]
    if not batch:
        return jobs.finish_job(job_uuid=job_uuid, actor=job.actor, now=now)
    office = AccountingOffice.objects.get(uuid=job.parameters["office"])
    plan = _plan(office, batch, _read_known([line.row.number for line in batch if line.row]), now)
    if not job.parameters["dry_run"]:
        _write(plan, actor=job.actor, now=now)
    return jobs.report_progress(job_uuid=job_uuid, lines=len(batch), problems=plan.problems, counts=plan.counts)


def _read_known(numbers: list[str]) -> Known:
    locked = Company.objects.live().select_for_update(of=("self",), no_key=True).order_by("id")
    companies = {company.enterprise_number: company for company in locked.filter(enterprise_number__in=numbers)}
    ids = [company.pk for company in companies.values()]
    former = CompanyNumber.objects.filter(kind=NumberKind.FORMER, number__in=numbers)
    links: dict[int, list[ClientLink]] = {}
    for link in ClientLink.objects.filter(company__in=ids).order_by("id"):
        links.setdefault(link.company_id, []).append(link)
    return Known(
        companies=companies,
        former_numbers=set(former.values_list("number", flat=True)) - companies.keys(),
        contacts={contact.company_id: contact for contact in ContactEmail.objects.filter(company__in=ids)},
        links=links,
    )


def _plan(office: AccountingOffice, batch: Sequence[Line], known: Known, now: datetime) -> Plan:
    plan = Plan()
    for line in batch:
        plan.problems += [LineProblem(line.line, problem.code, problem.params) for problem in line.problems]
        if line.row is None:
            plan.counts["refused"] += 1
        elif line.row.number in known.former_numbers:
            plan.problems.append(LineProblem(line.line, "number_former", {"number": line.row.number}))
            plan.counts["refused"] += 1
        else:
            plan.counts[_plan_client(plan, office, line.line, line.row, known, now)] += 1
    return plan


def _plan_client(plan: Plan, office: AccountingOffice, line: int, row: ClientRow, known: Known, now: datetime) -> str:
    company = known.companies.get(row.number)
    if company is None:
        return _plan_new(plan, office, row, now)
    links = known.links.get(company.pk, [])
    current = next((link for link in links if link.state == LinkState.CURRENT), None)
    if current and current.office_id != office.pk:
        return _plan_claim(plan, office, line, row, company, links, now)
    if current is None and not _plan_start(plan, office, line, row, company, links, now):
        return "refused"
    changed = current is None
    if current and row.client_code and current.client_code != row.client_code:
        current.client_code = row.client_code
        plan.recoded.append(current)
        changed = True
    changed |= _plan_name(plan, row, company)
    changed |= _plan_contact(plan, line, row, company, known.contacts.get(company.pk), now)
    return "updated" if changed else "unchanged"


def _plan_new(plan: Plan, office: AccountingOffice, row: ClientRow, now: datetime) -> str:
    company = Company(
        enterprise_number=row.number, name=row.name, language=row.language or office.language, created_at=now
    )
    plan.companies.append(company)
    plan.news.append(News("company.registered", company.uuid, company.uuid))
    if row.email:
        _put_contact(plan, company, row.email, now)
    _start(plan, office, company, row, row.starts_on or brussels_day(now), now)
    return "created"


def _plan_claim(
    plan: Plan,
    office: AccountingOffice,
    line: int,
    row: ClientRow,
    company: Company,
    links: Sequence[ClientLink],
    now: datetime,
) -> str:
    """Let the office's claim wait beside the current link, of which nothing is said or changed."""
    plan.problems.append(LineProblem(line, "claimed", {"number": row.number}))
    if not any(link.office_id == office.pk and link.state == LinkState.CLAIMED for link in links):
        link = ClientLink(
            company=company, office=office, client_code=row.client_code, state=LinkState.CLAIMED, claimed_at=now
        )
        plan.links.append(link)
        payload = {"link": str(link.uuid), "office": str(office.uuid)}
        plan.news.append(News("client_link.claimed", company.uuid, company.uuid, payload))
    return "claimed"


def _plan_start(
    plan: Plan,
    office: AccountingOffice,
    line: int,
    row: ClientRow,
    company: Company,
    links: Sequence[ClientLink],
    now: datetime,
) -> bool:
    """Start a link after those that ended; a day that another link holds is a problem."""
    free_from = max((link.ends_on for link in links if link.starts_on and link.ends_on), default=date.min)
    if row.starts_on and row.starts_on < free_from:
        plan.problems.append(LineProblem(line, "client_links_overlap", {"free_from": free_from.isoformat()}))
        return False
    claim = next((link for link in links if link.office_id == office.pk and link.state == LinkState.CLAIMED), None)
    _start(plan, office, company, row, row.starts_on or max(brussels_day(now), free_from), now, claim)
    return True


def _start(
    plan: Plan,
    office: AccountingOffice,
    company: Company,
    row: ClientRow,
    starts_on: date,
    now: datetime,
    claim: ClientLink | None = None,
) -> None:
    link = claim or ClientLink(company=company, office=office, claimed_at=now)
    # A claim that becomes current keeps its code when the line has none.
    link.state, link.starts_on, link.client_code = LinkState.CURRENT, starts_on, row.client_code or link.client_code
    (plan.recoded if claim else plan.links).append(link)
    payload: dict[str, Any] = {"link": str(link.uuid), "office": str(office.uuid), "starts_on": starts_on.isoformat()}
    plan.news.append(News("client_link.started", company.uuid, company.uuid, payload))


def _plan_name(plan: Plan, row: ClientRow, company: Company) -> bool:
    language = row.language or company.language
    if (company.name, company.language) == (row.name, language):
        return False
    company.name, company.language = row.name, language
    plan.renamed.append(company)
    return True


def _plan_contact(
    plan: Plan, line: int, row: ClientRow, company: Company, contact: ContactEmail | None, now: datetime
) -> bool:
    """Fill in a missing address; another one on file stays, and the line says so."""
    if not row.email:
        return False
    if contact is None:
        _put_contact(plan, company, row.email, now)
        return True
    if contact.address.casefold() != row.email.casefold():
        plan.problems.append(LineProblem(line, "email_differs", {"value": row.email}))
    return False


def _put_contact(plan: Plan, company: Company, address: str, now: datetime) -> None:
    plan.contacts.append(ContactEmail(company=company, address=address, state=ContactState.ON_FILE, on_file_at=now))
    plan.news.append(News("company.contact_changed", company.uuid, company.uuid))


def _write(plan: Plan, *, actor: str, now: datetime) -> None:
    Company.objects.bulk_create(plan.companies)
    Company.objects.bulk_update(plan.renamed, ["name", "language"])
    ContactEmail.objects.bulk_create(plan.contacts)
    ClientLink.objects.bulk_create(plan.links)
    ClientLink.objects.bulk_update(plan.recoded, ["state", "starts_on", "client_code"])
    events.record_many(plan.news, actor=actor, now=now)
