"""What every test of the sandbox begins with."""

import pytest

from apps.tokens import usage


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    """Forget the calls of other tests: reading a self-test writes what was counted."""
    usage.take()
