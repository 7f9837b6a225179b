"""Bank statements with every oddity, and the pages that show them: part of the gallery."""

from datetime import timedelta
from typing import Any


def add_ugly_statements(world: Any) -> None:
    """Add to the full company a statement with details and long texts, one without movements, and one that is held."""
    from apps.companies.models import BankAccount
    from apps.statements.coda.generator import Recipe, make_file
    from apps.statements.models import Statement
    from apps.statements.services.intake import receive_coda_file

    company = world.facts["company"]
    account = BankAccount.objects.get(company=company)
    oddities = {
        "rich": (
            "globalised", "globalised_two_levels", "batch", "every_communication", "long_texts", "third_decimal",
            "creditor_reference", "iban_check_digits", "value_date_unknown",
        ),
        "empty": ("empty",),
        "held": ("balance_mismatch",),
    }  # fmt: skip
    files = {}
    for days, (name, wanted) in enumerate(oddities.items(), start=3):
        recipe = Recipe(
            iban=account.iban, movements=12, holder_name="ATELIER KOEN VERMEULEN BV", oddities=wanted,
            first_day=world.now.date() - timedelta(days=days), first_number=200 + days,
        )  # fmt: skip
        content = b"".join(make_file(recipe))
        files[name] = receive_coda_file(content=content, name=f"{name}.cod", actor="t", now=world.now)
    world.wait()
    for place in (f"companies/{company.uuid}", f"offices/{world.office.uuid}"):
        name = "account export" if place.startswith("companies") else "office account export"
        world.gallery.paths[name] = f"/{place}/accounts/{account.uuid}/export/"
    empty = "?first=2001-01-01&last=2001-01-31&kind=csv"
    world.gallery.paths["account export empty"] = f"{world.gallery.paths['account export']}{empty}"
    for name, file in files.items():
        statement = Statement.objects.get(coda_file=file)
        world.gallery.paths[f"statement {name}"] = f"/companies/{company.uuid}/statements/{statement.uuid}/"
        world.gallery.paths[f"office statement {name}"] = f"/offices/{world.office.uuid}/statements/{statement.uuid}/"
