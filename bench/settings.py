"""Settings of the measured processes: the real ones, with one more route, and without the limit of refusals.

The group `registry` lets thousands of requests wait, each refused, in less time than one software may be.
"""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
REFUSALS_PER_MINUTE = REFUSALS_PER_DAY = 1_000_000
