"""Reading companies and accounts."""

from datetime import date

from django.db.models import Q

from apps.companies.models import BankAccount, Company, CompanyNumber


def find_company(*, enterprise_number: str) -> Company | None:
    """Return the company with this (normalised) enterprise number, its address on file joined."""
    return Company.objects.select_related("contact_email").filter(enterprise_number=enterprise_number).first()


def numbers_valid_on(*, company: Company, on: date) -> set[str]:
    """Return every number under which the company may issue a document of this day."""
    further = CompanyNumber.objects.filter(company=company).filter(Q(valid_until=None) | Q(valid_until__gt=on))
    return {company.enterprise_number, *further.values_list("number", flat=True)}


def find_account(*, iban: str, currency: str) -> BankAccount | None:
    """Return the account with this IBAN and currency, its company joined."""
    return BankAccount.objects.select_related("company").filter(iban=iban, currency=currency).first()
