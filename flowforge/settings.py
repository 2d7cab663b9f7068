"""Every setting of FlowForge. All come from the environment, secrets also from `<NAME>_FILE`.

A value that cannot be read keeps its default and is reported by `flowforge.checks`, so that
`manage.py check` and every start name all wrong values at once.
"""

import logging
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.management.utils import get_random_secret_key

from flowforge import log
from flowforge.environment import (
    UNREADABLE,
    database,
    egress_entries,
    entries,
    fernet_keys,
    flag,
    log_level,
    mail,
    modules,
    number,
    port,
    read,
    text,
    url,
)
from flowforge.own_files import kept_secret, private_folder

BASE_DIR = Path(__file__).resolve().parent.parent
# --- Own files ----------------------------------------------------------------------------------

VAR_DIR = read(
    "VAR_DIR", lambda path: private_folder(Path(path.strip() or BASE_DIR / "var").resolve()), None
) or private_folder(BASE_DIR / "var" if "VAR_DIR" not in UNREADABLE else Path(tempfile.mkdtemp()))
FRONTEND_DIST = Path(text("FRONTEND_DIST", str(BASE_DIR / "frontend" / "dist")))

# --- Where it is served -------------------------------------------------------------------------


DEBUG = flag("DEBUG")
HOST = text("HOST", "127.0.0.1")
PORT = read("PORT", port, 8000)
OWN_HOST = "127.0.0.1" if HOST in ("0.0.0.0", "::") else f"[{HOST}]" if ":" in HOST else HOST  # noqa: S104


#: Where workers reach the server, for the demo.
OWN_URL = read("OWN_URL", url, "") or f"http://{OWN_HOST}:{PORT}"
#: Links in answers begin with this, never with the Host header.
PUBLIC_URL = read("PUBLIC_URL", url, "") or OWN_URL
#: Another host name, for hooks and nothing else; empty: the same as all else.
HOOKS_HOST = text("HOOKS_HOST").lower()


def on_host(base: str, host: str) -> str:
    """The same scheme and port at another host; the same host where none is named."""
    parts = urlsplit(base)
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}" if host else base


#: What the addresses of hooks begin with.
HOOKS_URL = on_host(PUBLIC_URL, HOOKS_HOST)
IS_HTTPS = PUBLIC_URL.startswith("https://")
#: Which of several installations this is, for people: on each page of web app and admin.
ENVIRONMENT = text("ENVIRONMENT")
#: Networks of the proxies in front, whose `X-Forwarded-For` is believed.
TRUSTED_PROXIES = read("TRUSTED_PROXIES", entries, [])

ALLOWED_HOSTS = read("ALLOWED_HOSTS", entries, []) or [
    name
    for name in (
        "localhost",
        "127.0.0.1",
        "[::1]",
        HOST,
        urlsplit(OWN_URL).hostname,
        urlsplit(PUBLIC_URL).hostname,
        HOOKS_HOST,
    )
    if name
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- Secrets ------------------------------------------------------------------------------------

SECRET_KEY = text("SECRET_KEY") or kept_secret(VAR_DIR / "secret_key", get_random_secret_key)


def own_fernet_keys() -> list[str]:
    """The keys of this installation, made at its first start."""
    path = VAR_DIR / "credential_keys"
    try:
        return fernet_keys(kept_secret(path, lambda: Fernet.generate_key().decode()))
    except (ValueError, OSError) as error:
        UNREADABLE[str(path)] = str(error)
        return []


_GIVEN_KEYS = read("CREDENTIAL_KEYS", lambda keys: fernet_keys(keys) if keys.strip() else [], [])
CREDENTIAL_KEYS_ARE_GIVEN = bool(_GIVEN_KEYS) or "CREDENTIAL_KEYS" in UNREADABLE
#: What credentials are encrypted with: the first key seals, each of them opens. None where those
#: that were given cannot be read: nobody else has what is made here.
CREDENTIAL_KEYS = _GIVEN_KEYS if CREDENTIAL_KEYS_ARE_GIVEN else own_fernet_keys()

# --- The parts ----------------------------------------------------------------------------------

#: Django apps of the operator, whose rows may start runs.
EXTRA_APPS = read("EXTRA_APPS", modules, [])
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "flowforge.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "django_celery_beat",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "apps.workspaces",
    "apps.credentials",
    "apps.workflows",
    "apps.versions",
    "apps.runs",
    "apps.triggers",
    "apps.interchange",
    "apps.operations",
    "flowforge",
    *EXTRA_APPS,
]
MIDDLEWARE = [
    "flowforge.strict_transport.StrictTransportMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "flowforge.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "flowforge.admin_policy.AdminPolicyMiddleware",
    "apps.workspaces.plans.PlansMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.workspaces.chunked.ChunkedBodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.workspaces.origin.OriginMiddleware",
    "apps.workspaces.sessions.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "flowforge.urls"
ASGI_APPLICATION = "flowforge.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # First: pages of ours take the place of Unfold's, and extend them.
        "DIRS": [BASE_DIR / "flowforge" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "flowforge.formats"

#: Of FlowForge, as pyproject.toml has it.
VERSION = "0.1.0"

# --- The numbers --------------------------------------------------------------------------------

SILENT_AFTER_S = number("SILENT_AFTER_S", 10.0)
#: A turn of each control thread: heartbeat and look for signals; sweep.
SWEEP_S = number("SWEEP_S", 1.0)
#: A wake-up that is older than this is sent again.
UNHEARD_AFTER_S = number("UNHEARD_AFTER_S", 60.0)
#: A cancelled run is taken from a worker that does not let go of it for so long.
CANCEL_FORCED_AFTER_S = number("CANCEL_FORCED_AFTER_S", 30.0)
#: How long a worker that stops lets runs end, before it hands them back.
DRAIN_S = number("DRAIN_S", 8.0)
GROUP_COMMIT_S = number("GROUP_COMMIT_S", 0.05)
GROUP_COMMIT_STEPS = number("GROUP_COMMIT_STEPS", 1_000)
#: A retry that waits longer than this is a durable timer.
DURABLE_RETRY_S = number("DURABLE_RETRY_S", 5.0)
MAX_BODY_BYTES = number("MAX_BODY_BYTES", 16 * 1024**2)
#: A body that is a file or a form with files: it goes to the disk in pieces.
MAX_UPLOAD_BYTES = number("MAX_UPLOAD_BYTES", 256 * 1024**2)
INLINE_PAYLOAD_BYTES = number("INLINE_PAYLOAD_BYTES", 256 * 1024)
#: How long the inbox keeps requests to hooks, and the largest body that it keeps of one.
INBOX_DAYS = number("INBOX_DAYS", 7.0)
INBOX_BODY_BYTES = number("INBOX_BODY_BYTES", 1024**2)
#: A file that a step keeps; the largest that one sends along.
MAX_FILE_BYTES = number("MAX_FILE_BYTES", 64 * 1024**2)
MAX_RESPONSE_BYTES = number("MAX_RESPONSE_BYTES", 16 * 1024**2)
MAX_STEP_OUTPUT_BYTES = number("MAX_STEP_OUTPUT_BYTES", 64 * 1024**2)
MAX_RUN_OUTPUT_BYTES = number("MAX_RUN_OUTPUT_BYTES", 1024**3)
#: How long ended runs are kept, and how many of a workflow, where it says nothing; 0: no limit.
KEEP_COMPLETED_DAYS = number("KEEP_COMPLETED_DAYS", 0)
KEEP_FAILED_DAYS = number("KEEP_FAILED_DAYS", 0)
KEEP_RUNS = number("KEEP_RUNS", 0)
#: How much the runs of a workflow may keep in all, where it says nothing; 0: no limit.
MAX_WORKFLOW_BYTES = number("MAX_WORKFLOW_BYTES", 0)
#: What expressions see as `$env`: the variables whose names the operator lists.
EXPRESSION_ENV = {
    name: os.environ[name] for name in read("EXPRESSION_ENV", entries, []) if name in os.environ
}
EXPRESSION_S = number("EXPRESSION_S", 1.0)
EXPRESSION_BYTES = number("EXPRESSION_BYTES", 64 * 1024**2)
TRANSFORM_S = number("TRANSFORM_S", 10.0)
TRANSFORM_BYTES = number("TRANSFORM_BYTES", 256 * 1024**2)

DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# --- Redis, or everything in one process --------------------------------------------------------

REDIS_URL = text("REDIS_URL")
#: A Redis each for wake-ups, live events and flags, where one is not to do all of it.
BROKER_REDIS_URL = text("BROKER_REDIS_URL", REDIS_URL) if REDIS_URL else ""
STREAMS_REDIS_URL = text("STREAMS_REDIS_URL", REDIS_URL) if REDIS_URL else ""
CACHE_REDIS_URL = text("CACHE_REDIS_URL", REDIS_URL) if REDIS_URL else ""
WORKER_THREADS = number("WORKER_THREADS", 16 if REDIS_URL else 8)
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [STREAMS_REDIS_URL]},
    }
    if REDIS_URL
    # All who listen share one channel, for as long as the process lives.
    else {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 10_000, "group_expiry": 10 * 365 * 86_400},
    }
}

# A Redis that does not answer is as good as away: nobody is to wait for it longer.
REDIS_PATIENCE = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "flowforge.redis_cache.RedisCache",
        "LOCATION": CACHE_REDIS_URL,
        "OPTIONS": REDIS_PATIENCE,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- Database -----------------------------------------------------------------------------------

OWN_DATABASE = f"sqlite:///{VAR_DIR}/flowforge.sqlite3"
SQLITE_OPTIONS = {
    # The first counts for files that are new: the clean-up gives back what is free in them.
    "init_command": (
        "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    ),
    # A deferred transaction that reads and then writes meets "database is locked" at once.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
}
POSTGRES_OPTIONS = {
    # A process that stops inside a transaction must not block the others for longer than a
    # worker may be silent.
    "options": (
        "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=8s"
        # To compile a statement takes longer than all that we ask.
        " -c jit=off"
    ),
    # A host that has vanished answers nothing: without these, for a quarter of an hour.
    "connect_timeout": 5,
    "tcp_user_timeout": 8_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "pool": {
        "min_size": 1,
        "max_size": WORKER_THREADS + 8,
        "timeout": 5,
        # Else attempts to connect lie ever further apart while the database is away, and work
        # would go on as much later. Whoever asks for a connection begins another attempt.
        "reconnect_timeout": 2,
    },
    "server_side_binding": True,
    "prepare_threshold": 5,
}
# What a URL names, and what connects: SQLite through a backend of our own.
BACKENDS = {
    "django.db.backends.sqlite3": ("flowforge.sqlite", SQLITE_OPTIONS),
    "django.db.backends.postgresql": ("django.db.backends.postgresql", POSTGRES_OPTIONS),
}


def _database(url: str) -> dict[str, Any]:
    return database(url.strip() or OWN_DATABASE, BACKENDS)


DATABASE = read("DATABASE_URL", _database, None) or _database("")
IS_SQLITE = DATABASE["ENGINE"] == "django.db.backends.sqlite3"
DATABASE["ENGINE"], _options = BACKENDS[DATABASE["ENGINE"]]
#: A pooler that gives each transaction another session is in between, such as PgBouncer.
DATABASE_IS_POOLED = flag("DATABASE_IS_POOLED") and not IS_SQLITE
if DATABASE_IS_POOLED:
    # What belongs to a session: it would be missing in the next one, or be there for others.
    DATABASE["DISABLE_SERVER_SIDE_CURSORS"] = True
    _options = {name: value for name, value in _options.items() if name != "options"}
    _options["prepare_threshold"] = None
DATABASE["OPTIONS"] = _options | DATABASE.get("OPTIONS", {})
DATABASES = {"default": DATABASE}

# --- Mail ---------------------------------------------------------------------------------------


_mail = read("EMAIL_URL", mail, None) or mail("")
#: Whether what we send to people reaches them: without a server it would stand in the log alone.
HAS_MAIL_SERVER = bool(text("EMAIL_URL"))
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_PORT = _mail["EMAIL_PORT"] or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 30
#: The sender of mail that names none.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("DEFAULT_FROM_EMAIL", "flowforge@localhost")
#: Who is told when schedules do not fire; none: only the log is.
ALERT_EMAILS = read("ALERT_EMAILS", entries, [])

# --- Celery -------------------------------------------------------------------------------------
# A message is a wake-up and never the truth: no results, no ETA, no countdown.

CELERY_BROKER_URL = BROKER_REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    # Kombu's book of unacknowledged messages costs three commands each, for what the sweep does.
    {"ack_emulation": False, **REDIS_PATIENCE}
    if REDIS_URL
    # Kombu's default of a second between two looks would be most of a short run.
    else {"polling_interval": 0.01}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# However long it is away: by default Celery's worker gives up after a hundred times, and ends.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "flowforge"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = WORKER_THREADS
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
#: After so many tasks it writes when it sent them, by which its silence is noticed.
CELERY_BEAT_SYNC_EVERY = 10
CELERY_TIMEZONE = TIME_ZONE

# --- Who asks -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "workspaces.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
#: How long a link works by which a forgotten password is set anew.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
#: Counts failures, for the API's login and the admin's alike.
AUTHENTICATION_BACKENDS = ["apps.workspaces.login_limit.LimitedBackend"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# --- The API ------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.workspaces.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.workspaces.parsers.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "apps.workspaces.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.workspaces.problems.handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FlowForge",
    "DESCRIPTION": "Build workflows, run them durably, watch them live.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "GET_LIB_DOC_EXCLUDES": "apps.workspaces.openapi.bases",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.workspaces.openapi.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AlertChannel": "apps.operations.models.AlertDelivery.Channel",
        "AlertDeliveryStatus": "apps.operations.models.AlertDelivery.Status",
        "AlertEvent": "apps.operations.models.AlertDelivery.Event",
        "AlertRuleKind": "apps.operations.models.AlertRule.Kind",
        "BulkJobStatus": "apps.operations.models.BulkJob.Status",
        "ErrorGroupStatus": "apps.operations.models.ErrorGroup.Status",
        "RetryVersion": "apps.runs.retry.VERSIONS",
        "RunStatus": "apps.runs.states.RunStatus",
        "StepStatus": "apps.runs.states.StepStatus",
        "WorkflowStatus": "apps.workflows.models.Workflow.Status",
    },
}

# --- What browsers may do -----------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        # Not all browsers take a WebSocket to the own host for their own.
        "connect-src": [SELF, PUBLIC_URL.replace("http", "ws", 1)],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    # HSTS is sent by flowforge.strict_transport, and the proxy that ends TLS leads there.
    "security.W004",
    "security.W008",
    # Cookies are secure where PUBLIC_URL is https, which flowforge.W003 asks for.
    "security.W012",
    "security.W016",
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- What nodes may reach -----------------------------------------------------------------------


#: Private addresses that nodes may connect to all the same: `host:port`, `host`, networks.
EGRESS_ALLOW = read("EGRESS_ALLOW", lambda written: egress_entries(written, OWN_URL), [])
#: Whether a node may leave the certificate of a server unchecked.
ALLOW_INSECURE_TLS = flag("ALLOW_INSECURE_TLS")

# --- Files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [("app", FRONTEND_DIST)] if FRONTEND_DIST.is_dir() else []
# Served from where they lie: nothing is collected, so nothing collected can be out of date.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
#: Vite names each asset by its content.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/"
MEDIA_ROOT = VAR_DIR / "payloads"

# --- Admin --------------------------------------------------------------------------------------

OWN_SIGN = "/static/app/favicon.svg"
UNFOLD = {
    "SITE_TITLE": "FlowForge",
    "SITE_HEADER": "FlowForge",
    "SITE_URL": "/",
    "DASHBOARD_CALLBACK": "apps.operations.admin.board.board_of",
    "GLOBAL_CALLBACK": "flowforge.admin_frame.held",
    "ENVIRONMENT": "flowforge.admin_frame.environment",
    "ENVIRONMENT_TITLE_PREFIX": "flowforge.admin_frame.title_prefix",
    "SIDEBAR": {"navigation": "flowforge.admin_sidebar.navigation", "show_search": True},
    "LOGIN": {"form": "apps.workspaces.login_limit.LoginForm"},
    "SITE_ICON": OWN_SIGN,
    "STYLES": ["/static/flowforge/admin.css"],
    "SCRIPTS": ["/static/flowforge/admin.js"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": OWN_SIGN}],
    # Indigo, as on the other pages.
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.3)",
            "100": "oklch(93% .034 272.8)",
            "200": "oklch(87% .065 274)",
            "300": "oklch(78.5% .115 274.7)",
            "400": "oklch(67.3% .182 276.9)",
            "500": "oklch(58.5% .233 277.1)",
            "600": "oklch(51.1% .262 277)",
            "700": "oklch(45.7% .24 277)",
            "800": "oklch(39.8% .195 277.4)",
            "900": "oklch(35.9% .144 278.7)",
            "950": "oklch(25.7% .09 281.3)",
        }
    },
}

# --- Log ----------------------------------------------------------------------------------------


LOG_LEVEL = read("LOG_LEVEL", log_level, logging.INFO)
#: Of what tells much of the little that it does.
QUIET = max(LOG_LEVEL, logging.WARNING)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "flowforge.log.line_formatter", "as_json": flag("LOG_JSON")}},
    "filters": {"refused": {"()": lambda: log.without_refused}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refused"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django gives these handlers and levels of their own.
        "django": {"handlers": [], "level": "NOTSET"},
        "django.server": {"handlers": [], "level": "NOTSET", "propagate": True},
        "daphne": {"level": QUIET},
        "celery": {"level": QUIET},
        "httpx": {"level": QUIET},
        # Warns of each batch of statements that a node's database refuses, which the step tells.
        "psycopg": {"level": max(LOG_LEVEL, logging.ERROR)},
        # Tells each connection that it gives and gets back, thrice a request.
        "psycopg.pool": {"level": QUIET},
    },
}
structlog.configure(
    processors=[*log.STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
