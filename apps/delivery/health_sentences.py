"""What the diagnosis of an account says to its reader, in the active language: one source for every page.

What and why are facts, the same for everybody; who acts and what they do is said as the reader stands to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from apps.delivery.account_facts import Examined
from apps.statements.health.diagnosis import Actor, DiagnosisCode

Sentence = str | Promise
Write = Callable[[date | datetime | int | str], str]


class Reader(StrEnum):
    """Who reads it."""

    COMPANY = "company"
    OFFICE = "office"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Told:
    """A diagnosis in words: what it is, why, who acts next, what they do, and what follows then."""

    what: str
    why: str
    who: str
    action: str
    follows: str


_WHAT: Final[Mapping[DiagnosisCode, Sentence]] = {
    DiagnosisCode.MANDATE_MISSING: _("There is no mandate for this account"),
    DiagnosisCode.MANDATE_REQUESTED: _("The mandate for this account is not signed yet"),
    DiagnosisCode.MANDATE_SIGNED: _("The mandate is signed, and the bank must still begin"),
    DiagnosisCode.MANDATE_REFUSED: _("The mandate for this account was refused"),
    DiagnosisCode.MANDATE_ENDED: _("The mandate for this account ended on %(ends_on)s"),
    DiagnosisCode.HELD: _("Statement %(number)s of %(day)s is held"),
    DiagnosisCode.UNROUTED: _("Statement %(number)s of %(day)s could not be assigned yet"),
    DiagnosisCode.NOT_FETCHED: _("Statements wait to be fetched by %(consumer)s: %(count)s"),
    DiagnosisCode.BANK_LATE: _("%(bank)s is late for everyone"),
    DiagnosisCode.ACCOUNT_LATE: _("The statement of %(day)s has not come"),
    DiagnosisCode.NEVER_CAME: _("No statement of this account ever came"),
    DiagnosisCode.QUIET: _("No movements since %(day)s"),
    DiagnosisCode.TOO_EARLY: _("It is too early to tell"),
    DiagnosisCode.WELL: _("All is well: everything up to %(day)s is here"),
}
_WHY: Final[Mapping[DiagnosisCode, Sentence]] = {
    DiagnosisCode.MANDATE_MISSING: _("A bank delivers statements only for an account with a signed mandate."),
    DiagnosisCode.MANDATE_REQUESTED: _("The bank delivers statements once the mandate is signed."),
    DiagnosisCode.MANDATE_SIGNED: _("%(bank)s needs some days to begin delivering."),
    DiagnosisCode.MANDATE_REFUSED: _("A signer or the bank refused it."),
    DiagnosisCode.MANDATE_ENDED: _("From that day on the bank delivers no statements."),
    DiagnosisCode.HELD: _("Its own figures contradict each other, so money could be missing in it."),
    DiagnosisCode.UNROUTED: _("It came, but for its day no mandate was in force, or the account was not known here."),
    DiagnosisCode.NOT_FETCHED: _("They lie ready here, and nothing was fetched for more than two bank days."),
    DiagnosisCode.BANK_LATE: _("Of %(owed)s accounts at %(bank)s that should have a statement by now, %(late)s wait."),
    DiagnosisCode.ACCOUNT_LATE: _("It is usually here by %(usually)s, and %(bank)s is not late for everyone."),
    DiagnosisCode.NEVER_CAME: _(
        "The mandate is in force since %(starts_on)s. Nothing moved on the account, or the bank delivers nothing."
    ),
    DiagnosisCode.QUIET: _(
        "This account has statements only when something moves. %(silence)s bank days without any is long for it: the "
        "longest until now was %(longest)s."
    ),
    DiagnosisCode.TOO_EARLY: _("The rhythm of an account shows from four statements on. Until now %(count)s came."),
    DiagnosisCode.WELL: _("The next one is usually here by %(expected)s."),
}
_WHY_WITHOUT_RHYTHM: Final = _("This account has statements only when something moves, so none is late.")
_SIGNER: Final = _("Still to sign: %(signer)s.")
_REASON: Final = _("Reason given: %(reason)s.")
_NOTHING: Final = _("You need to do nothing.")
_BY_ITSELF: Final = _("The next statement appears here by itself.")
_ONCE_IN_FORCE: Final = _("Once a mandate is in force, statements come by themselves.")

_FOLLOWS: Final[Mapping[DiagnosisCode, Sentence]] = {
    DiagnosisCode.HELD: _("A whole statement from the bank takes its place by itself. Later ones come in meanwhile."),
    DiagnosisCode.UNROUTED: _("Once its mandate is known, it appears here by itself."),
    DiagnosisCode.NOT_FETCHED: _("Nothing is lost: everything stays ready until it is fetched."),
    DiagnosisCode.BANK_LATE: _("Everything comes in by itself once the bank delivers."),
    DiagnosisCode.ACCOUNT_LATE: _("When it comes, it takes its place by itself."),
    DiagnosisCode.NEVER_CAME: _("Statements appear here once the bank delivers."),
    DiagnosisCode.QUIET: _BY_ITSELF,
    DiagnosisCode.TOO_EARLY: _BY_ITSELF,
    DiagnosisCode.WELL: _BY_ITSELF,
}
_ACTIONS: Final[Mapping[DiagnosisCode, Mapping[Reader, Sentence]]] = {
    DiagnosisCode.MANDATE_MISSING: {
        Reader.COMPANY: _("Ask your accounting office for a mandate, and sign it."),
        Reader.OFFICE: _("Have a mandate made for this account, and let your client sign it."),
        Reader.STAFF: _("Nothing, until the company or its office asks for a mandate."),
    },
    DiagnosisCode.MANDATE_REQUESTED: {
        Reader.COMPANY: _("Have the mandate signed by everybody who must sign."),
        Reader.OFFICE: _("Remind your client to sign the mandate."),
        Reader.STAFF: _("Nothing, until it is signed."),
    },
    DiagnosisCode.MANDATE_SIGNED: {Reader.STAFF: _("Ask %(bank)s when it begins, if this lasts for more than a week.")},
    DiagnosisCode.MANDATE_REFUSED: {
        Reader.COMPANY: _("Look at the reason, and ask your accounting office for a new mandate."),
        Reader.OFFICE: _("Look at the reason with your client, and have a new mandate made."),
        Reader.STAFF: _("Nothing, until a new mandate is asked for."),
    },
    DiagnosisCode.MANDATE_ENDED: {
        Reader.COMPANY: _("If statements should go on coming, ask your accounting office for a new mandate."),
        Reader.OFFICE: _("If you go on booking this account, have a new mandate made and signed."),
        Reader.STAFF: _("Nothing, until a new mandate is asked for."),
    },
    DiagnosisCode.HELD: {
        Reader.COMPANY: _("You need to do nothing. We look into it, and ask the bank for a whole one."),
        Reader.OFFICE: _("You need to do nothing. We look into it, and ask the bank for a whole one."),
        Reader.STAFF: _("Look at its findings. Ask %(bank)s for a new file, or release it with a reason."),
    },
    DiagnosisCode.UNROUTED: {
        Reader.COMPANY: _("You need to do nothing. We find out where it belongs."),
        Reader.OFFICE: _("You need to do nothing. We find out where it belongs."),
        Reader.STAFF: _("Compare its day with those of the mandate, and have the mandate corrected."),
    },
    DiagnosisCode.NOT_FETCHED: {
        Reader.COMPANY: _("Look in %(consumer)s whether it still fetches, or ask its helpdesk."),
        Reader.OFFICE: _("Look in %(consumer)s whether it still fetches, or have your client look."),
        Reader.STAFF: _("Ask the maker of %(consumer)s whether fetching fails there."),
    },
    DiagnosisCode.BANK_LATE: {Reader.STAFF: _("Ask %(bank)s what is going on, if it lasts.")},
    DiagnosisCode.ACCOUNT_LATE: {
        Reader.COMPANY: _("You need to do nothing. If it does not come, we ask the bank."),
        Reader.OFFICE: _("You need to do nothing. If it does not come, we ask the bank."),
        Reader.STAFF: _("Ask %(bank)s for the statement of %(day)s."),
    },
    DiagnosisCode.NEVER_CAME: {
        Reader.COMPANY: _("If money moved on the account, ask %(bank)s whether it delivers CODA."),
        Reader.OFFICE: _("If money moved on the account, let your client ask %(bank)s whether it delivers CODA."),
        Reader.STAFF: _("Ask %(bank)s whether the mandate has arrived there."),
    },
    DiagnosisCode.QUIET: {
        Reader.COMPANY: _("You need to do nothing. If money did move, tell our helpdesk."),
        Reader.OFFICE: _("You need to do nothing. If money did move, tell our helpdesk."),
    },
}
# An account goes on well after a gap, and yet not everything is there.
_WELL_BUT: Final = _("Statements came up to %(day)s, but between them something is missing")
_DOES_NOT_JOIN: Final = _("A number was skipped, or a balance does not begin where the one before ended.")
_ASK_FOR_IT: Final[Mapping[Reader, Sentence]] = {
    Reader.COMPANY: _("Ask %(bank)s for what is missing. What that is stands below."),
    Reader.OFFICE: _("Let your client ask %(bank)s for what is missing. What that is stands below."),
    Reader.STAFF: _("Ask %(bank)s for what is missing. What that is stands below."),
}
_COMPANY: Final[Mapping[Reader, Sentence]] = {
    Reader.COMPANY: _("Your company"),
    Reader.OFFICE: _("Your client, with you"),
    Reader.STAFF: _("The company, with its office"),
}
_US: Final[Mapping[Reader, Sentence]] = {
    Reader.COMPANY: _("Our staff"), Reader.OFFICE: _("Our staff"), Reader.STAFF: _("You, our staff"),
}  # fmt: skip


def tell(examined: Examined, *, reader: Reader, write: Write, is_gapless: bool = True) -> Told:
    """Say a diagnosis to a reader; `write` puts days, instants and numbers in the reader's way of writing.

    Of a series that is not `is_gapless` nobody reads that all is well.
    """
    diagnosis = examined.health.diagnosis
    named = {name: write(value) for name, value in diagnosis.facts.items()} | {"bank": examined.bank.name}
    code = diagnosis.code
    if code is DiagnosisCode.WELL and not is_gapless:
        return Told(
            what=str(_WELL_BUT) % named,
            why=str(_DOES_NOT_JOIN),
            who=str((_US if reader is Reader.STAFF else _COMPANY)[reader]),
            action=str(_ASK_FOR_IT[reader]) % named,
            follows=str(_FOLLOWS[DiagnosisCode.ACCOUNT_LATE]),
        )
    return Told(
        what=str(_WHAT[code]) % named,
        why=_why(code, named),
        who=_who(diagnosis.actor, reader, named),
        action=str(_ACTIONS.get(code, {}).get(reader, _NOTHING)) % named,
        follows=str(_FOLLOWS.get(code, _ONCE_IN_FORCE)),
    )


def _why(code: DiagnosisCode, named: Mapping[str, str]) -> str:
    if code is DiagnosisCode.WELL and "expected" not in named:
        return str(_WHY_WITHOUT_RHYTHM)
    sentences = [str(_WHY[code]) % named]
    if named.get("signer") and code is DiagnosisCode.MANDATE_REQUESTED:
        sentences.append(str(_SIGNER) % named)
    if named.get("reason"):
        sentences.append(str(_REASON) % {"reason": named["reason"].rstrip(".")})
    return " ".join(sentences)


def _who(actor: Actor, reader: Reader, named: Mapping[str, str]) -> str:
    if actor is Actor.BANK:
        return named["bank"]
    if actor is Actor.CONSUMER:
        return named["consumer"]
    if actor is Actor.COMPANY:
        return str(_COMPANY[reader])
    return str(_US[reader]) if actor is Actor.US else now_("Nobody")
