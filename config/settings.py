"""Settings, all from the environment (docs/architecture.md lists them); a malformed value stops the start.

``EMBEDDED=1`` is set by the launcher of the embedded default and by nothing else: it allows plain HTTP, the
mailbox page and relaxed limits. Everything that is not embedded is production. ``SANDBOX=1`` makes a process one of
the sandbox: the same code on a database, a Redis, files and an address of its own, which the same variables name
with ``SANDBOX_`` before them.
"""

from pathlib import Path

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from config import env, jobs, mergers, reactions

BASE_DIR = Path(__file__).resolve().parent.parent
EMBEDDED = env.read_bool("EMBEDDED", default=False)
SANDBOX = env.read_bool("SANDBOX", default=False)
_OWN = "SANDBOX_" if SANDBOX else ""
DATA_DIR = Path(env.read_text("DATA_DIR", "var")).resolve() / ("sandbox" if SANDBOX else "")
BASE_URL = env.read_text(f"{_OWN}BASE_URL", f"http://127.0.0.1:{9000 if SANDBOX else 8000}").rstrip("/")
# Where the sandbox is, or from there the service; empty where there is no other.
OTHER_BASE_URL = env.read_text("BASE_URL" if SANDBOX else "SANDBOX_BASE_URL", "").rstrip("/")

SECRET_KEY = env.read_secret("SECRET_KEY")
TOKEN_KEY = env.read_secret("TOKEN_KEY")
# The sandbox signs the reports of its self-test; the service knows by these keys which are its sandbox's.
SELF_TEST_SIGNING_KEY = env.read_key("SELF_TEST_SIGNING_KEY") if SANDBOX else b""
SELF_TEST_PUBLIC_KEYS = [] if SANDBOX else env.read_public_keys("SELF_TEST_PUBLIC_KEYS")
DEBUG = False
ALLOWED_HOSTS = env.read_list(f"{_OWN}ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"] if EMBEDDED else [])

SITE_NAME = env.read_text("SITE_NAME", "Codabox") + (" Sandbox" if SANDBOX else "")
SUPPORT_EMAIL = env.read_text("SUPPORT_EMAIL", "support@codabox.example")
SUPPORT_HOURS = env.read_text("SUPPORT_HOURS", "09:00-17:00")

# The service's own figures; docs/limits.md explains each one.
TOKEN_LIFE_DAYS = env.read_int("TOKEN_LIFE_DAYS", 14, at_least=1, at_most=90)
TOKEN_REPEAT_MINUTES = 10
CREDENTIAL_OVERLAP_HOURS = env.read_int("CREDENTIAL_OVERLAP_HOURS", 24, at_most=168)
REQUEST_LIFE_DAYS = 90
FEED_HISTORY_DAYS = env.read_int("FEED_HISTORY_DAYS", 0, at_most=3650)
FETCH_DELAY_SECONDS = env.read_int("FETCH_DELAY_SECONDS", 7200, at_least=1)
MAX_LIST_BYTES = 20_000_000
MAX_PART_BYTES = env.read_int("MAX_PART_BYTES", 20_000_000, at_least=1_000_000)
# The law's ten years are the least; the purge runs by itself only when it is switched on.
RETENTION_YEARS = env.read_int("RETENTION_YEARS", 10, at_least=10, at_most=100)
RETENTION_PURGE = env.read_bool("RETENTION_PURGE", default=False)
# Peppol's own compiled rules, when the operator has them.
PEPPOL_RULES_DIR = env.read_folder("PEPPOL_RULES_DIR", holding=("*.xslt", "*.xsl"))
VALIDATION_WAIT_SECONDS = 10
STAFF_SECOND_FACTOR = env.read_bool("STAFF_SECOND_FACTOR", default=not EMBEDDED)
if not (STAFF_SECOND_FACTOR or EMBEDDED):
    raise env.MalformedSetting("STAFF_SECOND_FACTOR=0 is for the embedded default only: unset it.")
RELAX_LIMITS = env.read_bool("RELAX_LIMITS", default=False)
if RELAX_LIMITS and not EMBEDDED:
    raise env.MalformedSetting("RELAX_LIMITS=1 is for the embedded default only: unset it.")
LIMIT_FACTOR = 1000 if RELAX_LIMITS else 1
TOKEN_MAILS_PER_HOUR = 3 * LIMIT_FACTOR
TOKEN_MAILS_PER_DAY = 10 * LIMIT_FACTOR
TOKEN_MAILS_PER_ADDRESS_PER_DAY = 200 * LIMIT_FACTOR
MEMBER_LINK_LIFE_DAYS = 14
LINK_MAILS_PER_HOUR = 3 * LIMIT_FACTOR
LINK_MAILS_PER_DAY = 10 * LIMIT_FACTOR
LINK_MAILS_PER_ADDRESS_PER_DAY = 200 * LIMIT_FACTOR
ENQUIRY_MAILS_PER_HOUR = 2 * LIMIT_FACTOR
ENQUIRY_MAILS_PER_DAY = 5 * LIMIT_FACTOR
ENQUIRY_MAILS_PER_ADDRESS_PER_DAY = 100 * LIMIT_FACTOR
ENQUIRY_KEEP_DAYS = 90
ANSWER_KEEP_HOURS = 48
CONTACT_CHANGES_PER_DAY = 5 * LIMIT_FACTOR
CONTACT_CONFIRMATION_DAYS = 7
MOST_DESTINATIONS = 10
DESTINATION_LINKS_PER_DAY = 20 * LIMIT_FACTOR
DAILY_MAIL_HOUR = env.read_int("DAILY_MAIL_HOUR", 8, at_most=23)
SFTP_TIMEOUT_SECONDS = env.read_int("SFTP_TIMEOUT_SECONDS", 20, at_least=1, at_most=120)
# Each attempt to tell a software, from looking its address up to its answer.
WEBHOOK_TIMEOUT_SECONDS = env.read_int("WEBHOOK_TIMEOUT_SECONDS", 10, at_least=1, at_most=30)
WEBHOOK_LOG_DAYS = 30
MOST_ENDPOINTS = 5
MOST_REPLAYED = 10_000
# How long an archive of a large selection is kept once it is ready.
BUNDLE_DAYS = env.read_int("BUNDLE_DAYS", 7, at_least=1, at_most=60)
MAIL_MAX_BYTES = env.read_int("MAIL_MAX_BYTES", 15_000_000, at_least=1_000_000)
OFFICE_APPLICATIONS_PER_DAY = 3 * LIMIT_FACTOR
VENDOR_APPLICATIONS_PER_DAY = 3 * LIMIT_FACTOR
SANDBOX_REGISTRATIONS_PER_DAY = 200 * LIMIT_FACTOR
FORMS_PER_VISITOR_PER_HOUR = 20 * LIMIT_FACTOR
REFUSALS_PER_MINUTE = 30 * LIMIT_FACTOR
REFUSALS_PER_DAY = 2000 * LIMIT_FACTOR

INSTALLED_APPS = [
    "apps.core",
    "apps.users",
    "apps.events",
    "apps.blobs",
    "apps.jobs",
    "apps.companies",
    "apps.accounting_offices",
    "apps.tokens",
    "apps.invoices",
    "apps.statements",
    "apps.reconciliation",
    "apps.delivery",
    "apps.webhooks",
    "apps.sandbox",
    "apps.portal",
    "apps.api",
    "apps.demo",
    "config.admin_site.CodaboxAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "django_htmx",
    "ninja",
]

MIDDLEWARE = [
    "apps.api.v2.middleware.WireMiddleware",
    "apps.portal.middleware.ContentPolicyMiddleware",
    "apps.portal.middleware.PageCompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.portal.middleware.PersonalLanguageMiddleware",
    "apps.users.middleware.SecondFactorMiddleware",
    # The innermost: what it answers in a view's place goes out as the view's would.
    "apps.api.v2.repetition.RepetitionMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.portal.context.site",
            ]
        },
    }
]

# The application role owns nothing; "owner" is the role that migrates (our migrate command uses it by itself).
_database, _owner = f"{_OWN}DATABASE_URL", f"{_OWN}DATABASE_OWNER_URL"
if SANDBOX and env.read_text(_database, "") == env.read_text("DATABASE_URL", ""):
    raise env.MalformedSetting("SANDBOX=1 needs a database of its own: set SANDBOX_DATABASE_URL to another one.")
_connection = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
DATABASES = {
    "default": {**env.read_database(_database), **_connection},
    "owner": {
        **env.read_database(_owner if env.read_text(_owner, "") else _database),
        "CONN_MAX_AGE": 0,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.read_redis(f"{_OWN}REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "codabox",
        # A cache that does not answer must not hang a request: PostgreSQL is the truth.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The visibility timeout exceeds the longest task (the hard limit below), or a slow one would run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 960,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep pending reactions": {"task": "events.sweep", "schedule": 5.0, "options": {"expires": 30}},
    "expire tokens and requests": {"task": "tokens.expire", "schedule": 300.0, "options": {"expires": 300}},
    "end client links that are due": {
        "task": "accounting_offices.end_due_links",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "follow client links": {"task": "tokens.follow_all", "schedule": 900.0, "options": {"expires": 900}},
    "re-check waiting requests": {
        "task": "tokens.recheck_waiting",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "flush counters of use": {"task": "tokens.flush_usage", "schedule": 60.0, "options": {"expires": 60}},
    "delete old enquiries": {"task": "tokens.delete_old_enquiries", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget answers": {"task": "tokens.forget_answers", "schedule": 3600.0, "options": {"expires": 3600}},
    "remove old archives": {"task": "delivery.remove_old_bundles", "schedule": 3600.0, "options": {"expires": 3600}},
    "send to destinations": {"task": "delivery.sweep", "schedule": 5.0, "options": {"expires": 30}},
    "tell software": {"task": "webhooks.dispatch", "schedule": 5.0, "options": {"expires": 30}},
    "forget what software was told": {
        "task": "webhooks.forget_old_messages",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "look at bank accounts": {"task": "delivery.sweep_accounts", "schedule": 60.0, "options": {"expires": 60}},
    "heartbeat": {"task": "core.heartbeat", "schedule": 10.0, "options": {"expires": 30}},
}

if RETENTION_PURGE:
    CELERY_BEAT_SCHEDULE["purge what is over its time"] = {
        "task": "invoices.purge_expired",
        "schedule": 7200.0,
        "options": {"expires": 7200},
    }

# In the sandbox alone, at an hour of the night at which nobody tries anything.
SANDBOX_RESET = SANDBOX and env.read_bool("SANDBOX_RESET", default=True)
# A night that beat did not run is not made up for in the day.
CELERY_BEAT_CRON_STARTING_DEADLINE = 3600
if SANDBOX_RESET:
    CELERY_BEAT_SCHEDULE["empty the sandbox"] = {
        "task": "demo.reset_sandbox",
        "schedule": crontab(hour=1, minute=30),
        "options": {"expires": 3600},
    }

EVENT_REACTIONS = reactions.REACTIONS
EVENT_BATCHES = reactions.BATCHES
COMPANY_MOVERS = mergers.MOVERS
JOB_SENTENCES = jobs.SENTENCES
JOB_NAMES = jobs.NAMES

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_ADAPTER = "apps.users.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "apps.users.sign_in_forms.SignInForm",
    "reauthenticate": "apps.users.sign_in_forms.PasswordAgainForm",
    "add_email": "apps.users.sign_in_forms.AddAddressForm",
    "change_password": "apps.users.sign_in_forms.ChangePasswordForm",
    "set_password": "apps.users.sign_in_forms.SetPasswordForm",
    "reset_password": "apps.users.sign_in_forms.AskNewPasswordForm",
    "reset_password_from_key": "apps.users.sign_in_forms.NewPasswordForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": f"{30 * LIMIT_FACTOR}/m/ip",
    "login_failed": f"{10 * LIMIT_FACTOR}/m/ip,{5 * LIMIT_FACTOR}/5m/key",
    "reauthenticate": f"{10 * LIMIT_FACTOR}/m/user",
    "reset_password": f"{20 * LIMIT_FACTOR}/m/ip,{5 * LIMIT_FACTOR}/m/key",
    "reset_password_from_key": f"{20 * LIMIT_FACTOR}/m/ip",
    "change_password": f"{5 * LIMIT_FACTOR}/m/user",
    "manage_email": f"{10 * LIMIT_FACTOR}/m/user",
    "signup": f"{20 * LIMIT_FACTOR}/m/ip",
    "confirm_email": f"{LIMIT_FACTOR}/3m/key",
}
MFA_ADAPTER = "apps.users.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A code is taken half a minute early or late, since clocks differ; the forms below take each only once all the same.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = SITE_NAME
# Nobody signs up by themselves, so an address that waits to be confirmed is no reason to refuse a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "apps.users.sign_in_forms.CodeForm",
    "reauthenticate": "apps.users.sign_in_forms.CodeAgainForm",
    "activate_totp": "apps.users.sign_in_forms.FirstCodeForm",
    "add_webauthn": "apps.users.sign_in_forms.AddPasskeyForm",
    "authenticate_webauthn": "apps.users.sign_in_forms.UsePasskeyForm",
    "login_webauthn": "apps.users.sign_in_forms.SignInByPasskeyForm",
    "reauthenticate_webauthn": "apps.users.sign_in_forms.PasskeyAgainForm",
    "edit_webauthn": "apps.users.sign_in_forms.RenamePasskeyForm",
}
MFA_RATE_LIMITS = {"webauthn_login": f"{10 * LIMIT_FACTOR}/m/ip"}
# How many proxies stand before us: which part of X-Forwarded-For is the visitor's address, and which anybody can write.
ALLAUTH_TRUSTED_PROXY_COUNT = env.read_int("PROXY_COUNT", 0 if EMBEDDED else 1, at_most=10)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "account_login"

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("fr", _("French")), ("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Brussels"

STATIC_URL = "/static/"
# The embedded default serves static files from where they lie; production collects them first.
STATIC_ROOT = None if EMBEDDED else Path(env.read_text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = EMBEDDED
WHITENOISE_AUTOREFRESH = False

# The directory that is watched for banks' files; none is in production unless it is named.
CODA_INBOX = env.read_text(f"{_OWN}CODA_INBOX", str(DATA_DIR / "coda-inbox") if EMBEDDED else "")
if CODA_INBOX:
    CELERY_BEAT_SCHEDULE["watch the inbox of bank files"] = {
        "task": "statements.watch_inbox",
        "schedule": 5.0,
        "options": {"expires": 30},
    }
# A bucket of an S3-compatible service instead of the folder below, when it is named.
BLOB_BUCKET = None if SANDBOX else env.read_bucket()
BLOB_DIR = Path(env.read_text(f"{_OWN}BLOB_DIR", str(DATA_DIR / "blobs"))).resolve()
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

DEFAULT_FROM_EMAIL = env.read_text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@codabox.example>")
EMAIL_DIR = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
# No mail of the sandbox leaves the house, whatever its companies' addresses are: /mailbox/ shows them.
_folder = "apps.core.mail.FolderBackend"
EMAIL_BACKEND = (
    _folder
    if SANDBOX
    else env.read_text("EMAIL_BACKEND", _folder if EMBEDDED else "django.core.mail.backends.smtp.EmailBackend")
)
# EMAIL_BACKEND=anymail.backends.<provider>.EmailBackend takes its keys from ANYMAIL_…, e.g. ANYMAIL_MAILGUN_API_KEY.
ANYMAIL = env.read_prefixed("ANYMAIL_")
EMAIL_HOST = env.read_text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.read_int("EMAIL_PORT", 25, at_least=1, at_most=65535)
EMAIL_HOST_USER = env.read_text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.read_secret("EMAIL_HOST_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = env.read_bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.read_bool("EMAIL_USE_SSL", default=False)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# A page may be in nobody's frame; a mail and a PDF say themselves that ours may show them.
X_FRAME_OPTIONS = "DENY"
# Nothing from another host, nothing written into a page: pictures may be data (the code of a second factor).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# On one machine the service and its sandbox differ in their ports alone, which cookies do not.
SESSION_COOKIE_NAME = "sandbox_sessionid" if SANDBOX else "sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if not EMBEDDED:
    # The API refuses plain HTTP itself (a redirect would already have leaked the password); pages redirect.
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^v2/", r"^health/"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [BASE_URL]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "asyncssh": {"level": "WARNING"},
    },
}
