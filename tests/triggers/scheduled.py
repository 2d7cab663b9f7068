"""Schedules of workflows that were activated at START, and what became of them."""

from datetime import UTC, datetime
from typing import Any

from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.triggers.models import Schedule, ScheduleFire
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_version, make_workflow
from tests.graphs import graph, node

START = datetime(2026, 3, 2, 10, 0, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-02T{text}Z")


def publish(workflow: Workflow, **params: Any) -> Schedule:
    nodes = [node("tick", "schedule", params=params), node("end")]
    publish_version(make_version(workflow, graph(nodes, ["tick -> end"])), by=None)
    workflow.refresh_from_db()
    return workflow.schedules.get() if workflow.is_active else Schedule()


def live(**params: Any) -> Schedule:
    """The schedule of a workflow that was activated at START."""
    workflow = make_workflow()
    publish(workflow, **params)
    activate_workflow(workflow, by=None)
    return workflow.schedules.get()


def ran(schedule: Schedule) -> list[str]:
    """The slots that made a run, by what their runs were given."""
    runs = Run.objects.filter(workflow=schedule.workflow_id)
    return sorted(run.input_json[0]["json"]["scheduled_at"][11:19] for run in runs)


def outcomes(schedule: Schedule) -> list[tuple[str, str]]:
    fires = ScheduleFire.objects.filter(schedule=schedule).order_by("slot")
    return [(f"{fire.slot:%H:%M:%S}", fire.outcome) for fire in fires]


def end_runs() -> None:
    going = Run.objects.filter(finished_at=None)
    going.update(status=RunStatus.RUNNING)
    going.update(status=RunStatus.COMPLETED, finished_at=START)
