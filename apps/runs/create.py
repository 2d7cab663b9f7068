"""The one door through which runs are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.engine.encoding import encode
from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Item, Json
from apps.nodes.files import bytes_of_files
from apps.runs import sql
from apps.runs.dispatch import wake_queue_on_commit
from apps.runs.models import DEFAULT_QUEUE, Run
from apps.runs.payloads import payload_if_large, read_json_payload
from apps.runs.plans import known_version, limit_of, rate_of
from apps.runs.room import require_room
from apps.runs.states import Priority, Trigger
from apps.runs.turns import LAST_TURN
from apps.versions.models import WorkflowVersion


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run is made with, beside its version."""

    trigger: Trigger
    trigger_node: str
    items: Sequence[Json]
    """The items that the trigger gives, in stored form."""
    triggered_by: UUID | None = None
    stop_node: str = ""
    pins: Mapping[str, Json] | None = None
    """What is pinned beside what the graph pins, `{node: {output: [items]}}`; None: no pins count.

    A node of which None is pinned gives its own, though the graph pins it.
    """
    priority: Priority | None = None
    """None: as the version says of all its runs."""
    deadline_s: float | None = None
    retry_of: UUID | None = None
    parent_step: UUID | None = None
    parent_item: int | None = None


@dataclass(frozen=True, slots=True)
class VersionRef:
    """A version of which no more is known than whose it is."""

    pk: UUID
    workflow_id: UUID
    workspace_id: UUID
    is_published: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A pending run that is not inserted yet."""

    id: UUID
    version: WorkflowVersion | VersionRef
    request: RunRequest
    priority: Priority
    slots: int | None
    limit_key: str
    rate: dict[str, Any] | None
    """The columns of its rate limit, where it has one."""
    payload: UUID | None
    """Of its items, where they are too large for a row."""
    pins_payload: UUID | None
    kept_bytes: int
    """Of its items and their files."""
    created_at: datetime
    deadline_at: datetime | None

    @property
    def workspace_id(self) -> UUID:
        return self.version.workspace_id

    def row(self) -> dict[str, Any]:
        request = self.request
        return {
            "id": self.id,
            "workspace_id": self.version.workspace_id,
            "workflow_id": self.version.workflow_id,
            "version_id": self.version.pk,
            "slots": self.slots,
            "limit_key": self.limit_key,
            "trigger": request.trigger,
            "trigger_node": request.trigger_node,
            "triggered_by_id": request.triggered_by,
            "input_json": request.items if self.payload is None else None,
            "input_payload_id": self.payload,
            "stop_node": request.stop_node,
            "pins": request.pins if self.pins_payload is None else None,
            "pins_payload_id": self.pins_payload,
            "priority": self.priority,
            "created_at": self.created_at,
            "sent_at": self.created_at,
            "deadline_at": self.deadline_at,
            "output_bytes": self.kept_bytes,
            "is_trial": not self.version.is_published,
            "retry_of_id": request.retry_of,
            "parent_step_id": request.parent_step,
            "parent_item": request.parent_item,
            **(self.rate or {}),
        }


def create_run(version: WorkflowVersion | VersionRef, request: RunRequest) -> Run:
    """Insert a pending run and, once that is durable, send the wake-up.

    What belongs to the run, such as an idempotency key, is inserted by the caller in the same
    transaction.
    """
    new = prepare_run(version, request)
    insert_runs([new])
    run = Run(**new.row())
    run._state.adding = False
    return run


def prepare_run(
    version: WorkflowVersion | VersionRef, request: RunRequest, id: UUID | None = None
) -> NewRun:
    """A run that has only to be inserted; what of it is too large for a row is stored.

    Raises NoRoomError where its workflow keeps as much as it may; a child's step has asked before.
    """
    if request.parent_step is None:
        require_room(version.workflow_id)
    settings, items = known_version(version.pk).settings, list(request.items)
    slots, limit_key = limit_of(settings, items)
    written = encode(request.items)
    payload = payload_if_large(version.workspace_id, written)
    pins_payload = None
    if request.pins:
        pins_payload = payload_if_large(version.workspace_id, encode(request.pins))
    now = timezone.now()
    return NewRun(
        id=id or uuid7(),
        version=version,
        request=request,
        priority=Priority.named(settings.priority)
        if request.priority is None
        else request.priority,
        slots=slots,
        limit_key=limit_key,
        rate=rate_of(settings, items),
        payload=payload,
        pins_payload=pins_payload,
        kept_bytes=len(written) + bytes_of_files(request.items),
        created_at=now,
        deadline_at=_deadline(settings.timeout_s, request.deadline_s),
    )


def insert_runs(
    runs: Sequence[NewRun], *with_them: sql.Insert, provided: sql.Condition = sql.ALWAYS
) -> bool:
    """Insert prepared runs and the rows that come with them, all or none, and wake their queue once
    they are durable. None, and gives False, where the condition does not hold."""
    lines: dict[tuple[UUID, Priority, bool], list[dict[str, Any]]] = {}
    for run in runs:
        lines.setdefault((run.workspace_id, run.priority, run.rate is None), []).append(run.row())
    inserts = []
    for (workspace, priority, _), rows in lines.items():
        given = (workspace, DEFAULT_QUEUE, priority, DEFAULT_QUEUE, priority)
        inserts.append(sql.Insert(Run, rows, sql.Numbered("turn", LAST_TURN, given)))
    is_done = sql.insert_rows(*inserts, *with_them, provided=provided)
    if lines and is_done:
        wake_queue_on_commit(DEFAULT_QUEUE)
    return is_done


def trigger_items(run: Run) -> list[Json]:
    """The items that a run began with."""
    given: list[Json] | None = run.input_json
    if given is None:
        assert run.input_payload_id is not None
        given = read_json_payload(run.input_payload_id)
    return given


def pins_of(run: Run) -> dict[str, Json] | None:
    """What was pinned for a run beside what its graph pins; None where no pins count."""
    pins: dict[str, Json] | None = run.pins
    if run.pins_payload_id is not None:
        pins = read_json_payload(run.pins_payload_id)
    return pins


def items_of(given: Json, path: str = "input", *, keeps_files: bool = False) -> list[Json]:
    """The items that a client gives: a list of items or objects, one of them, or nothing.

    Files are left out unless the caller knows which of them the client may name. Raises FaultsError
    where an element is no object.
    """
    if given is None:
        return [{"json": {}}]
    elements = given if isinstance(given, list) else [given]
    faults = [
        Fault(f"{path}[{place}]", "not_an_object", "An item must be an object.")
        for place, element in enumerate(elements)
        if not _is_item_or_object(element)
    ]
    if faults:
        raise FaultsError(faults)
    return [_stored_item(element, keeps_files) for element in elements]


def _is_item_or_object(element: Json) -> bool:
    return isinstance(element, dict) and isinstance(element.get("json", {}), dict)


def _stored_item(element: dict[str, Json], keeps_files: bool) -> Json:
    if "json" in element and element.keys() <= {"json", "binary", "pairedItem"}:
        files = element.get("binary") if keeps_files else None
        return Item(element["json"], files if isinstance(files, dict) else None).as_json()
    return {"json": element}


def _deadline(*most_s: float | None) -> datetime | None:
    """By the database's clock, by which it passes: ours may be wrong."""
    limits = [seconds for seconds in most_s if seconds is not None]
    return sql.database_now() + timedelta(seconds=min(limits)) if limits else None
