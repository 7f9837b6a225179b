"""Settings of the test run: the real thing with fixed secrets and fast password hashes."""

import os

os.environ.setdefault("EMBEDDED", "1")
os.environ["SECRET_KEY"] = "a fixed key, for tests only"
os.environ["TOKEN_KEY"] = "another fixed key, for tests only"
os.environ["FEED_HISTORY_DAYS"] = "0"
os.environ.pop("RELAX_LIMITS", None)
os.environ.pop("SANDBOX_BASE_URL", None)
os.environ.pop("STAFF_SECOND_FACTOR", None)

from urllib.parse import urlsplit, urlunsplit

from config.settings import *  # noqa: F403
from config.settings import CACHES as _CACHES
from config.settings import INSTALLED_APPS as _APPS
from config.settings import REDIS_URL as _REDIS_URL


def apart_in_redis(url: str, worker: str) -> str:
    """Return the address of a process's own Redis database: `gw0` has number 1; 15 is the browser's service's."""
    number = 1 + int(worker.removeprefix("gw")) % 14
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


INSTALLED_APPS = ["tests.support", *_APPS]
# Processes that run tests at once keep apart in Redis, as they do in PostgreSQL; number 0 is the running services'.
REDIS_URL = CELERY_BROKER_URL = apart_in_redis(_REDIS_URL, os.environ.get("PYTEST_XDIST_WORKER", "gw0"))
CACHES = {"default": {**_CACHES["default"], "LOCATION": REDIS_URL}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Counted in Redis, which outlives a test; the tests of the limits set their own.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # type: ignore[assignment] # allauth's word for none
REFUSALS_PER_MINUTE = REFUSALS_PER_DAY = FORMS_PER_VISITOR_PER_HOUR = 1_000_000
# Each test's own client would read every static file anew when it begins.
WHITENOISE_AUTOREFRESH = True
# What the RFC 8032's first example has: a test process is both, the sandbox and the service.
SELF_TEST_SIGNING_KEY = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SELF_TEST_PUBLIC_KEYS = [bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
ANYMAIL = {"WEBHOOK_SECRET": "hook:a fixed secret"}
