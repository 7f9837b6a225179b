"""What findings say to people, in their language: the sentence of our own rules, and the remedy of every rule.

An official rule keeps its publisher's sentence, which is English. A remedy is there for each rule that people meet
often, and for every other by its group.
"""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.invoices.checks import OWN_RULES

# Of rules with several causes, `code/reason`.
MESSAGES: Final[dict[str, str | Promise]] = {
    "too_many_lines": _("The document has %(count)s lines; at most %(most)s are judged."),
    "too_many_vat_subtotals": _("The document has %(count)s VAT subtotals; at most %(most)s are judged."),
    "too_many_allowances": _("The document has %(count)s allowances and charges; at most %(most)s are judged."),
    "too_many_elements": _("The document has %(count)s elements; at most %(most)s are judged."),
    "number_missing": _("The document has no invoice number."),
    "ubl_incomplete": _("The document lacks %(element)s, or it cannot be read."),
    "supplier_mismatch": _("The supplier in the document is not the company of this connection (%(number)s)."),
    "self_billed_by_customer": _(
        "This is a self-billed document of another supplier. Only the supplier's own documents are taken."
    ),
    "self_billing_type": _('The document follows the self-billing profile, but its type is "%(type)s".'),
    "issue_date_in_future": _(
        "The issue date %(date)s is later than the day on which the document came in (%(today)s)."
    ),
    "issue_date_long_ago": _("The issue date %(date)s is more than a year before the document came in (%(today)s)."),
    "due_date_before_issue": _("The due date %(due)s is before the issue date %(issued)s."),
    "due_date_far_off": _("The due date %(due)s is more than a year after the issue date %(issued)s."),
    "currency_mixed": _("An amount is in %(written)s, while the document is in %(currency)s."),
    "line_amount_differs": _("The amount of the line is %(written)s; quantity times price gives %(computed)s."),
    "vat_amount_differs": _("The VAT is %(written)s; its rate gives %(computed)s."),
    "iban_check_digits": _("The account %(account)s is not a valid IBAN."),
    "communication_check_digits": _("The structured communication %(reference)s has wrong check digits."),
    "enterprise_number_check_digits": _("%(number)s is not a valid Belgian enterprise number."),
    "vat_not_in_euro": _("The VAT is given in %(currency)s only."),
    "ubl-BE-01": _("UBL.BE wants at least two AdditionalDocumentReference elements; there are %(count)s."),
    "ubl-BE-02": _(
        "UBL.BE wants one AdditionalDocumentReference described as CommercialInvoice or CreditNote; there are "
        "%(count)s."
    ),
    "ubl-BE-03": _("UBL.BE wants one AdditionalDocumentReference with the ID UBL.BE; there are %(count)s."),
    "ubl-BE-04": _("UBL.BE wants one description of each AdditionalDocumentReference."),
    "ubl-BE-05": _('UBL.BE wants a code of its list for the legal mention (DeliveryTerms/ID), not "%(written)s".'),
    "ubl-BE-06": _('UBL.BE wants a text of its list for the legal mention (SpecialTerms), not "%(written)s".'),
    "ubl-BE-07": _("UBL.BE wants a cash discount above 0 and below 100 percent; this one is %(written)s."),
    "ubl-BE-08": _("UBL.BE wants the amount of the cash discount (PaymentTerms/Amount)."),
    "ubl-BE-09": _("UBL.BE wants the last day of the cash discount (PaymentDueDate), as YYYY-MM-DD."),
    "ubl-BE-10": _('UBL.BE wants a name of its list for the VAT category (TaxCategory/Name), not "%(written)s".'),
    "ubl-BE-11": _('UBL.BE wants a code of its list for the exemption (TaxExemptionReasonCode), not "%(written)s".'),
    "ubl-BE-12": _('UBL.BE wants a text of its list for the exemption (TaxExemptionReason), not "%(written)s".'),
    "ubl-BE-14": _("UBL.BE wants the VAT of each line once (TaxTotal)."),
    "ubl-BE-15": _("UBL.BE wants one name of the line's VAT category (ClassifiedTaxCategory/Name)."),
    "invoice_locked": _("%(locked_by)s booked the invoice on %(locked_on)s, before this correction was checked."),
    "period_closed": _(
        "The accounting office closed the books up to %(closed_until)s, before this correction was checked."
    ),
    "credit_note_expected": _("This version changes the buyer or an amount of an invoice that was already delivered."),
    "pdf_missing": _("No PDF came with the document. A readable one was made from its data."),
    "pdf_unreadable/damaged": _("The PDF beside the document is damaged and cannot be opened."),
    "pdf_unreadable/password": _("The PDF beside the document opens with a password only."),
    "attachment_unreadable": _('The embedded file "%(name)s" is empty or cannot be decoded.'),
    "attachment_false_type": _('The embedded file "%(name)s" is not the PDF that it claims to be.'),
    "attachment_executable": _('The embedded file "%(name)s" is a program.'),
    "attachment_elsewhere": _("The document refers to a file at an address (%(address)s); it was not fetched."),
    "embedded_pdf_unreadable/damaged": _('The embedded PDF "%(name)s" is damaged and cannot be opened.'),
    "embedded_pdf_unreadable/password": _('The embedded PDF "%(name)s" opens with a password only.'),
    "pdf_active_content": _("The PDF holds something that acts by itself: %(actions)s."),
    "pdf_many_pages": _("The PDF has %(pages)s pages, more than %(most)s."),
    "pdf_contains_files": _("The PDF holds other files: %(name)s."),
    "pdf_contains_invoice": _("The PDF holds an invoice as data (%(name)s), which was not looked at."),
    "pdf_restricted": _("The PDF is encrypted, but opens without a password."),
}

_DATES: Final = _("Check the date on the invoice.")
_NOTHING: Final = _("Nothing needs to be done.")
_CREDIT_NOTE: Final = _("Send a credit note and a new invoice.")
_EMBED_AGAIN: Final = _("Embed the file again, or leave it out.")
_LINE_AMOUNT: Final = _("Check quantity, price and discount of the line.")
_VAT_OF_RATE: Final = _("Compute the VAT of each rate on its taxable amount, rounded to the cent.")
_TAXABLE: Final = _("Make the taxable amount of each VAT rate the sum of its lines, allowances and charges.")
_VAT_NUMBER: Final = _(
    "Give the VAT number that this kind of VAT asks for: the seller's, and with reverse charge the buyer's."
)
_EXEMPTION: Final = _("Give the reason why no VAT is charged, as a text or a code.")
_NAME_AND_ADDRESS: Final = _("Complete the name and address, with the country.")
_ACCOUNT: Final = _("Give the IBAN to pay to, or another means of payment.")
_ENTERPRISE_NUMBER: Final = _("Give the enterprise number as ten digits, without BE and without dots, and check it.")
_ADDRESS_SCHEME: Final = _(
    "Use an official kind of number: 0208 for a Belgian enterprise number, 9925 for a VAT number."
)
_ONE_CURRENCY: Final = _(
    "Give all amounts in the currency of the document; only the total VAT may be repeated in the accounting currency."
)
_PEPPOL_PROFILE: Final = _("Set ProfileID to urn:fdc:peppol.eu:2017:poacc:billing:01:1.0.")
_DOCUMENT_TYPE: Final = _(
    "Use type 380 for an invoice and 381 for a credit note. Correct an invoice by a credit note and a new invoice."
)
_UBL_AGAIN: Final = _("Send the UBL 2.1 Invoice or CreditNote as your software made it, in UTF-8.")
_CORRECT: Final = _("Correct what stands at this place, or send this message to the maker of your software.")

REMEDIES: Final[dict[str, str | Promise]] = {
    "XSD": _("The document is not UBL 2.1 at this place. Send this message to the maker of your software."),
    "xml_doctype": _("Leave the DOCTYPE out."),
    "file_too_large": _("Send fewer or smaller embedded files."),
    "too_many_lines": _("Send the lines as two or more invoices."),
    "too_many_vat_subtotals": _("Add up the VAT of each category and rate: one subtotal each."),
    "too_many_allowances": _("Add up allowances and charges of the same kind."),
    "too_many_elements": _("Send the lines as two or more invoices."),
    "rules_not_computed": _("Check amounts, dates, and elements that stand there twice."),
    "number_missing": _("Fill in the number and send the document again."),
    "ubl_incomplete": _("Fill in the element and send the document again."),
    "supplier_mismatch": _(
        "Send the document through the connection of its supplier, or correct the supplier's number."
    ),
    "self_billed_by_customer": _("Let the supplier send it. For you it is a purchase invoice."),
    "self_billing_type": _("Use type 389 or 261, or the ordinary billing profile."),
    "issue_date_in_future": _DATES,
    "issue_date_long_ago": _DATES,
    "due_date_before_issue": _DATES,
    "due_date_far_off": _DATES,
    "currency_mixed": _ONE_CURRENCY,
    "line_amount_differs": _LINE_AMOUNT,
    "vat_amount_differs": _VAT_OF_RATE,
    "iban_check_digits": _("Correct the account number: payments to this one do not arrive."),
    "communication_check_digits": _(
        "Let your software make the reference again. A payment with this one may not be recognised by itself."
    ),
    "enterprise_number_check_digits": _ENTERPRISE_NUMBER,
    "vat_not_in_euro": _("State the total VAT in euro too: TaxCurrencyCode EUR and a second TaxTotal."),
    "invoice_locked": _CREDIT_NOTE,
    "period_closed": _CREDIT_NOTE,
    "credit_note_expected": _(
        "If the accountant has not booked it, nothing needs to be done. Otherwise a credit note and a new invoice are "
        "expected."
    ),
    "pdf_missing": _NOTHING,
    "pdf_unreadable": _("Make the PDF again, without a password, and send the document with it again."),
    "attachment_unreadable": _EMBED_AGAIN,
    "attachment_false_type": _EMBED_AGAIN,
    "attachment_executable": _("Leave the file out."),
    "attachment_elsewhere": _("Embed the file if the accountant needs it."),
    "embedded_pdf_unreadable": _("Embed a PDF that opens, without a password."),
    "pdf_active_content": _("Make a PDF without scripts and forms."),
    "pdf_many_pages": _("Check that the right file came along."),
    "pdf_contains_files": _("Embed attachments in the document itself, or leave them out."),
    "pdf_contains_invoice": _NOTHING,
    "pdf_restricted": _NOTHING,
    "BR-02": _("Fill in the number and send the document again."),
    "BR-03": _("Fill in the issue date."),
    "BR-04": _DOCUMENT_TYPE,
    "BR-05": _("Give the currency of the invoice, such as EUR."),
    "BR-06": _NAME_AND_ADDRESS,
    "BR-07": _NAME_AND_ADDRESS,
    "BR-08": _NAME_AND_ADDRESS,
    "BR-09": _NAME_AND_ADDRESS,
    "BR-10": _NAME_AND_ADDRESS,
    "BR-11": _NAME_AND_ADDRESS,
    "BR-16": _("Add at least one line."),
    "BR-27": _("Give the price without a sign; put the minus on the quantity."),
    "BR-50": _ACCOUNT,
    "BR-61": _ACCOUNT,
    "BR-CL-01": _DOCUMENT_TYPE,
    "BR-CL-10": _ADDRESS_SCHEME,
    "BR-CL-11": _ADDRESS_SCHEME,
    "BR-CL-17": _(
        "Use an official VAT category, such as S (standard), Z (zero), E (exempt), AE (reverse charge) or K."
    ),
    "BR-CL-18": _(
        "Use an official VAT category, such as S (standard), Z (zero), E (exempt), AE (reverse charge) or K."
    ),
    "BR-CL-25": _ADDRESS_SCHEME,
    "BR-CO-10": _("Make the total of the lines (LineExtensionAmount) equal to the sum of the lines."),
    "BR-CO-13": _("Total without VAT = total of the lines − allowances + charges."),
    "BR-CO-14": _("Total VAT = sum of the VAT of each category and rate."),
    "BR-CO-15": _("Total with VAT = total without VAT + total VAT."),
    "BR-CO-16": _("Amount due = total with VAT − paid + rounding."),
    "BR-CO-17": _VAT_OF_RATE,
    "BR-CO-26": _("Give the seller's enterprise number or VAT number."),
    "BR-S-05": _("Give a VAT rate above zero, or another category: Z for zero, E for exempt."),
    "PEPPOL-EN16931-R001": _PEPPOL_PROFILE,
    "PEPPOL-EN16931-R003": _("Give the customer's reference (BuyerReference) or order number."),
    "PEPPOL-EN16931-R007": _PEPPOL_PROFILE,
    "PEPPOL-EN16931-R008": _("Leave empty elements out."),
    "PEPPOL-EN16931-R010": _(
        "Give the customer's electronic address (EndpointID), such as its enterprise number with 0208."
    ),
    "PEPPOL-EN16931-R020": _(
        "Give the seller's electronic address (EndpointID), such as its enterprise number with 0208."
    ),
    "PEPPOL-EN16931-R051": _ONE_CURRENCY,
    "PEPPOL-EN16931-R053": _("Give one TaxTotal with subtotals, in the currency of the document."),
    "PEPPOL-EN16931-R061": _("Give the reference of the direct debit mandate."),
    "PEPPOL-EN16931-R120": _LINE_AMOUNT,
    "PEPPOL-EN16931-F001": _("Write dates as YYYY-MM-DD, without a time zone."),
    "PEPPOL-EN16931-CL008": _ADDRESS_SCHEME,
    "PEPPOL-EN16931-P0100": _DOCUMENT_TYPE,
    "PEPPOL-EN16931-P0101": _DOCUMENT_TYPE,
    "PEPPOL-EN16931-P0112": _DOCUMENT_TYPE,
    "PEPPOL-COMMON-R043": _ENTERPRISE_NUMBER,
}

# VAT categories share their rules: the number says what about, the letters which category.
_VAT_CATEGORIES: Final = ("S", "Z", "E", "AE", "IC", "G", "O", "AF", "AG", "B")
_OF_EACH_CATEGORY: Final = {
    **dict.fromkeys(("02", "03", "04"), _VAT_NUMBER),
    "08": _TAXABLE,
    "09": _VAT_OF_RATE,
    "10": _EXEMPTION,
}
_OF_GROUPS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("BR-CL-", _("Use a code of the official list at this place.")),
    ("BR-DEC-", _("Give the amount with two decimals at most.")),
    (
        "UBL-CR-",
        _("This alone stops nothing: whoever reads the invoice by the European standard passes over the element."),
    ),
    (
        "ubl-BE-",
        _("This alone stops nothing. Ask the maker of your software for Peppol BIS Billing instead of UBL.BE."),
    ),
    ("PEPPOL-COMMON-", _("Check the number: its check digits or its form are wrong.")),
)
_XML: Final = "xml"


def has_own_sentence(code: str) -> bool:
    """Say whether a rule is ours, so that its sentence is written in the reader's language."""
    return code in OWN_RULES


def message_of(code: str, stored: str, params: Mapping[str, str]) -> str:
    """Return a finding's sentence: of a rule of ours in the active language, else as it was stored."""
    sentence = MESSAGES.get(f"{code}/{params['reason']}" if "reason" in params else code)
    return str(sentence) % params if sentence is not None else stored


def remedy_of(code: str, layer: str) -> str:
    """Return what to do about a finding, in the active language."""
    if remedy := REMEDIES.get(code) or _of_category(code):
        return str(remedy)
    group = next((remedy for start, remedy in _OF_GROUPS if code.startswith(start)), None)
    return str(group or (_UBL_AGAIN if layer == _XML else _CORRECT))


def _of_category(code: str) -> str | Promise | None:
    _br, _dash, rest = code.partition("BR-")
    category, _dash, number = rest.partition("-")
    return _OF_EACH_CATEGORY.get(number) if category in _VAT_CATEGORIES else None
