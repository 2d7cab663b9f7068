"""Is it alive, is it ready: for supervisors and load balancers."""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.engine.events import write_time
from apps.operations.board.beat import last_tick, what_to_do
from apps.runs.models import Worker
from apps.triggers.schedules.states import late_count

_NO_ANSWER = "the database does not answer"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer while the process serves; asks nothing of anyone else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all that is needed to accept and execute runs is there, else 503."""
    parts = {"database": database_fault(), "broker": broker_fault()}
    # Who waited in vain for the database need not wait once more.
    parts["workers"] = parts["database"] or workers_fault()
    parts["schedules"] = parts["database"] or schedules_fault()
    parts |= {name: ask() for name, ask in OWN_PARTS.items()}
    faults = [part for part, fault in parts.items() if fault]
    # Told, but no reason to send nothing here: runs are made and executed without it.
    parts["beat"] = parts["database"] or beat_fault()
    body = {"status": "unready" if faults else "ok"} | {
        name: fault or "ok" for name, fault in parts.items()
    }
    return JsonResponse(body, status=503 if faults else 200)


def database_fault() -> str:
    """Say why the database cannot be used; empty when it can."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return _NO_ANSWER
    return ""


def broker_fault() -> str:
    """Say why the broker cannot be used; empty when it can, or is this process itself."""
    if not settings.BROKER_REDIS_URL:
        return ""
    try:
        with redis.Redis.from_url(settings.BROKER_REDIS_URL, **settings.REDIS_PATIENCE) as client:
            client.ping()
    except redis.RedisError:
        return "Redis does not answer"
    return ""


def workers_fault() -> str:
    """Say that no worker is alive and at work; empty when one has beaten lately, by the database's
    clock."""
    silent_after = timedelta(seconds=settings.SILENT_AFTER_S)
    try:
        alive = Worker.objects.filter(seen_at__gt=Now() - silent_after)
        asked = set(alive.values_list("drain_requested_at", "stop_requested_at"))
    except (DatabaseError, InterfaceError):
        return _NO_ANSWER
    if (None, None) in asked:
        return ""
    if asked:
        return "all workers that are alive are drained, or stop"
    return f"no worker was seen for {settings.SILENT_AFTER_S:g} s"


def schedules_fault() -> str:
    """Say that schedules are late; empty when all that was due has fired."""
    try:
        count = late_count()
    except (DatabaseError, InterfaceError):
        return _NO_ANSWER
    return f"{count} of them should have fired over a minute ago" if count else ""


def beat_fault() -> str:
    """Say that beat sends nothing; empty while it does."""
    try:
        tick = last_tick()
    except (DatabaseError, InterfaceError):
        return _NO_ANSWER
    if not tick.is_late:
        return ""
    since = f"has not ticked since {write_time(tick.at)}" if tick.at else "has never ticked"
    return f"it {since}: {what_to_do()}"


OWN_PARTS: dict[str, Callable[[], str]] = {}
"""What the process itself must have, each by its name: the one-process server adds its threads."""
