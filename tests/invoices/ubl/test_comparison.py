from dataclasses import replace
from decimal import Decimal

from apps.invoices.ubl import FieldChange, build_invoice, difference, read_ubl
from tests.invoices.ubl.samples import CUSTOMER, draft, line

DOCUMENT = read_ubl(build_invoice(draft()))


def test_only_another_attachment_is_no_difference() -> None:
    assert difference(DOCUMENT, read_ubl(build_invoice(draft(pdf=b"%PDF-1.4")))) == []


def test_the_same_amount_written_otherwise_is_no_difference() -> None:
    assert difference(DOCUMENT, replace(DOCUMENT, payable_amount=Decimal("688.39000") + 68)) == []


def test_another_buyer_is_named_before_and_after() -> None:
    other = read_ubl(build_invoice(draft(customer=replace(CUSTOMER, name="Bakkerij Janssens BV"))))

    assert difference(DOCUMENT, other) == [
        FieldChange("customer_name", "Boulangerie Dupont SRL", "Bakkerij Janssens BV")
    ]


def test_a_changed_line_is_told_by_its_id_and_field() -> None:
    lines = (line(), line(description="Verf", unit_price=Decimal("20.00"), vat_percent=Decimal(6)))
    changes = {change.name: change for change in difference(DOCUMENT, read_ubl(build_invoice(draft(lines=lines))))}

    assert changes["lines.2.unit_price"] == FieldChange("lines.2.unit_price", "19.99", "20")
    assert changes["lines.2.net_amount"] == FieldChange("lines.2.net_amount", "199.9", "200")
    assert changes["vat_subtotals.S 6.taxable_amount"].after == "200"
    assert not any(name.startswith("lines.1") for name in changes)


def test_an_added_line_is_nothing_before() -> None:
    longer = read_ubl(build_invoice(draft(lines=(*draft().lines, line(description="Borstel", quantity=Decimal(0))))))

    assert difference(DOCUMENT, longer) == [FieldChange("lines.3", None, "Borstel · 0")]


def test_two_lines_of_one_id_are_both_compared() -> None:
    doubled = replace(DOCUMENT, lines=(*DOCUMENT.lines, replace(DOCUMENT.lines[0], description="Nog eens")))

    assert [change.name for change in difference(DOCUMENT, doubled)] == ["lines.1#3"]


def test_the_other_way_round_swaps_before_and_after() -> None:
    other = replace(DOCUMENT, note="Dank u", due_date=None)

    assert difference(DOCUMENT, other) == [
        FieldChange(change.name, change.after, change.before) for change in difference(other, DOCUMENT)
    ]
