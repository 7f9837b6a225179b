from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import round_half_up
from apps.core.structured_communication import make_structured_communication
from apps.invoices.ubl import DraftLine, DraftParty, build_invoice, check_schema, read_ubl
from tests.invoices.ubl.samples import draft, line

texts = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40)
prices = st.decimals(min_value=-10_000, max_value=10_000, places=4, allow_nan=False, allow_infinity=False)
quantities = st.decimals(min_value=-1_000, max_value=1_000, places=3, allow_nan=False, allow_infinity=False)
lines = st.builds(
    lambda text, quantity, price, rate: line(
        description=text, quantity=quantity, unit_price=price, vat_percent=Decimal(rate)
    ),
    texts,
    quantities,
    prices,
    st.sampled_from([6, 12, 21]),
)


@given(
    st.lists(lines, min_size=1, max_size=5),
    st.booleans(),
    st.integers(0, 10**10 - 1).map(make_structured_communication),
)
def test_what_is_built_is_valid_and_read_back(some_lines: list[DraftLine], credit_note: bool, reference: str) -> None:
    made = draft(lines=tuple(some_lines), credit_note=credit_note, structured_communication=reference)
    data = build_invoice(made)
    document = read_ubl(data)

    assert check_schema(data) == []
    assert document.document_type == ("credit_note" if credit_note else "invoice")
    assert document.structured_communication == reference
    assert document.net_amount == sum(each.net_amount for each in some_lines)
    assert document.net_amount + document.vat_amount == document.total_amount == document.payable_amount
    assert [each.net_amount for each in document.lines] == [each.net_amount for each in some_lines]


def test_the_same_draft_gives_the_same_bytes() -> None:
    assert build_invoice(draft(pdf=b"%PDF-1.4")) == build_invoice(draft(pdf=b"%PDF-1.4"))


def test_vat_is_rounded_per_rate() -> None:
    document = read_ubl(build_invoice(draft(lines=(line(unit_price=Decimal("0.03"), quantity=Decimal(1)),) * 3)))

    assert document.vat_amount == round_half_up(Decimal("0.09") * 21 / 100) == Decimal("0.02")


def test_every_part_of_a_draft_is_written() -> None:
    foreign = DraftParty(
        name="Van Dijk B.V.", street="Damrak 1", postcode="1012", city="Amsterdam", country="NL",
        vat_number="NL123456782B90",
    )  # fmt: skip
    data = build_invoice(
        draft(
            customer=foreign, order_reference="PO-77", preceding_invoice="2026-0001", note="Dank u", bic=None,
            payment_terms="30 dagen", prepaid_amount=Decimal("100.00"), pdf=b"%PDF-1.4", pdf_filename="f.pdf",
            lines=(line(vat_category="K", vat_percent=Decimal(0), exemption_reason="Art. 39bis"),),
        )
    )  # fmt: skip
    document = read_ubl(data)

    assert check_schema(data) == []
    assert (document.customer_vat, document.customer_country) == ("NL123456782B90", "NL")
    assert (document.order_reference, document.preceding_invoice) == ("PO-77", "2026-0001")
    assert (document.note, document.payment_terms, document.bic) == ("Dank u", "30 dagen", None)
    assert (document.prepaid_amount, document.payable_amount) == (Decimal("100.00"), Decimal("350.00"))
    assert document.vat_subtotals[0].exemption_reason == "Art. 39bis"
    assert (document.embedded_pdf, document.attachments[0].filename) == (b"%PDF-1.4", "f.pdf")


def test_a_credit_note_is_due_at_its_payment_means() -> None:
    document = read_ubl(build_invoice(draft(credit_note=True)))

    assert (document.type_code, document.due_date) == ("381", draft().due_date)


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb"])
def test_what_xml_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="XML compatible"):
        build_invoice(draft(note=text))
