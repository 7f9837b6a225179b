"""Settings of the test run: the real thing with fixed secrets and fast password hashes."""

import os

os.environ.setdefault("EMBEDDED", "1")
os.environ["SECRET_KEY"] = "a fixed key, for tests only"
os.environ["TOKEN_KEY"] = "another fixed key, for tests only"
os.environ["FEED_HISTORY_DAYS"] = "0"
os.environ.pop("RELAX_LIMITS", None)
os.environ.pop("STAFF_SECOND_FACTOR", None)

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = ["tests.support", *_APPS]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Counted in Redis, which outlives a test; the tests of the limits set their own.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # type: ignore[assignment] # allauth's word for none
REFUSALS_PER_MINUTE = REFUSALS_PER_DAY = FORMS_PER_VISITOR_PER_HOUR = 1_000_000
ANYMAIL = {"WEBHOOK_SECRET": "hook:a fixed secret"}
