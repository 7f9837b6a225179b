"""Invoices as ugly as in life, with the pages that show them: part of the gallery."""

from datetime import date, timedelta
from typing import Any


def add_ugly_invoices(world: Any) -> None:
    """Add to the full company a rich, a long, a foreign, a corrected and a waiting invoice, and a credit note."""
    from apps.invoices.models import Invoice
    from tests.factories import ugly
    from tests.factories.wire import Software, make_document, make_pdf

    company = world.facts["company"]
    software = Software.of(world.facts["login"])
    before = world.now.date() - timedelta(days=3)
    software.upload(ugly.rich_document(company, pdf=make_pdf()))
    software.upload(ugly.long_document(company, lines=2_000))
    software.upload(ugly.foreign_document(company))
    software.upload(make_document(company, number="CN-1", credit_note=True, reference=None, issue_date=before))
    acting = make_document(company, number="2026-0905", reference=None, issue_date=before)
    software.upload(acting, pdf=make_pdf(runs="app.alert(1)"))
    software.upload(make_document(company, number="2026-0906", reference=None, issue_date=before))
    world.wait()
    changed = make_document(
        company, number="2026-0906", reference=None, issue_date=before, price="875.25", customer=ugly.LONG_NAME[:200]
    )
    software.upload(changed)
    software.upload(changed)
    broken = make_document(company, number="2026-0906", price="1.00", reference=None, issue_date=before)
    world.wait()
    software.upload(broken.replace(b"<cbc:PayableAmount", b"<cbc:Nothing/><cbc:PayableAmount"))
    refused = make_document(company, number="2026-0907", reference=None, issue_date=before)
    software.upload(refused.replace(b"<cbc:PayableAmount", b"<cbc:Nothing/><cbc:PayableAmount"))
    # Before the company had any office.
    software.upload(make_document(company, number="2019-0001", reference=None, issue_date=date(2019, 12, 16)))
    world.wait()
    numbers = {
        "rich": "2026-0902", "long": "2026-2000", "foreign": "2026-0901", "credit note": "CN-1", "acting": "2026-0905",
        "corrected": "2026-0906",
    }  # fmt: skip
    home, office = f"/companies/{company.uuid}/invoices", f"/offices/{world.office.uuid}/invoices"
    for name, number in numbers.items():
        invoice = Invoice.objects.get(company=company, number=number)
        world.gallery.paths[f"invoice {name}"] = f"{home}/{invoice.uuid}/"
        world.gallery.paths[f"office invoice {name}"] = f"{office}/{invoice.uuid}/"
    for name, number in {
        "paid": "2026-0117", "open": "2026-0118", "refused": "2026-0907", "waiting": "2019-0001",
    }.items():  # fmt: skip
        invoice = Invoice.objects.get(company=company, number=number)
        world.gallery.paths[f"invoice {name}"] = f"{home}/{invoice.uuid}/"
