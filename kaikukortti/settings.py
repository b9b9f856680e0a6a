"""Settings. Everything an operator may change is an environment variable, listed in docs/operations.md."""

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from kaikukortti import keys

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("KAIKUKORTTI_DATA", BASE_DIR / "data"))
# What offline tills carry is drawn here: never in the data folder, whose copy beside a list would confirm codes.
LISTS_DIR = Path(os.environ.get("KAIKUKORTTI_LISTS", BASE_DIR / "lists"))


def _secret_key() -> str:
    """The signing key; without one commands still run, but nothing signed survives them (`serve` refuses)."""
    try:
        return keys.key("django").hex()
    except keys.MissingKey:
        return secrets.token_hex(32)


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("KAIKUKORTTI_DEBUG") == "1"
# A demo listens on loopback only and may be signed in to with printed passwords; `manage.py serve` holds it to that.
DEMO = os.environ.get("KAIKUKORTTI_DEMO") == "1"
ALLOWED_HOSTS = os.environ.get("KAIKUKORTTI_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("KAIKUKORTTI_ORIGINS", "").split(",") if origin]
BEHIND_TLS = os.environ.get("KAIKUKORTTI_TLS") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "kaikukortti.apps.Kaikukortti",
]

MIDDLEWARE = [
    "kaikukortti.api.door.door",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "kaikukortti.web.errors.back_to_a_page",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "kaikukortti.urls"
WSGI_APPLICATION = "kaikukortti.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "kaikukortti.web.context.page",
            ],
            "builtins": ["kaikukortti.templatetags.look", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]


def _database() -> dict[str, Any]:
    """SQLite under the data folder, or the PostgreSQL of DATABASE_URL (`postgresql://user:password@host:port/name?…`).

    SQLite: WAL so that readers never wait, IMMEDIATE so that two writers queue instead of failing half-way, FULL so
    that an acknowledged record survives a power cut (R1, R2).
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        # Its owner's only, as the keys are: the file holds the register's rows and who is signed in.
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "kaikukortti.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": os.environ.get("KAIKUKORTTI_TEST_SQLITE", str(DATA_DIR / "test.sqlite3"))},
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # The same few statements all day: the server plans them once a connection (a transaction pooler like PgBouncer
        # in front must be one that keeps prepared statements).
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5, **dict(parse_qsl(parts.query))},
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A list that somebody brings is read in memory and nowhere written down; a larger one is not taken in at all.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

AUTH_USER_MODEL = "kaikukortti.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Second factors and organisation sign-in (decision 21): allauth's machinery behind pages of ours. None of its own pages
# is mounted, and its tables of e-mail addresses stay empty.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
MFA_ADAPTER = "kaikukortti.web.factor_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODE_COUNT, MFA_RECOVERY_CODE_DIGITS = 10, 8
MFA_WEBAUTHN_USER_VERIFICATION = "required"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
# A file beside the keys, not a table: a copied database holds no client secret (docs/operations.md).
PROVIDERS_FILE = os.environ.get("KAIKUKORTTI_PROVIDERS", "")


def _provider(said: dict[str, Any]) -> dict[str, Any]:
    """One organisation's sign-in as allauth reads it."""
    return {
        "provider_id": said["id"],
        "name": said["name"],
        "client_id": said["client_id"],
        "secret": said["client_secret"],
        "settings": {
            "server_url": said["issuer"],
            "acr": said.get("acr", []),
            "signs_in_at": said.get("signs_in_at", []),
        },
    }


def _providers() -> list[dict[str, Any]]:
    if not PROVIDERS_FILE:
        return []
    try:
        return [_provider(said) for said in json.loads(Path(PROVIDERS_FILE).read_text())]
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise ImproperlyConfigured(
            "The file of KAIKUKORTTI_PROVIDERS does not say id, name, issuer, client_id and client_secret of each "
            f"organisation, as JSON ({type(wrong).__name__}: {wrong})."
        ) from wrong


SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": _providers()}}

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Helsinki"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or os.environ.get("KAIKUKORTTI_PLAIN_STATIC") == "1"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# In the session: no cookie of its own (P20).
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "kaikukortti.web.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
    }
}

# Codes, birth years and postal codes never reach a log line: requests are logged by route, never by body or query.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"by_route": {"()": "kaikukortti.logs.ByRoute"}},
    "formatters": {
        "plain": {
            "()": "kaikukortti.logs.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["by_route"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "kaikukortti": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # What a caller did wrong stands in kaikukortti.requests already.
        "django.request": {"level": "ERROR"},
    },
}
