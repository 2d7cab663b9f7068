"""Is it alive, is it ready: for supervisors and load balancers."""

from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer while the process serves; asks nothing of anyone else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all that is needed to accept and execute runs can be reached, else 503."""
    parts = {name: ask() for name, ask in PARTS.items()}
    faults = [part for part, fault in parts.items() if fault]
    body = {"status": "unready" if faults else "ok"} | {
        name: fault or "ok" for name, fault in parts.items()
    }
    return JsonResponse(body, status=503 if faults else 200)


def database_fault() -> str:
    """Say why the database cannot be used; empty when it can."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "the database does not answer"
    return ""


def broker_fault() -> str:
    """Say why the broker cannot be used; empty when it can, or is this process itself."""
    if not settings.REDIS_URL:
        return ""
    import redis  # takes long, and the one-process server has no use for it

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "Redis does not answer"
    return ""


PARTS: dict[str, Callable[[], str]] = {"database": database_fault, "broker": broker_fault}
