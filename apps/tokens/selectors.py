"""Who is calling, and where a request or connection stands."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.companies.rules import MemberRole
from apps.core.errors import DomainError, NotFound
from apps.tokens import secrets
from apps.tokens.links import read_withdrawal
from apps.tokens.models import (
    AccessToken,
    Connection,
    ConnectionRequest,
    Credential,
    Software,
    SoftwareKey,
)
from apps.tokens.rules import (
    BankAccess,
    ConnectionState,
    MailsTo,
    RequestState,
    SoftwareState,
    TokenState,
    is_pair_void,
)
from apps.users.models import User


class SoftwareKeyMissing(DomainError):
    """No key came along."""

    code = "software_key_missing"
    sentence = _("Your invoicing software did not identify itself. Ask its maker to set the software key.")


class SoftwareKeyUnknown(DomainError):
    """No such key was given out."""

    code = "software_key_unknown"
    sentence = _("Your invoicing software sent a key that is not known here. Ask its maker to check the software key.")


class SoftwareDisabled(DomainError):
    """The key or its software is disabled."""

    code = "software_disabled"
    sentence = _("Your invoicing software may no longer use this service. Ask its maker what to do.")


class CredentialsMissing(DomainError):
    """A call that needs a login came without one."""

    code = "credentials_missing"
    sentence = _("Sign in with the user name and password of the connection.")


class CredentialsWrong(DomainError):
    """No such user name, or another password: nothing tells which."""

    code = "credentials_wrong"
    sentence = _("The user name or password is wrong. Connect again if you no longer have them.")


class CredentialsReplaced(DomainError):
    """The pair was replaced by a newer one."""

    code = "credentials_void"
    sentence = _("These credentials were replaced by newer ones. Use the newest, or connect again.")


class ConnectionRevoked(DomainError):
    """The connection was ended."""

    code = "connection_revoked"
    sentence = _("This connection was ended. Connect again from your invoicing software.")


class CredentialsOfOtherSoftware(DomainError):
    """The software key and the credentials do not belong together."""

    code = "credentials_other_software"
    sentence = _("These credentials were given to another software.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls the wire API with a login: a software for one company, or an accounting office."""

    credential_id: int
    is_first_use: bool
    software: Software | None
    company: Company | None
    connection: Connection | None
    office: AccountingOffice | None

    @property
    def is_revoked(self) -> bool:
        """Tell whether the caller's connection has been ended: such a caller may only end it again."""
        return self.connection is not None and self.connection.state == ConnectionState.REVOKED

    @property
    def bank_access(self) -> BankAccess:
        """Return what the caller sees of the company's money; an office, all that its mandates give it."""
        return BankAccess(self.connection.bank_access) if self.connection else BankAccess.EVERYTHING

    @property
    def actor(self) -> str:
        """Return who the trail names: `software:<slug>` or `office:<uuid>`."""
        if self.office is not None:
            return f"office:{self.office.uuid}"
        return f"software:{self.software.slug}" if self.software else "software"


def list_live_software() -> QuerySet[Software]:
    """Return the packages that people can use, by name, whatever its capitals."""
    return Software.objects.filter(state=SoftwareState.LIVE).order_by(Lower("name"))


def get_software(*, key: str) -> Software:
    """Return the software that a key identifies.

    :raises SoftwareKeyMissing: :raises SoftwareKeyUnknown: :raises SoftwareDisabled: as they say.
    """
    if not key.strip():
        raise SoftwareKeyMissing
    row = SoftwareKey.objects.select_related("software").filter(key=_parse_key(key)).first()
    if row is None:
        raise SoftwareKeyUnknown
    if row.disabled_at is not None or row.software.state == SoftwareState.DISABLED:
        raise SoftwareDisabled
    return row.software


def authenticate(*, username: str, password: str, key: str, now: datetime, may_be_revoked: bool = False) -> Caller:
    """Return who calls, from a login and a software key, in one query when they belong together.

    An office's software key is optional; when sent, it must be a known one. A connection that has been ended is
    refused unless `may_be_revoked`.

    :raises CredentialsWrong: and the other refusals of this module.
    """
    identified = SoftwareKey.objects.filter(key=_parse_key(key), disabled_at=None).values("software_id")
    credential = (
        Credential.objects.select_related("connection__company", "connection__software", "office")
        .annotate(key_software_id=Subquery(identified))
        .filter(username=username)
        .first()
    )
    if credential is None or not secrets.is_password(password, credential.digest):
        raise CredentialsWrong
    connection = credential.connection
    if connection is None:
        if is_pair_void(voided_at=credential.voided_at, overlap_until=credential.overlap_until, now=now):
            raise CredentialsReplaced
        software = get_software(key=key) if key.strip() else None
        return Caller(credential.pk, credential.first_used_at is None, software, None, None, credential.office)
    if credential.key_software_id != connection.software_id or connection.software.state == SoftwareState.DISABLED:
        # The slow way says exactly what is wrong with the key.
        get_software(key=key)
        raise CredentialsOfOtherSoftware
    if not (may_be_revoked and connection.state == ConnectionState.REVOKED):
        _check_standing(credential, connection, now)
    return Caller(
        credential.pk,
        credential.first_used_at is None,
        connection.software,
        connection.company,
        connection,
        None,
    )


def _check_standing(credential: Credential, connection: Connection, now: datetime) -> None:
    if connection.state == ConnectionState.REVOKED:
        raise ConnectionRevoked
    if is_pair_void(voided_at=credential.voided_at, overlap_until=credential.overlap_until, now=now):
        raise CredentialsReplaced


def get_credential(*, caller: Caller) -> Credential:
    """Return the pair that a caller logged in with."""
    return Credential.objects.get(pk=caller.credential_id)


def list_office_credentials(*, office: AccountingOffice, now: datetime) -> QuerySet[Credential]:
    """Return the pairs of an office that work, the newest first."""
    works = Q(overlap_until=None) | Q(overlap_until__gt=now)
    return office.credentials.filter(works, voided_at=None).order_by("-id")


def _parse_key(key: str) -> UUID:
    """Return the key as a UUID; a text that is none becomes the nil UUID, which is nobody's key."""
    try:
        return UUID(key.strip())
    except ValueError:
        return UUID(int=0)


def get_request_by_withdrawal(*, signed: str) -> ConnectionRequest:
    """Return the request that the signed text of a token mail names.

    :raises NotFound: when the text was not signed here.
    """
    request_uuid = read_withdrawal(signed)
    request = ConnectionRequest.objects.select_related("company", "software").filter(uuid=request_uuid).first()
    if request is None:
        raise NotFound
    return request


def get_visible_request(*, software: Software, request_uuid: UUID) -> ConnectionRequest:
    """Return a request that this software made.

    :raises NotFound: for another software's, as for nothing at all.
    """
    request = ConnectionRequest.objects.select_related("company").filter(uuid=request_uuid, software=software).first()
    if request is None:
        raise NotFound
    return request


def issued_token(*, request: ConnectionRequest) -> AccessToken | None:
    """Return the request's unused token, if one is out."""
    return request.tokens.filter(state=TokenState.ISSUED).first()


def list_connections(*, company: Company) -> QuerySet[Connection]:
    """Return the software that acts or acted for a company, the working ones first, each with its last use."""
    return (
        Connection.objects.filter(company=company)
        .select_related("software")
        .annotate(last_used_at=Max("credentials__last_used_at"))
        .order_by("revoked_at", "-id")
    )


def get_owned_connection(*, viewer: User, company_uuid: UUID, connection_uuid: UUID) -> Connection:
    """Return a live connection of a company that the person owns, its software joined.

    :raises NotFound: for everybody else, members that are no owners included.
    """
    connection = (
        Connection.objects.select_related("software", "company")
        .exclude(state=ConnectionState.REVOKED)
        .filter(
            uuid=connection_uuid,
            company__uuid=company_uuid,
            company__members__user=viewer,
            company__members__role=MemberRole.OWNER,
        )
        .first()
    )
    if connection is None:
        raise NotFound
    return connection


def list_open_requests(*, company: Company) -> QuerySet[ConnectionRequest]:
    """Return the requests of a company that are not over, with their software."""
    return (
        ConnectionRequest.objects.filter(company=company, ended_at=None, activated_at=None)
        .select_related("software")
        .prefetch_related("check_results")
        .order_by("-id")
    )


def get_request_of(*, company: Company, request_uuid: UUID) -> ConnectionRequest:
    """Return one open request of a company, its software joined.

    :raises NotFound: for another company's, and for one that is over.
    """
    request = list_open_requests(company=company).filter(uuid=request_uuid).first()
    if request is None:
        raise NotFound
    return request


def refusal_codes(company_ids: Collection[int]) -> dict[int, str]:
    """Return why the oldest waiting request of each of some companies waits; absent when none does."""
    waiting = ConnectionRequest.objects.filter(company_id__in=company_ids, state=RequestState.WAITING)
    return dict(waiting.order_by("company_id", "-id").values_list("company_id", "refusal_code"))


def list_mails_to(*, address: str, since: datetime, until: datetime, shown: int = 20) -> MailsTo:
    """Return what was sent to an address after `since`: companies as (number, name, codes), busiest first."""
    tokens = AccessToken.objects.filter(sent_to__iexact=address, issued_at__gt=since, issued_at__lte=until)
    rows = list(
        tokens.values_list("company__enterprise_number", "company__name", "company__language")
        .annotate(codes=Count("pk"))
        .order_by("-codes", "company__name")
    )
    languages = Counter[str]()
    for _number, _name, language, codes in rows:
        languages[language] += codes
    return MailsTo(
        count=languages.total(),
        companies=[(number, name, codes) for number, name, _language, codes in rows[:shown]],
        more_companies=max(0, len(rows) - shown),
        language=languages.most_common(1)[0][0] if rows else "nl",
        oldest_at=tokens.aggregate(oldest=Min("issued_at"))["oldest"] or until,
    )
