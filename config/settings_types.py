"""Settings for the type checker, which imports them without any server running."""

import os

for _name, _value in {
    "EMBEDDED": "1",
    "SECRET_KEY": "types",
    "TOKEN_KEY": "types",
    "DATABASE_URL": "postgresql://types@localhost/types",
    "REDIS_URL": "redis://localhost/0",
}.items():
    os.environ.setdefault(_name, _value)

from config.settings import *  # noqa: E402, F403
