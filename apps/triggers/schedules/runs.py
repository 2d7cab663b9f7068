"""The runs of a schedule: made for its slots, and those that have not ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs.create import RunRequest, VersionRef, insert_runs, prepare_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.models import Schedule
from apps.triggers.schedules.slots import Plan
from apps.versions.models import WorkflowVersion
from apps.workspaces.constants import Constant
from apps.workspaces.errors import ConflictError
from apps.workspaces.querysets import TenantQuerySet


def insert_runs_of(
    schedule: Schedule, plan: Plan, slots: Sequence[datetime], now: datetime
) -> dict[datetime, UUID]:
    """Insert a pending run for each of these slots; gives their ids."""
    if not slots:
        return {}
    version = published(schedule)
    sentence = plan.recurrence.sentence()
    runs = {
        slot: prepare_run(
            version,
            RunRequest(Trigger.SCHEDULE, schedule.node_id, [item_of(plan, sentence, slot, now)]),
        )
        for slot in slots
    }
    insert_runs(list(runs.values()))
    return {slot: run.id for slot, run in runs.items()}


def item_of(plan: Plan, sentence: str, slot: datetime, now: datetime) -> Json:
    """What a run is told of the slot that it is made for, in stored form."""
    item: Json = {
        "scheduled_at": write_time(slot),
        "fired_at": write_time(now),
        "timezone": plan.recurrence.timezone,
        "schedule": sentence,
    }
    return {"json": item}


def require_live(schedule: Schedule) -> None:
    """Refuse to make runs of a workflow that is not active, or has no such node any more."""
    if not schedule.is_live:
        raise ConflictError("not_live", "The schedule's workflow is not active.")


def published(schedule: Schedule) -> VersionRef:
    """The version that a live schedule runs."""
    id, workflow, workspace = WorkflowVersion.objects.values_list(
        "id", "workflow_id", "workspace_id"
    ).get(workflow=schedule.workflow_id, version=F("workflow__version"))
    return VersionRef(id, workflow, workspace)


def open_runs(schedule: Schedule) -> TenantQuerySet:
    """The runs that a schedule's slots made and that have not ended."""
    return open_runs_at(schedule.workflow_id, schedule.node_id)


def open_runs_at(workflow: Any, node: Any) -> TenantQuerySet:
    """The same of a workflow and node, which may be references to an outer query."""
    return Run.objects.without_payloads().filter(
        workflow=workflow,
        trigger=Constant(Trigger.SCHEDULE),
        trigger_node=node,
        finished_at=None,
    )
