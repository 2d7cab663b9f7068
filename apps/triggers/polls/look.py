"""Looks at the sources that are due, and makes a run of each thing that is new: once.

A look holds its poll for a while, and no transaction: servers may be slow. What it found is written
in one transaction, runs and cursor, if the poll is still held by it; else another look finds it.
"""

import logging
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet

from apps.credentials.vault import reveal_for
from apps.engine.encoding import decode, encode, storable
from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import services
from apps.nodes.lone_attempt import LoneAttempt, lone_attempt, lone_http
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
SLOWEST = timedelta(hours=1)
"""What fails again and again is looked at as often as that, or as its node says."""
MOST_ASKED = timedelta(days=1)
"""No server may ask for more patience (`Retry-After`)."""
AT_ONCE = 4
_free = threading.BoundedSemaphore(AT_ONCE)


def look_when_due() -> None:
    """Look at what is due, on threads of their own: no server holds up the sweep."""
    while _due().exists() and _free.acquire(blocking=False):
        begun = False
        try:
            begun = _begin()
        finally:
            if not begun:
                _free.release()
        if not begun:
            return


def _begin() -> bool:
    poll = hold_next()
    if poll is None:
        return False
    threading.Thread(target=_look_aside, args=(poll,), name="poll", daemon=True).start()
    return True


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
    """Look at a source whose poll we hold, and write down what came of it.

    Raises what a database that is away raises: then the poll is held until another may look.
    """
    try:
        with lone_attempt(LOOK_S) as attempt:
            found = _found(poll, attempt)
        _keep(poll, found)
    except RevokedError:
        _fail(poll, f"There was no answer within {LOOK_S:g} s.")
    except NodeError as error:
        _fail(poll, error.message, error.retry_after_s)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # A fault of ours, or of a library on what others sent, which must not stop the other polls.
        logger.exception("poll %s could not look", poll.pk)
        _fail(poll, f"FlowForge failed to look: {type(error).__name__}.")


def _found(poll: Poll, attempt: LoneAttempt) -> Found:
    source = SOURCES[poll.type]
    params = source.params.model_validate(poll.params)
    workspace = poll.workspace_id
    with closing(lone_http(services(), attempt)) as http:
        way = Way(
            services(),
            attempt,
            http,
            keep=partial(_store, workspace),
            reveal=partial(reveal_for, workspace, check=attempt.check),
        )
        try:
            found = source.look(params, poll.cursor, way)
        except NodeError as error:
            raise attempt.masker.error(error) from None
    # As of a step: a source may tell the secret that it was sent.
    hidden = [decode(attempt.masker.json(encode(each.json))) for each in found.new]
    new = [each.with_json(json) for each, json in zip(found.new, hidden, strict=True)]
    return replace(found, new=new)


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
    except (OperationalError, InterfaceError) as error:
        logger.warning("the look of poll %s did not reach the database: %s", poll.pk, error)
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
        held.cursor, held.looked_at, held.error, held.failures = found.cursor, now, "", 0
        held.due_at = now if found.has_more else now + _pause(held)
        _let_go(held)


def _make_runs(held: Poll, found: Found) -> None:
    version = VersionRef(held.version_id, held.workflow_id, held.workspace_id)
    items = [[each.as_json()] for each in found.new]
    runs = [prepare_run(version, RunRequest(Trigger.POLL, held.node_id, each)) for each in items]
    insert_runs(runs)
    for run, own in zip(runs, items, strict=True):
        own_files(run, own)


def _fail(poll: Poll, error: str, after_s: float | None = None) -> None:
    """Write down why a look failed. The next one is no sooner than after so many seconds."""
    logger.warning("poll %s failed: %s", poll.pk, error)
    asked = min(timedelta(seconds=after_s or 0), MOST_ASKED)
    with transaction.atomic():
        if (held := _held(poll)) is not None:
            pause = max(_pause(held), asked)
            held.error, held.failures = storable(error), held.failures + 1
            held.due_at = sql.database_now() + pause
            _let_go(held)


def _let_go(held: Poll) -> None:
    held.held_by = None
    held.save(update_fields=["cursor", "looked_at", "error", "failures", "due_at", "held_by"])


def _pause(poll: Poll) -> timedelta:
    """Until the next look: as often as the node says, and less where one after the other fails."""
    every = timedelta(minutes=SOURCES[poll.type].params.model_validate(poll.params).every_minutes)
    return max(every, min(every * 2 ** min(poll.failures, 6), SLOWEST))
