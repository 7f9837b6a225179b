"""`python -m bench.judge_memory FILE`: judge a document and print this process's peak memory, in kB."""

import re
import sys
from datetime import date
from pathlib import Path

from apps.invoices.checks import judge


def main() -> None:
    """Judge the document, and demand that it was judged by the rules."""
    judgement = judge(Path(sys.argv[1]).read_bytes(), pdf=None, on=date(2026, 11, 25), peppol_sheets=None)
    assert judgement.document is not None, judgement.findings
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert match is not None
    print(match[1])


if __name__ == "__main__":
    main()
