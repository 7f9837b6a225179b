"""Bank statements with every oddity, and the pages that show them: part of the gallery."""

import io
import zipfile
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
            "creditor_reference", "iban_check_digits", "value_date_unknown", "every_information", "free_messages",
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
    _add_uploads(world, account.iban)


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


def _add_uploads(world: Any, iban: str) -> None:
    """Add what staff uploaded: all kinds of results, and one on its way that fails for the moment."""
    from apps.events.models import PendingReaction
    from apps.jobs.models import Job

    job = _upload(world, _mixed(world, iban))
    world.wait()
    world.gallery.paths["admin upload"] = "/admin/statements/sourcefile/upload/"
    world.gallery.paths["admin uploaded"] = f"/admin/statements/sourcefile/upload/{job.pk}/"
    busy = _upload(world, {"nogmaals.cod": _mixed(world, iban)["maandag.cod"], "later.cod": b"x"})
    world.wait()
    running = Job.objects.filter(pk=busy.pk)
    running.update(state="running", finished_at=None, parameters={"coda_files": 2_000}, total=2_000, processed=850)
    busy.source_files.filter(name="later.cod").update(finished_at=None)
    PendingReaction.objects.create(
        event=_created(busy), task="statements.import_upload", due_at=world.now + timedelta(days=1), last_error="E"
    )
    world.gallery.paths["admin uploaded busy"] = f"/admin/statements/sourcefile/upload/{busy.pk}/"


def _created(job: Any) -> Any:
    from apps.events.models import Event

    return Event.objects.get(name="coda_upload.created", subject_uuid=job.uuid)


def _upload(world: Any, files: dict[str, bytes]) -> Any:
    from apps.statements.services.uploads import Upload, receive_upload

    chosen = [Upload(name, len(content), io.BytesIO(content)) for name, content in files.items()]
    return receive_upload(files=chosen, actor="staff:t", now=world.now)


def _mixed(world: Any, iban: str) -> dict[str, bytes]:
    from apps.statements.coda.generator import Recipe, make_file

    def make(account: str, number: int, *oddities: str) -> bytes:
        day = world.now.date() - timedelta(days=20)
        recipe = Recipe(iban=account, movements=6, oddities=oddities, first_day=day, first_number=number)
        return b"".join(make_file(recipe))

    monday = make(iban, 150)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in {
            "week 47/maandag.cod": monday,
            "week 47/van-een-onbekende-rekening-met-een-zeer-lange-bestandsnaam_20261126_0000000001.cod": make(
                "BE55363011223344", 151, "value_date_unknown"
            ),
            "week 47/Thumbs.db": b"x",
        }.items():
            archive.writestr(name, content)
    return {
        "maandag.cod": monday, "dinsdag.cod": make(iban, 152, "sequence_gap"), "week.zip": packed.getvalue(),
        "stuk.zip": b"PK\x03\x04 broken", "brief.txt": b"Geachte", "leeg.cod": b"",
    }  # fmt: skip
