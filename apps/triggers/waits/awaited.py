"""Whose address was asked: the step behind a token, as long as it waits."""

import hashlib
import logging
import time

import redis
from django.core.cache import cache

from apps.runs.links import InvalidLinkError, Link, read_link
from apps.runs.models import Run, StepRun
from apps.runs.resume import is_awaited
from apps.runs.states import OPEN
from apps.triggers.hooks.errors import RefusedError

logger = logging.getLogger(__name__)

MOST_A_MINUTE = 60


def awaited_step(token: str, purpose: str, reason: str) -> tuple[Link, StepRun]:
    """The step that waits for an answer at this address, and what the address says.

    Raises RefusedError: 404 where it is no address, 409 while the step does not wait yet, 410 once
    it waits no more, 429.
    """
    try:
        link = read_link(token, purpose)
    except InvalidLinkError:
        raise RefusedError(404, "unknown_address", "There is nothing at this address.") from None
    _count(token)
    step = (
        StepRun.objects.select_related("run", "run__workflow")
        .without_payloads()
        .filter(workspace=link.workspace, run=link.run, node_id=link.node, iteration=link.iteration)
        .first()
    )
    if step is not None and step.run.is_open and is_awaited(step, reason):
        return link, step
    if _is_to_come(link, step):
        raise RefusedError(
            409,
            "not_waiting_yet",
            "The workflow has not come so far yet; try again in a moment.",
            **{"Retry-After": "2"},
        )
    raise no_longer()


def no_longer() -> RefusedError:
    return RefusedError(410, "not_waiting", "This was answered already, or is no longer needed.")


def _is_to_come(link: Link, step: StepRun | None) -> bool:
    """Whether the step may still begin to wait."""
    if step is not None:
        is_under_way = step.seq_finished is None and step.status != "waiting"
        return is_under_way and step.run.is_open and not step.run.inbox.filter(step=step).exists()
    return Run.objects.filter(pk=link.run, workspace=link.workspace, status__in=OPEN).exists()


def _count(token: str) -> None:
    """Let an address be asked only so often. Raises RefusedError."""
    minute = int(time.time() // 60)
    counter = f"waits:{minute}:{hashlib.sha256(token.encode()).hexdigest()}"
    try:
        cache.add(counter, 0, timeout=120)
        asked = cache.incr(counter)
    except (redis.RedisError, ValueError) as error:  # away, or it has just forgotten the counter
        logger.warning("requests to steps that wait are not counted: %s", error)
        return
    if asked > MOST_A_MINUTE:
        raise RefusedError(
            429, "too_often", "This address is asked too often.", **{"Retry-After": "60"}
        )
