"""Schedules follow the published version of their workflow."""

from datetime import datetime

from django.utils import timezone

from apps.engine.items import Json
from apps.nodes.params import read_params
from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams
from apps.triggers.models import Schedule
from apps.triggers.schedules.slots import Plan
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow


def plan_of(schedule: Schedule) -> Plan:
    """The slots of a schedule. Raises NodeError where its rule is none any more."""
    params = read_params(ScheduleParams, schedule.rule, {})
    return Plan(schedule.pk, params, Recurrence(params, schedule.timezone))


def set_next(schedule: Schedule, plan: Plan, slot: datetime | None) -> None:
    """Say in the row, which the caller saves, which slot comes next; what failed is past."""
    schedule.error = ""
    schedule.next_run_at = slot
    schedule.due_at = plan.due_at(slot) if slot is not None else None


def set_schedules(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the schedule nodes of this version fire.

    What goes on as it was keeps its next slot, also where that is due already. What is new, or was
    changed, begins with the first slot that is still to come: nothing fires because it was edited.
    """
    default_zone = version.graph_json.get("settings", {}).get("timezone", "UTC")
    rows = {schedule.node_id: schedule for schedule in workflow.schedules.select_for_update()}
    wanted = [
        node
        for node in version.graph_json["nodes"]
        if node["type"] == "schedule" and not node.get("disabled")
    ]
    for node in wanted:
        schedule = rows.pop(node["id"], None) or Schedule(
            workspace_id=workflow.workspace_id, workflow=workflow, node_id=node["id"]
        )
        _set(schedule, node["params"], default_zone)
    for left in rows.values():
        left.is_live = False
        left.save(update_fields=["is_live"])


def _set(schedule: Schedule, rule: Json, default_zone: str) -> None:
    is_as_it_was = schedule.is_live and schedule.rule == rule and schedule.timezone == default_zone
    if is_as_it_was:
        return
    schedule.rule, schedule.timezone, schedule.is_live = rule, default_zone, True
    plan = plan_of(schedule)
    set_next(schedule, plan, plan.recurrence.next(timezone.now()))
    schedule.save()


def stop_schedules(workflow: Workflow) -> None:
    """Let none of the workflow's schedules fire."""
    workflow.schedules.filter(is_live=True).update(is_live=False)
