"""Looks at the sources that are due, and makes a run of each thing that is new: once.

A look holds its poll for a while, and no transaction: servers may be slow. What it found is written
in one transaction, runs and cursor, if the poll is still held by it; else another look finds it.
"""

import logging
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from apps.credentials.vault import open_for
from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import services
from apps.nodes.lone_attempt import LoneAttempt, lone_attempt
from apps.nodes.polls.found import Found, Way
from apps.runs import sql
from apps.runs.create import RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.files import own_files
from apps.runs.payloads import store_payload
from apps.runs.states import Trigger
from apps.triggers.models import Poll
from apps.triggers.polls.sources import SOURCES

logger = logging.getLogger(__name__)

LOOK_S = 60.0
HOLD = timedelta(seconds=2 * LOOK_S)
"""After that another may look: whoever held it has ended, or stood still."""
AT_ONCE = 4
_free = threading.BoundedSemaphore(AT_ONCE)


def look_when_due() -> None:
    """Look at what is due, on threads of their own: no server holds up the sweep."""
    while _due().exists() and _free.acquire(blocking=False):
        poll = hold_next()
        if poll is None:
            _free.release()
            return
        threading.Thread(target=_look_aside, args=(poll,), name="poll", daemon=True).start()


def hold_next() -> Poll | None:
    """Hold the poll that is due for longest, for one look; None where none is."""
    with transaction.atomic():
        due = _due().select_for_update(of=("self",), skip_locked=True)
        poll = due.order_by("due_at").first()
        if poll is not None:
            poll.held_by, poll.due_at = uuid4(), sql.database_now() + HOLD
            poll.save(update_fields=["held_by", "due_at"])
    return poll


def look(poll: Poll) -> None:
    """Look at a source whose poll we hold, and write down what came of it."""
    try:
        with lone_attempt(LOOK_S) as attempt:
            found = _found(poll, attempt)
        _keep(poll, found)
    except RevokedError:
        _fail(poll, f"There was no answer within {LOOK_S:g} s.")
    except NodeError as error:
        _fail(poll, error.message)
    except Exception as error:
        # A fault of ours, or of a library on what others sent, which must not stop the other polls.
        logger.exception("poll %s could not look", poll.pk)
        _fail(poll, f"FlowForge failed to look: {type(error).__name__}.")


def _found(poll: Poll, attempt: LoneAttempt) -> Found:
    source = SOURCES[poll.type]
    params: Any = source.params.model_validate(poll.params)
    way = Way(services(), attempt, partial(_store, poll.workspace_id))
    if source.credentials:
        _, credential = open_for(poll.workspace_id, params.credential, source.credentials)
        attempt.hide(credential.secrets)
        way = replace(way, credential=credential.values)
    try:
        return source.look(params, poll.cursor, way)
    except NodeError as error:
        raise attempt.masker.error(error) from None


def _store(workspace: UUID, content: bytes, media_type: str) -> str:
    """Keep a file. If no run has it in the end, the clean-up takes it."""
    return str(store_payload(workspace, content, media_type))


def _live() -> QuerySet[Poll]:
    return Poll.objects.filter(is_live=True)


def _due() -> QuerySet[Poll]:
    return _live().filter(due_at__lte=sql.database_now())


def _look_aside(poll: Poll) -> None:
    try:
        look(poll)
    finally:
        connection.close()
        _free.release()


def _held(poll: Poll) -> Poll | None:
    """The poll as it is now, locked; None where the look is of no use any more."""
    held = _live().filter(pk=poll.pk, held_by=poll.held_by)
    return held.select_for_update(of=("self",)).first()


def _keep(poll: Poll, found: Found) -> None:
    with transaction.atomic():
        now = sql.database_now()
        if (held := _held(poll)) is None:
            return
        _make_runs(held, found)
        held.cursor, held.looked_at, held.error = found.cursor, now, ""
        held.due_at = now if found.has_more else now + _pause(held)
        _let_go(held)


def _make_runs(held: Poll, found: Found) -> None:
    version = VersionRef(held.version_id, held.workflow_id, held.workspace_id)
    items = [[each.as_json()] for each in found.new]
    runs = [prepare_run(version, RunRequest(Trigger.POLL, held.node_id, each)) for each in items]
    insert_runs(runs)
    for run, own in zip(runs, items, strict=True):
        own_files(run, own)


def _fail(poll: Poll, error: str) -> None:
    logger.warning("poll %s failed: %s", poll.pk, error)
    with transaction.atomic():
        if (held := _held(poll)) is not None:
            held.error, held.due_at = error, sql.database_now() + _pause(held)
            _let_go(held)


def _let_go(held: Poll) -> None:
    held.held_by = None
    held.save(update_fields=["cursor", "looked_at", "error", "due_at", "held_by"])


def _pause(poll: Poll) -> timedelta:
    params = SOURCES[poll.type].params.model_validate(poll.params)
    return timedelta(minutes=params.every_minutes)
