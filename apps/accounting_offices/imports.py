"""Importing an accounting office's clients as a job: batch after batch, each in a transaction of its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import IntegrityError

from apps.accounting_offices.client_files import FileUnreadable, read_table
from apps.accounting_offices.client_rows import ClientRow, ColumnMissing, Line, Mapping, read_lines
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import CLIENT_IMPORT, LinkState
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

BATCH: Final = 500
ATTEMPTS: Final = 5


@dataclass(slots=True)
class Known:
    """What the registry holds about the numbers of one batch."""

    companies: dict[str, Company]
    former_numbers: set[str]
    contacts: dict[int, ContactEmail]
    links: dict[int, list[ClientLink]]


def create_client_import(
    *, office_uuid: UUID, content: bytes, mapping: Mapping, is_dry_run: bool, actor: str, now: datetime
) -> Job:
    """Queue the import of a list of clients; a dry run reports every line and writes nothing of them.

    :raises NotFound: when there is no such office.
    """
    if not AccountingOffice.objects.filter(uuid=office_uuid).exists():
        raise NotFound
    parameters = {"office": str(office_uuid), "mapping": dict(mapping), "dry_run": is_dry_run}
    return jobs.create_job(
        kind=CLIENT_IMPORT, content=content, parameters=parameters, subject_uuid=office_uuid, actor=actor, now=now
    )


def run_client_import(*, job_uuid: UUID, read_clock: Callable[[], datetime], batches: int | None = None) -> Job:
    """Run the import, or go on after the last batch that was committed; an ended job is returned as it is.

    One at a time works on a job; a killed one leaves it to the next. The clock is read once a batch, since a run may
    take minutes. `batches` ends the run early.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    with jobs.hold_job(job_uuid=job_uuid) as held:
        if held.state not in {JobState.QUEUED, JobState.RUNNING}:
            return held
        try:
            lines = read_lines(read_table(read_bytes(held.input)), held.parameters["mapping"])
        except (FileUnreadable, ColumnMissing) as error:
            return jobs.fail_job(job_uuid=job_uuid, error=failure_of(error), actor=held.actor, now=read_clock())
        job = jobs.start_job(job_uuid=job_uuid, total=len(lines), actor=held.actor, now=read_clock())
        done = 0
        while job.state == JobState.RUNNING and (batches is None or done < batches):
            job = _run_batch(job_uuid, lines, read_clock())
            done += 1
        return job


def failure_of(error: FileUnreadable | ColumnMissing) -> dict[str, str]:
    """Return why a list cannot be read at all, as data."""
    if isinstance(error, ColumnMissing):
        return {"code": error.code, "column": error.column[:100], "found": error.found[:500]}
    return {"code": error.code, "detail": str(error)[:200]}


def _run_batch(job_uuid: UUID, lines: Sequence[Line], now: datetime) -> Job:
    """Do the next batch; one that meets a row which somebody else has just written is planned anew."""
    work = partial(_try_batch, now=now)
    for _attempt in range(ATTEMPTS):
        try:
            return jobs.do_next_batch(job_uuid=job_uuid, items=lines, size=BATCH, work=work, now=now)
        except IntegrityError as error:
            clash = error
    raise clash


def _try_batch(job: Job, batch: Sequence[Line], *, now: datetime) -> Job:
    office = AccountingOffice.objects.get(uuid=job.parameters["office"])
    planner = Planner(office, _read_known([line.row.number for line in batch if line.row]), now)
    planner.plan(batch)
    if not job.parameters["dry_run"]:
        _write(planner, actor=job.actor)
    return jobs.report_progress(job_uuid=job.uuid, lines=len(batch), problems=planner.problems, counts=planner.counts)


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


class Planner:
    """Plans one batch of an office's clients against what is known of them; writes nothing."""

    def __init__(self, office: AccountingOffice, known: Known, now: datetime) -> None:
        self.office, self.known, self.now = office, known, now
        self.companies: list[Company] = []
        self.renamed: list[Company] = []
        self.contacts: list[ContactEmail] = []
        self.links: list[ClientLink] = []
        self.relinked: list[ClientLink] = []
        self.news: list[News] = []
        self.problems: list[LineProblem] = []
        self.counts: Counter[str] = Counter()

    def plan(self, batch: Sequence[Line]) -> None:
        """Plan every line, and count what becomes of it."""
        for line in batch:
            self.problems += [LineProblem(line.line, problem.code, problem.params) for problem in line.problems]
            self.counts[self._plan_line(line)] += 1

    def _plan_line(self, line: Line) -> str:
        row = line.row
        if row is None:
            return "refused"
        if row.number in self.known.former_numbers:
            self._tell(line, "number_former", number=row.number)
            return "refused"
        company = self.known.companies.get(row.number)
        if company is None:
            return self._plan_new(line, row)
        return self._plan_known(line, row, company)

    def _plan_new(self, line: Line, row: ClientRow) -> str:
        company = Company(
            enterprise_number=row.number,
            name=row.name,
            language=row.language or self.office.language,
            created_at=self.now,
        )
        self.companies.append(company)
        self._record("company.registered", company)
        if row.email:
            self._put_contact(company, row.email)
        else:
            self._tell(line, "email_missing")
        self._start_link(company, row, row.starts_on or brussels_day(self.now))
        return "created"

    def _plan_known(self, line: Line, row: ClientRow, company: Company) -> str:
        current = self._current(company)
        if current and current.office_id != self.office.pk:
            return self._plan_claim(line, row, company)
        if current is None and not self._plan_start(line, row, company):
            return "refused"
        changed = current is None
        if current and row.client_code and current.client_code != row.client_code:
            current.client_code = row.client_code
            self.relinked.append(current)
            changed = True
        changed |= self._plan_name(row, company)
        changed |= self._plan_contact(line, row, company)
        return "updated" if changed else "unchanged"

    def _plan_claim(self, line: Line, row: ClientRow, company: Company) -> str:
        """Let the office's claim wait beside the current link, of which nothing is said or changed."""
        self._tell(line, "claimed", number=row.number)
        if self._own_claim(company) is None:
            link = ClientLink(
                company=company,
                office=self.office,
                client_code=row.client_code,
                state=LinkState.CLAIMED,
                claimed_at=self.now,
                claimed_from=row.starts_on,
            )
            self.links.append(link)
            self._record("client_link.claimed", company, link=str(link.uuid), office=str(self.office.uuid))
        return "claimed"

    def _plan_start(self, line: Line, row: ClientRow, company: Company) -> bool:
        """Start a link after those that ended; a day that another link holds is a problem."""
        ended = (link.ends_on for link in self._links(company) if link.starts_on and link.ends_on)
        free_from = max(ended, default=date.min)
        if row.starts_on and row.starts_on < free_from:
            self._tell(line, "client_links_overlap", free_from=free_from.isoformat())
            return False
        self._start_link(company, row, row.starts_on or max(brussels_day(self.now), free_from))
        return True

    def _start_link(self, company: Company, row: ClientRow, starts_on: date) -> None:
        claim = self._own_claim(company)
        link = claim or ClientLink(company=company, office=self.office, claimed_at=self.now)
        # A claim that becomes current keeps its code when the line has none.
        link.state, link.starts_on, link.client_code = LinkState.CURRENT, starts_on, row.client_code or link.client_code
        (self.relinked if claim else self.links).append(link)
        particulars = {"link": str(link.uuid), "office": str(self.office.uuid), "starts_on": starts_on.isoformat()}
        self._record("client_link.started", company, **particulars)

    def _plan_name(self, row: ClientRow, company: Company) -> bool:
        language = row.language or company.language
        if (company.name, company.language) == (row.name, language):
            return False
        company.name, company.language = row.name, language
        self.renamed.append(company)
        return True

    def _plan_contact(self, line: Line, row: ClientRow, company: Company) -> bool:
        """Fill in a missing address; another one on file stays, and the line says so."""
        contact = self.known.contacts.get(company.pk)
        if not row.email and contact is None:
            self._tell(line, "email_missing")
        if row.email and contact is None:
            self._put_contact(company, row.email)
            return True
        if row.email and contact and contact.address.casefold() != row.email.casefold():
            self._tell(line, "email_differs", value=row.email)
        return False

    def _put_contact(self, company: Company, address: str) -> None:
        self.contacts.append(
            ContactEmail(company=company, address=address, state=ContactState.ON_FILE, on_file_at=self.now)
        )
        self._record("company.contact_changed", company)

    def _links(self, company: Company) -> list[ClientLink]:
        return self.known.links.get(company.pk, [])

    def _current(self, company: Company) -> ClientLink | None:
        """Return the link that stands: the office's own, also one that ends or starts later, before another's."""
        standing = [link for link in self._links(company) if link.state == LinkState.CURRENT]
        own = (link for link in standing if link.office_id == self.office.pk)
        return next(own, standing[0] if standing else None)

    def _own_claim(self, company: Company) -> ClientLink | None:
        claims = (link for link in self._links(company) if link.state == LinkState.CLAIMED)
        return next((link for link in claims if link.office_id == self.office.pk), None)

    def _tell(self, line: Line, code: str, **params: str) -> None:
        self.problems.append(LineProblem(line.line, code, params))

    def _record(self, name: str, company: Company, **payload: str) -> None:
        self.news.append(News(name, company.uuid, company.uuid, payload, is_quiet=True))


def _write(planner: Planner, *, actor: str) -> None:
    """Write the batch; one event of the office has its waiting requests and connections looked at, not one a client."""
    Company.objects.bulk_create(planner.companies)
    Company.objects.bulk_update(planner.renamed, ["name", "language"])
    ContactEmail.objects.bulk_create(planner.contacts)
    ClientLink.objects.bulk_create(planner.links)
    ClientLink.objects.bulk_update(planner.relinked, ["state", "starts_on", "client_code"])
    if planner.news:
        done = News("accounting_office.clients_imported", planner.office.uuid)
        events.record_many([*planner.news, done], actor=actor, now=planner.now)
