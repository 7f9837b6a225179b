"""Why something was refused, as data: one source for the API, the portal, the mails and the back-office.

Codes, actors and order: the product page, "Activation". Each text stands on its own; none names an office or a
person, since the caller has not signed in.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Refusal:
    """The texts of one refusal code. `message` is ready to send to whoever must act (`contact`)."""

    actor: str
    contact: str
    title: Promise
    detail: Promise
    cause: Promise
    remedy: Promise
    message: Promise
    retryable: bool = True


_NEEDS_NOBODY = _("You need to do nothing.")
_TO_VENDOR_KEY = _(
    "Hello, our invoicing software could not reach the service that links it to our accountant: its software key is "
    "missing, unknown or disabled. Could you check the key in the software's settings?"
)
_TO_VENDOR_CALL = _(
    "Hello, our invoicing software sent an incomplete request to the service that links it to our accountant. Could "
    "you check that it sends our enterprise number?"
)
_TO_OFFICE = _(
    "Hello, we want to connect our invoicing software with your office through %(site)s. Our enterprise number is "
    "%(number)s. Could you add us as a client there, with our e-mail address? The connection then continues by itself."
)
_TO_OFFICE_STATE = _(
    "Hello, we want to connect our invoicing software with your office through %(site)s. Our enterprise number "
    "%(number)s is marked there as ceased or blocked. Could you ask their support to correct this? The connection "
    "then continues by itself."
)
_TO_OFFICE_JOIN = _(
    "Hello, we want to connect our invoicing software with your office through %(site)s. Our enterprise number is "
    "%(number)s. Your office is not a client of %(site)s today. Could you join? The connection then continues by "
    "itself."
)
_TO_SUPPORT = _(
    "Hello, we want to connect our invoicing software. Our enterprise number is %(number)s. Could you put our e-mail "
    "address on file? The connection then continues by itself."
)
_TO_SUPPORT_ADDRESS = _(
    "Hello, we want to connect our invoicing software. Our enterprise number is %(number)s. Your e-mails do not reach "
    "us. Could you check the address on file with us? The connection then continues by itself."
)

REFUSALS: Final[dict[str, Refusal]] = {
    "software_key_missing": Refusal(
        "vendor", "vendor",
        _("The software did not say who it is"),
        _("Your invoicing software did not identify itself. Ask its maker to set the software key."),
        _("The request came without a software key."),
        _("The maker of the software sets the key that identifies it."),
        _TO_VENDOR_KEY,
    ),
    "software_key_unknown": Refusal(
        "vendor", "vendor",
        _("The software is not known"),
        _("Your invoicing software sent a key that is not known here. Ask its maker to check the software key."),
        _("The software key is not one that was given out."),
        _("The maker of the software sets the right key."),
        _TO_VENDOR_KEY,
    ),
    "software_disabled": Refusal(
        "vendor", "vendor",
        _("The software is switched off"),
        _("Your invoicing software may no longer use this service. Ask its maker what to do."),
        _("The software or its key is disabled."),
        _("The maker of the software contacts us to have it enabled again."),
        _TO_VENDOR_KEY,
        retryable=False,
    ),
    "malformed_request": Refusal(
        "vendor", "vendor",
        _("The request cannot be read"),
        _("Your invoicing software sent a request that cannot be read. Tell its maker."),
        _("The body of the request is not a JSON object."),
        _("The maker of the software corrects the call."),
        _TO_VENDOR_CALL,
    ),
    "vat_missing": Refusal(
        "vendor", "vendor",
        _("The enterprise number is missing"),
        _("Your invoicing software did not send an enterprise number. Fill it in there, or tell its maker."),
        _("The field \"vat\" is missing or empty."),
        _("The software sends the company's enterprise number in the field \"vat\"."),
        _TO_VENDOR_CALL,
    ),
    "vat_invalid": Refusal(
        "company", "company",
        _("The enterprise number is not possible"),
        _("This is not a possible Belgian enterprise number. Correct it in the settings of your invoicing software."),
        _("The number has not ten digits, or its check digits are wrong."),
        _("Correct the number in your invoicing software and ask again."),
        _("The enterprise number in our invoicing software has a typing error."),
    ),
    "throttled": Refusal(
        "us", "us",
        _("Too many requests"),
        _("A code was asked for too often. Use the newest e-mail, or try again later."),
        _("The limit of e-mails for this company is reached."),
        _("Wait for the time given, then ask again."),
        _NEEDS_NOBODY,
    ),
    "enterprise_unknown": Refusal(
        "company", "accounting_office",
        _("This enterprise number is not known"),
        _(
            "The enterprise number %(number)s is not known here. Ask your accounting office to add your company; "
            "the connection then continues by itself."
        ),
        _("No accounting office has added this company yet."),
        _("Your accounting office adds your company with its enterprise number and e-mail address."),
        _TO_OFFICE,
    ),
    "company_inactive": Refusal(
        "company", "accounting_office",
        _("This company is not active"),
        _("The company %(number)s is registered here as ceased or blocked. Contact your accounting office."),
        _("The company is marked as ceased or blocked."),
        _("Your accounting office has our support correct the state of your company."),
        _TO_OFFICE_STATE,
    ),
    "no_accounting_office": Refusal(
        "company", "accounting_office",
        _("No accounting office is linked"),
        _(
            "The company %(number)s is not linked to an accounting office. Ask your accounting office to add it; "
            "the connection then continues by itself."
        ),
        _("Invoices go to your accounting office, and no office is linked to your company today."),
        _("Your accounting office adds your company to its clients."),
        _TO_OFFICE,
    ),
    "office_not_client": Refusal(
        "accounting_office", "accounting_office",
        _("Your accounting office does not use this service"),
        _(
            "Your accounting office is not a client of this service, so your invoices cannot reach it. Ask your "
            "accounting office; the connection continues by itself once it joins."
        ),
        _("The accounting office of the company %(number)s is not a client today."),
        _("Your accounting office becomes a client."),
        _TO_OFFICE_JOIN,
    ),
    "email_unknown": Refusal(
        "company", "support",
        _("No e-mail address is on file"),
        _(
            "There is no e-mail address on file for the company %(number)s, so no code can be sent. Contact our "
            "support or your accounting office; the code is then sent by itself."
        ),
        _("The code goes to the address on file, and there is none."),
        _("Our support or your accounting office puts your e-mail address on file."),
        _TO_SUPPORT,
    ),
    "email_undeliverable": Refusal(
        "company", "support",
        _("The e-mail address does not work"),
        _(
            "E-mail to the address on file for the company %(number)s does not arrive. Contact our support or your "
            "accounting office to correct it; the code is then sent by itself."
        ),
        _("The last e-mail to the address on file came back, or its reader refused it."),
        _("Our support or your accounting office corrects the e-mail address."),
        _TO_SUPPORT_ADDRESS,
    ),
    "mail_unavailable": Refusal(
        "us", "us",
        _("E-mail cannot be sent at this moment"),
        _("No e-mail can be sent at this moment. The code is sent by itself as soon as it works again."),
        _("Our mail service has not taken any message in the last five minutes."),
        _("We repair the mail service; you need to do nothing."),
        _NEEDS_NOBODY,
    ),
    "connection_suspended": Refusal(
        "accounting_office", "accounting_office",
        _("This connection is suspended"),
        _(
            "The connection with your accounting office is suspended, so invoices cannot be sent. What was delivered "
            "can still be read. Contact your accounting office."
        ),
        _("The link with the accounting office has ended, or the office is no longer a client."),
        _("Once your company is linked to a client office again, the connection resumes by itself."),
        _TO_OFFICE,
    ),
}  # fmt: skip


def title_of(code: str) -> str:
    """Return in short what was refused, in the active language; of a code unknown here, the code."""
    refusal = REFUSALS.get(code)
    return str(refusal.title) if refusal else code


def refusal_body(code: str, *, number: str) -> dict[str, Any]:
    """Return the refusal as data in the active language: detail, title, cause, remedy, actor, contact, message.

    `number` is the enterprise number as people write it (`0123.456.749`), or an empty text when there is none.
    """
    refusal = REFUSALS[code]
    texts = {
        name: str(getattr(refusal, name)) % {"number": number, "site": settings.SITE_NAME}
        for name in ("detail", "title", "cause", "remedy", "message")
    }
    return {
        **texts,
        "code": code,
        "actor": refusal.actor,
        "contact": _contact(refusal.contact),
        "retryable": refusal.retryable,
    }


def _contact(kind: str) -> dict[str, str]:
    names = {
        "vendor": _("the maker of your invoicing software"),
        "company": _("your company"),
        "accounting_office": _("your accounting office"),
        "support": _("our support"),
        "us": _("our support"),
    }
    contact = {"name": str(names[kind])}
    if kind in {"support", "us"}:
        contact |= {"email": settings.SUPPORT_EMAIL, "hours": settings.SUPPORT_HOURS}
    return contact
