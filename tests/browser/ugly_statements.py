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
        world.gallery.paths[f"admin statement {name}"] = f"/admin/statements/statement/{statement.pk}/change/"
        world.gallery.paths[f"admin decide {name}"] = f"/admin/statements/statement/{statement.pk}/decide/"
        world.gallery.paths[f"admin coda file {name}"] = f"/admin/statements/codafile/{file.pk}/change/"
    _add_replaced(world, company, account.iban)


def _add_replaced(world: Any, company: Any, iban: str) -> None:
    """Add a statement that staff set aside for the first of its number."""
    from apps.statements.services.held import set_statement_aside
    from apps.statements.services.intake import import_coda_file, receive_coda_file
    from tests.factories.wire import credit, make_coda

    found = []
    for amount in ("120.00", "125.00"):
        content = make_coda(iban, credit(amount), number=190)
        file = receive_coda_file(content=content, name=f"week-{amount}.cod", actor="t", now=world.now)
        import_coda_file(coda_file_uuid=file.uuid, now=world.now)
        found.append(file.statements.get())
    set_statement_aside(statement_uuid=found[1].uuid, reason="The first is right.", actor="staff:t", now=world.now)
    world.gallery.paths["statement replaced"] = f"/companies/{company.uuid}/statements/{found[1].uuid}/"
