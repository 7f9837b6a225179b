"""What findings say: every rule of ours has its sentence, every rule at all a remedy, in four languages."""

import pytest
from django.utils import translation

from apps.invoices.checks import OWN_RULES
from apps.invoices.sentences import MESSAGES, has_own_sentence, message_of, remedy_of

NAMES = (
    *("count", "most", "element", "number", "type", "date", "today", "due", "issued", "written", "currency"),
    *("computed", "account", "reference", "name", "address", "actions", "pages", "locked_by", "locked_on"),
    "closed_until",
)
PARAMS = dict.fromkeys(NAMES, "X")
REASONS = ("damaged", "password")


def params_of(code: str) -> list[dict[str, str]]:
    """Return what a rule's sentence is written from: once, or once for each of its causes."""
    if code in MESSAGES:
        return [PARAMS]
    return [{**PARAMS, "reason": reason} for reason in REASONS]


@pytest.mark.parametrize("language", ["nl", "fr", "en", "de"])
@pytest.mark.parametrize("code", OWN_RULES)
def test_a_rule_of_ours_says_what_is_wrong_and_what_to_do(code: str, language: str) -> None:
    with translation.override(language):
        sentences = [message_of(code, "", params) for params in params_of(code)]
        remedy = remedy_of(code, OWN_RULES[code][0])

    assert has_own_sentence(code)
    assert all(sentences)
    assert "%(" not in "".join(sentences)
    assert remedy


@pytest.mark.parametrize(
    ("code", "layer", "remedy"),
    [
        ("BR-CO-15", "en16931", "Totaal met btw = totaal zonder btw + totaal van de btw."),
        ("BR-AE-10", "en16931", "Geef de reden waarom er geen btw wordt aangerekend, als tekst of code."),
        ("BR-IC-10", "en16931", "Geef de reden waarom er geen btw wordt aangerekend, als tekst of code."),
        ("BR-DEC-14", "en16931", "Geef het bedrag met hoogstens twee decimalen."),
        ("BR-CL-23", "en16931", "Gebruik op deze plaats een code van de officiële lijst."),
        ("BR-61", "en16931", "Geef het IBAN waarop te betalen is, of een ander betaalmiddel."),
        ("PEPPOL-COMMON-R040", "peppol", "Kijk het nummer na: het controlegetal of de vorm klopt niet."),
        (
            "DK-R-001",
            "peppol",
            "Verbeter wat op deze plaats staat, of stuur dit bericht naar de maker van uw software.",
        ),
        ("not_ubl", "xml", "Stuur de UBL 2.1-Invoice of -CreditNote zoals uw software die maakte, in UTF-8."),
    ],
)
def test_an_official_rule_has_its_own_remedy_or_that_of_its_group(code: str, layer: str, remedy: str) -> None:
    with translation.override("nl"):
        assert remedy_of(code, layer) == remedy
        assert message_of(code, "As published.", {}) == "As published."
