"""`python -m bench.reader_memory FILE`: read a bank file and print this process's peak memory before and after, in kB.

The kernel's high-water mark of this address space is asked for: `ru_maxrss` of a child begins with its parent's.
"""

import re
import sys
from pathlib import Path

from apps.statements.coda import read_coda


def main() -> None:
    """Read the file as the import does: one statement in memory at a time."""
    content = Path(sys.argv[1]).read_bytes()
    before = _peak_kilobytes()
    for statement in read_coda(content):
        assert statement.movements
    print(before, _peak_kilobytes())


def _peak_kilobytes() -> int:
    match = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert match is not None
    return int(match[1])


if __name__ == "__main__":
    main()
