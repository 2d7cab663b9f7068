"""Whose address was asked: the step behind a token, as long as it waits."""

import hashlib
import logging
import time
from zoneinfo import ZoneInfo

import redis
from django.core.cache import cache

from apps.nodes.values.date_formats import told_time
from apps.runs.decide import judgement_of
from apps.runs.links import InvalidLinkError, Link, read_link
from apps.runs.models import Run, StepRun
from apps.runs.plans import known_version
from apps.runs.resume import is_awaited, is_to_come, step_of
from apps.triggers.errors import RefusedError

logger = logging.getLogger(__name__)

MOST_A_MINUTE = 60
TOLD = {"approve": "approved", "reject": "rejected"}


def asked_link(token: str, purpose: str, most_a_minute: int = MOST_A_MINUTE) -> Link:
    """What an address says. Raises RefusedError: 404 where it is none, 429."""
    try:
        link = read_link(token, purpose)
    except InvalidLinkError:
        raise RefusedError(404, "unknown_address", "There is nothing at this address.") from None
    count_asked(token, most_a_minute)
    return link


def awaited_step(link: Link, reason: str) -> tuple[Run, StepRun]:
    """The step that waits for an answer at an address, and its run.

    Raises RefusedError: 409 while it does not wait yet, 410 once it waits no more.
    """
    runs = Run.objects.without_payloads().select_related("workflow")
    run = runs.filter(pk=link.run, workspace=link.workspace).first()
    step = step_of(link)
    if run is not None and run.is_open and step is not None and is_awaited(step, reason):
        return run, step
    if run is not None and is_to_come(run, link):
        raise RefusedError(
            409,
            "not_waiting_yet",
            "The workflow has not come so far yet; try again in a moment.",
            **{"Retry-After": "2"},
        )
    raise no_longer(link)


def require_answerable(link: Link) -> None:
    """Raise RefusedError where no request is waited for at an address, now or later."""
    try:
        awaited_step(link, "signal")
    except RefusedError as refused:
        if refused.status != 409:
            raise


def no_longer(link: Link) -> RefusedError:
    """That it is too late, and what was decided; by whom only where the link is theirs."""
    step = step_of(link)
    judgement = judgement_of(step) if step is not None else None
    told = "This was answered already, or is no longer needed."
    if judgement is not None:
        version = Run.objects.values_list("version", flat=True).get(pk=link.run)
        zone = ZoneInfo(known_version(version).settings.timezone)
        at = told_time(judgement.created_at, zone)
        by = f" by {link.recipient}" if link.recipient == judgement.body["by"] != "" else ""
        told = f"This was answered already: {TOLD[judgement.body['decision']]} on {at}{by}."
    return RefusedError(410, "not_waiting", told)


def count_asked(whom: str, most_a_minute: int) -> None:
    """Let the same be asked only so often. Raises RefusedError."""
    minute = int(time.time() // 60)
    counter = f"waits:{minute}:{hashlib.sha256(whom.encode()).hexdigest()}"
    try:
        cache.add(counter, 0, timeout=120)
        asked = cache.incr(counter)
    except (redis.RedisError, ValueError) as error:  # away, or it has just forgotten the counter
        logger.warning("requests to steps that wait are not counted: %s", error)
        return
    if asked > most_a_minute:
        raise RefusedError(
            429, "too_often", "This address is asked too often.", **{"Retry-After": "60"}
        )
