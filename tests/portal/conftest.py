from collections.abc import Callable
from datetime import datetime

import pytest

from tests.portal.world import World, build


@pytest.fixture
def world(db: None, now: datetime, run_reactions: Callable[[], int]) -> World:
    return build(now, run_reactions)
