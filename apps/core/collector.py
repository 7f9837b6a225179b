"""How often Python looks for garbage in circles."""

import gc
from typing import Final

# Objects that were made and not yet freed, from which on it looks; Python's own figure is 700.
LOOKS_AFTER: Final = 50_000


def look_less_often() -> None:
    """Leave what a started process keeps out of it, and look less often; for processes that work in batches.

    A thousand payments with their invoices are some ten thousand objects, none in a circle: looking through them, and
    through all modules each time, was two fifths of what matching cost in Python.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKS_AFTER)
