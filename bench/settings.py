"""Settings of the measured processes: the real ones, with one more route."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
