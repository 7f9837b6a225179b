"""What findings about banks' files say to people, in their language: what is wrong, what to do, who acts.

The message that a finding keeps is the reader's own, in English: it names lines, numbers and amounts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Actor(StrEnum):
    """Who acts next."""

    NOBODY = "nobody"
    SENDER = "sender"
    BANK = "bank"
    US = "us"


ACTORS: Final[dict[Actor, Promise]] = {
    Actor.NOBODY: _("Nobody"),
    Actor.SENDER: _("Whoever sent the file"),
    Actor.BANK: _("The bank"),
    Actor.US: _("Our support"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a code says: the sentence, the remedy, and who acts."""

    text: str | Promise
    remedy: str | Promise
    actor: Actor


_FROM_THE_BANK: Final = _(
    "Ask the bank to send the statement again. The whole one replaces this one by itself; support can also release it, "
    "giving a reason."
)
_FILE_FROM_THE_BANK: Final = _("Ask the bank for the file again, and send it as the bank made it.")
_NOTHING: Final = _("Nothing needs to be done.")
_REFERENCE: Final = _("Nothing needs to be done. A payment with this reference may not be recognised by itself.")
_PACK_AGAIN: Final = _("Pack the bank's files again as ZIP, or send them unpacked.")
_WITHOUT_LIMITS: Final = _("Send the bank's files in several archives, or unpacked.")


def _held(text: Promise) -> Sentence:
    return Sentence(text, _FROM_THE_BANK, Actor.BANK)


SENTENCES: Final[dict[str, Sentence]] = {
    # What holds a statement.
    "balance_mismatch": _held(_("The movements do not lead from the old balance to the new one.")),
    "record9_count": _held(_("The statement has another number of lines than its last line says.")),
    "record9_debit_total": _held(_("The debits make another total than the statement's last line says.")),
    "record9_credit_total": _held(_("The credits make another total than the statement's last line says.")),
    "missing_record_1": _held(_("The old balance is missing.")),
    "missing_record_8": _held(_("The new balance is missing.")),
    "missing_record_9": _held(_("The statement stops before its end: its last line is missing.")),
    "sequence_gap": _held(_("Movements are missing: their numbers do not follow each other.")),
    "sequence_repeat": _held(_("A movement's number comes twice.")),
    "orphan_record": _held(_("A line belongs to a movement or balance that is not there.")),
    "part_missing": _held(_("A part of a movement is announced and does not come.")),
    "unreadable_amount": _held(_("An amount cannot be read.")),
    "unreadable_sign": _held(_("It cannot be read whether an amount is a debit or a credit.")),
    "unreadable_date": _held(_("The date of a balance or a movement cannot be read.")),
    "account_mismatch": _held(_("The old and the new balance are of different accounts.")),
    "truncated_record": _held(_("A line is cut off.")),
    "unknown_record": _held(_("A line is of a kind that CODA does not know.")),
    "statement_conflict": Sentence(
        _("A statement with this number came before, with other content. The first one stays."),
        _("Compare both with the bank, then choose which one counts."),
        Actor.US,
    ),
    # What quarantines a file.
    "not_coda": Sentence(_("This is not a CODA file."), _("Send the CODA file that the bank made."), Actor.SENDER),
    "missing_record_0": Sentence(
        _("The file lacks the header with which a statement begins."), _FILE_FROM_THE_BANK, Actor.SENDER
    ),
    "version_unsupported": Sentence(
        _("The file is of a version of CODA that is not read; versions 1 and 2 are."), _FILE_FROM_THE_BANK, Actor.BANK
    ),
    # What imports all the same.
    "iban_check_digits": Sentence(
        _("An account number has wrong check digits."),
        _("Nothing needs to be done. A payment from this account may not be recognised by itself."),
        Actor.NOBODY,
    ),
    "communication_check_digits": Sentence(
        _("A structured communication has wrong check digits."), _REFERENCE, Actor.NOBODY
    ),
    "enterprise_number_check_digits": Sentence(
        _("The holder's enterprise number has wrong check digits."), _NOTHING, Actor.NOBODY
    ),
    "link_code": Sentence(
        _("A line announces something else than what follows. No money is concerned."), _NOTHING, Actor.NOBODY
    ),
    "orphan_information": Sentence(
        _("Information belongs to a movement that is not there. It is kept with the statement."),
        _NOTHING,
        Actor.NOBODY,
    ),
    "statement_gap": Sentence(
        _("Statements before this one did not come: the numbers do not follow each other."),
        _("Ask the bank for the missing statements. What came is imported."),
        Actor.BANK,
    ),
    "balance_chain": Sentence(
        _("The old balance is not the new one of the statement before."),
        _("Look whether a statement is missing, and ask the bank for it. What came is imported."),
        Actor.BANK,
    ),
    "value_date_unknown": Sentence(
        _("A value date is missing or impossible; the entry date is there."), _NOTHING, Actor.NOBODY
    ),
    "encoding_guessed": Sentence(
        _("The file is not written in the characters that CODA asks for; accents were guessed."),
        _NOTHING,
        Actor.NOBODY,
    ),
    "resent_duplicate": Sentence(_("The same statement came before. It is not counted twice."), _NOTHING, Actor.NOBODY),
    # Archives.
    "archive_damaged": Sentence(
        _("The archive is damaged and cannot be opened here."),
        _("Send the archive again, or the bank's files unpacked."),
        Actor.SENDER,
    ),
    "archive_empty": Sentence(
        _("The archive holds no files."), _("Pack the bank's files again, and look into the archive."), Actor.SENDER
    ),
    "archive_encrypted": Sentence(
        _("The file opens with a password only."), _("Pack the bank's files without a password."), Actor.SENDER
    ),
    "archive_nested": Sentence(
        _("There is an archive in the archive, which is not opened."),
        _("Send the inner archive by itself."),
        Actor.SENDER,
    ),
    "archive_ratio": Sentence(
        _("The file unpacks to far more than any bank's file does. It was not unpacked."), _PACK_AGAIN, Actor.SENDER
    ),
    "archive_too_large": Sentence(
        _("The archive unpacks to more than is taken at once."), _WITHOUT_LIMITS, Actor.SENDER
    ),
    "archive_too_many_members": Sentence(
        _("The archive holds more files than are taken at once."), _WITHOUT_LIMITS, Actor.SENDER
    ),
    "archive_unsafe_member": Sentence(
        _("The file's name leads out of the archive or hides something, or it is a link. It was not unpacked."),
        _PACK_AGAIN,
        Actor.SENDER,
    ),
    "archive_unsupported": Sentence(
        _("The file is packed in a way that is not opened; ZIP and gzip are."), _PACK_AGAIN, Actor.SENDER
    ),
}

INBOX_TROUBLES: Final[dict[str, Sentence]] = {
    "inbox_not_a_file": Sentence(
        _("This is a folder or a link, which is left alone."),
        _("Put the bank's file itself into the inbox."),
        Actor.SENDER,
    ),
    "inbox_unreadable": Sentence(
        _("The service may not read this file."),
        _("Give the service the right to read it. It is then taken in by itself."),
        Actor.SENDER,
    ),
    "inbox_being_written": Sentence(
        _("A program still writes to this file. It is taken in once it is closed."), _NOTHING, Actor.NOBODY
    ),
    "inbox_read_only": Sentence(
        _("The service may not move files in the inbox, so it takes none in."),
        _("Give the service the right to write in the inbox directory."),
        Actor.US,
    ),
    "inbox_too_large": Sentence(
        _("The file is larger than is taken in at once. Nothing of it was imported."), _WITHOUT_LIMITS, Actor.SENDER
    ),
    "inbox_gave_up": Sentence(
        _("The import stopped several times without an end, and was given up. Our support looks into it."),
        _NOTHING,
        Actor.US,
    ),
}


def sentence_of(code: str, stored: str = "") -> str:
    """Return what a finding says in the active language; of a code unknown here, what was stored."""
    known = SENTENCES.get(code)
    return str(known.text) if known else stored


def remedy_of(code: str) -> str:
    """Return what to do about a finding, in the active language."""
    known = SENTENCES.get(code)
    return str(known.remedy) if known else ""


def actor_of(code: str) -> str:
    """Return who acts next, in the active language."""
    known = SENTENCES.get(code)
    return str(ACTORS[known.actor]) if known else ""
