"""`python drive.py READER FOLDER`: read every file of a folder with one reader, in that reader's own environment.

Prints how many movements it gave, the processor seconds it took, and this process's peak memory in kB.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Read the files once."""
    read = READERS[sys.argv[1]]()
    paths = sorted(Path(sys.argv[2]).iterdir())
    started = time.process_time()
    movements = sum(read(path) for path in paths)
    seconds = time.process_time() - started
    # The kernel's high-water mark of this address space; `ru_maxrss` of a child begins with its parent's.
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    print(movements, seconds, peak[1] if peak else 0)


def _ours() -> Callable[[Path], int]:
    from apps.statements.coda import read_coda  # noqa: PLC0415 # each only in its own environment

    def read(path: Path) -> int:
        movements = 0
        with path.open("rb") as stream:
            for statement in read_coda(stream):
                assert not statement.findings, statement.findings[:3]
                movements += len(statement.movements)
        return movements

    return read


def _febelfin_coda() -> Callable[[Path], int]:
    from coda import CODA  # noqa: PLC0415

    return lambda path: sum(len(statement.moves) for statement in CODA(str(path)).statements)


def _pycoda() -> Callable[[Path], int]:
    from coda.parser import Parser  # noqa: PLC0415

    return lambda path: sum(len(statement.movements) for statement in Parser().parse_file(str(path)))


def _codapy() -> Callable[[Path], int]:
    from pycoda.codafile import CodaFile  # noqa: PLC0415

    def read(path: Path) -> int:
        coda_file = CodaFile()
        coda_file.loads(path.read_text(encoding="cp1252"))
        return sum(type(record).__name__ == "TransactionRecord" for record in coda_file.records)

    return read


READERS = {"ours": _ours, "febelfin_coda": _febelfin_coda, "pycoda": _pycoda, "codapy": _codapy}

if __name__ == "__main__":
    main()
