"""Makes the runs of a row that was saved or deleted, in the transaction of the row.

So they are there exactly if the row's change is, and nobody sees them before. A row that changes
several times in a transaction is told once, as all of it looks from outside.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Field, Model

from apps.engine.encoding import NotJsonError, normalise
from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs.create import RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.model_events.registry import Registered
from apps.triggers.models import ModelListener
from apps.workspaces.errors import NoRoomError

Event = Literal["created", "updated", "deleted"]


def tell(kind: Registered, pk: Any, event: Event) -> None:
    """Start the workflows that listen to such an event of such a row."""
    listeners = list(ModelListener.objects.filter(model=kind.label))
    if not listeners:
        return
    with transaction.atomic():
        before = _told_before(kind.label, pk)
        if before is not None and before.runs:
            Run.objects.filter(pk__in=before.runs).delete()
        merged = _merged(before.event if before else None, event)
        runs = _make_runs(kind, pk, merged, listeners) if merged else ()
        transaction.on_commit(_Told(kind.label, pk, merged, tuple(runs)))


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the current transaction has told of a row up to now, and the runs of that.

    It stands among what is done on commit, so that it goes with the transaction, or with the part
    of it that is rolled back: what was told before that part then holds again.
    """

    model: str
    pk: Any
    event: Event | None
    runs: tuple[UUID, ...]

    def __call__(self) -> None:
        """Nothing is left to do: the runs are there."""


def _told_before(model: str, pk: Any) -> _Told | None:
    for _, told, *_ in reversed(connection.run_on_commit):
        if isinstance(told, _Told) and (told.model, told.pk) == (model, pk):
            return told
    return None


def _merged(before: Event | None, now: Event) -> Event | None:
    """What two changes in one transaction look like from outside."""
    if before == "created":
        return None if now == "deleted" else "created"
    return "updated" if (before, now) == ("deleted", "created") else now


def _make_runs(
    kind: Registered, pk: Any, event: Event, listeners: list[ModelListener]
) -> list[UUID]:
    # As it is stored: what was saved may have been an expression, or text for a date.
    row = kind.model._base_manager.filter(pk=pk).first()
    if row is None:
        return []  # somebody else has deleted it since, which is told by itself
    if kind.workspace_of is not None:
        workspace = kind.workspace_of(row)
        listeners = [each for each in listeners if each.workspace_id == workspace]
    item: Json = {
        "model": kind.model._meta.label,
        "event": event,
        "pk": _value(kind.model._meta.pk, row),
        "fields": {each.name: _value(each, row) for each in kind.fields},
    }
    runs = []
    for each in listeners:
        if event in each.events:
            version = VersionRef(each.version_id, each.workflow_id, each.workspace_id)
            asked = RunRequest(Trigger.MODEL_EVENT, each.node_id, [{"json": item}])
            try:
                runs.append(prepare_run(version, asked))
            except NoRoomError as full:
                # The row's change is not to fail of it.
                logger.warning("workflow %s hears of no row: %s", each.workflow_id, full)
    insert_runs(runs)
    return [run.id for run in runs]


def _value(column: "Field[Any, Any]", row: Model) -> Json:
    value = column.value_from_object(row)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return write_time(value.astimezone(UTC))
    try:
        return normalise(value)[1]
    except NotJsonError:
        return column.value_to_string(row)
