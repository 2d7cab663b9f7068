"""Finds wrong settings at start, all at once, each with an id and what to do about it."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from apps.engine.errors import NodeError
from apps.expressions.child import missing_libraries
from apps.nodes.context import services
from apps.nodes.outside.mail_addresses import read_addresses

REDIS_SCHEMES = ("redis", "rediss", "unix")
POSITIVE = (
    "SILENT_AFTER_S",
    "SWEEP_S",
    "UNHEARD_AFTER_S",
    "CANCEL_FORCED_AFTER_S",
    "DRAIN_S",
    "GROUP_COMMIT_S",
    "GROUP_COMMIT_STEPS",
    "DURABLE_RETRY_S",
    "MAX_BODY_BYTES",
    "MAX_UPLOAD_BYTES",
    "INLINE_PAYLOAD_BYTES",
    "INBOX_DAYS",
    "INBOX_BODY_BYTES",
    "MAX_FILE_BYTES",
    "MAX_RESPONSE_BYTES",
    "MAX_STEP_OUTPUT_BYTES",
    "MAX_RUN_OUTPUT_BYTES",
    "EXPRESSION_S",
    "EXPRESSION_BYTES",
    "TRANSFORM_S",
    "TRANSFORM_BYTES",
    "WORKER_THREADS",
)
NOT_NEGATIVE = ("KEEP_COMPLETED_DAYS", "KEEP_FAILED_DAYS", "KEEP_RUNS", "MAX_WORKFLOW_BYTES")
HOST_AND_PORT = re.compile(r"(?P<host>[^\s/:\[\]]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?")


@register
def check_environment(**kwargs: Any) -> list[CheckMessage]:
    """E001: an environment variable holds something else than it should."""
    return [
        Error(f"{name} cannot be read: {why}.", id="flowforge.E001")
        for name, why in settings.UNREADABLE.items()
    ]


@register
def check_numbers(**kwargs: Any) -> Iterator[CheckMessage]:
    """E002: a number out of its range."""
    for name in POSITIVE:
        if getattr(settings, name) <= 0:
            yield Error(f"{name} must be greater than 0.", id="flowforge.E002")
    for name in NOT_NEGATIVE:
        if getattr(settings, name) < 0:
            yield Error(f"{name} must not be less than 0.", id="flowforge.E002")
    if settings.SILENT_AFTER_S < 3 * settings.SWEEP_S:
        yield Error(
            "SILENT_AFTER_S must be at least three times SWEEP_S, the time between heartbeats.",
            hint="One late heartbeat would take runs from a worker that is well.",
            id="flowforge.E002",
        )


REDIS = ("REDIS_URL", "BROKER_REDIS_URL", "STREAMS_REDIS_URL", "CACHE_REDIS_URL")


@register
def check_redis(**kwargs: Any) -> Iterator[CheckMessage]:
    """E003: a Redis that FlowForge does not know. W001: workers that share no database."""
    urls = {name: getattr(settings, name) for name in REDIS}
    wrong = [name for name, url in urls.items() if url and not is_redis(url)]
    for name in wrong:
        yield Error(
            f"{name} must be the URL of a Redis server.",
            hint="redis://host:6379/0",
            id="flowforge.E003",
        )
    if settings.REDIS_URL and settings.IS_SQLITE and not wrong:
        yield Warning(
            "REDIS_URL is set, but the database is a SQLite file.",
            hint="Workers on other machines cannot reach it: set DATABASE_URL to PostgreSQL.",
            id="flowforge.W001",
        )


@register
def check_mail_addresses(**kwargs: Any) -> Iterator[CheckMessage]:
    """E008: a sender of mail that no server would take, or somebody to alert who has no address."""
    if not is_mail_address(settings.DEFAULT_FROM_EMAIL):
        yield Error(
            f"DEFAULT_FROM_EMAIL is no mail address: {settings.DEFAULT_FROM_EMAIL!r}.",
            hint="DEFAULT_FROM_EMAIL=FlowForge <flowforge@example.org>",
            id="flowforge.E008",
        )
    for entry in settings.ALERT_EMAILS:
        if not is_mail_address(entry):
            yield Error(
                f"ALERT_EMAILS: {entry!r} is no mail address.",
                hint="ALERT_EMAILS=ops@example.org,oncall@example.org",
                id="flowforge.E008",
            )


@register(Tags.security)
def check_trusted_proxies(**kwargs: Any) -> Iterator[CheckMessage]:
    """E004: an entry of TRUSTED_PROXIES that is no network."""
    for entry in settings.TRUSTED_PROXIES:
        if not is_network(entry):
            yield Error(
                f"TRUSTED_PROXIES: {entry!r} is neither an address nor a network.",
                hint="TRUSTED_PROXIES=127.0.0.1,10.20.0.0/16",
                id="flowforge.E004",
            )


@register(Tags.security)
def check_hooks_host(**kwargs: Any) -> Iterator[CheckMessage]:
    """E005: a HOOKS_HOST that no request would have, or that all would."""
    host = settings.HOOKS_HOST
    match = HOST_AND_PORT.fullmatch(host)
    if host and (match is None or match["port"] or host == urlsplit(settings.PUBLIC_URL).hostname):
        yield Error(
            f"HOOKS_HOST must be a host name without a port, and not that of PUBLIC_URL: {host!r}.",
            hint="HOOKS_HOST=hooks.example.org",
            id="flowforge.E005",
        )


@register(Tags.security)
def check_own_files(**kwargs: Any) -> Iterator[CheckMessage]:
    """E006: others on this machine could read the keys and the database."""
    mode = settings.VAR_DIR.stat().st_mode & 0o777
    if mode & 0o077:
        yield Error(
            f"{settings.VAR_DIR} can be opened by others (mode {mode:o}).",
            hint=f"chmod 700 {settings.VAR_DIR}",
            id="flowforge.E006",
        )


@register
def check_libraries(**kwargs: Any) -> Iterator[CheckMessage]:
    """E007: expressions could name no dates."""
    for path in missing_libraries():
        yield Error(
            f"A library that expressions use is not installed: {path}.",
            hint="make libraries",
            id="flowforge.E007",
        )


@register(Tags.security, deploy=True)
def check_https(**kwargs: Any) -> Iterator[CheckMessage]:
    """W003: passwords and sessions could be read on their way."""
    if not settings.IS_HTTPS:
        yield Warning(
            "PUBLIC_URL is not https://: passwords and sessions can be read on their way.",
            hint="Put a server that speaks TLS in front, and set PUBLIC_URL to its address.",
            id="flowforge.W003",
        )


@register(Tags.security)
def check_insecure_tls(**kwargs: Any) -> Iterator[CheckMessage]:
    """W006: nodes may talk to whoever answers in a server's place."""
    if settings.ALLOW_INSECURE_TLS:
        yield Warning(
            "ALLOW_INSECURE_TLS lets nodes leave certificates unchecked.",
            hint="Better give the machine the authority that signed them (SSL_CERT_FILE).",
            id="flowforge.W006",
        )


@register(Tags.security, deploy=True)
def check_sandbox(**kwargs: Any) -> Iterator[CheckMessage]:
    """W002: JavaScript of builders runs with fewer walls around it. Starts a process to know."""
    for wall, why in services().sandbox.missing_walls().items():
        yield Warning(
            f"JavaScript of builders runs without {wall}: {why}.",
            hint="The other walls hold. Run workers where the kernel and the container allow it.",
            id="flowforge.W002",
        )


def is_redis(written: str) -> bool:
    """True for the URL of a Redis server."""
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in REDIS_SCHEMES


def is_mail_address(written: str) -> bool:
    """True for one address, perhaps with a name."""
    try:
        return len(read_addresses(written, "address")) == 1
    except NodeError:
        return False


def is_network(entry: str) -> bool:
    """True for an address or a network in the usual notation."""
    try:
        ipaddress.ip_network(entry)
    except ValueError:
        return False
    return True
