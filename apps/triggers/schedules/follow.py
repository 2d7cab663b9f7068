"""Schedules follow the published version of their workflow."""

from apps.engine.items import Json
from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.fire import fire_before_change
from apps.triggers.schedules.lateness import forget_lateness
from apps.triggers.schedules.plans import plan_of, set_next
from apps.triggers.schedules.queue import leave_out
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow


def set_schedules(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the schedule nodes of this version fire.

    What goes on as it was keeps its next slot, also where that is due already. What is new, or was
    changed, begins with the first slot that is still to come: nothing fires because it was edited.
    What was due before that fires, as the rule was then; what is queued goes on.
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
    leave_out(workflow.schedules.filter(is_live=False))


def _set(schedule: Schedule, rule: Json, default_zone: str) -> None:
    is_as_it_was = schedule.is_live and schedule.rule == rule and schedule.timezone == default_zone
    if is_as_it_was:
        return
    now = sql.database_now()
    fire_before_change(schedule, now)
    schedule.rule, schedule.timezone, schedule.is_live = rule, default_zone, True
    plan = plan_of(schedule)
    set_next(schedule, plan, plan.recurrence.next(now))
    forget_lateness(schedule)
    schedule.save()


def stop_schedules(workflow: Workflow) -> None:
    """Let none of the workflow's schedules fire, nor what is queued of them."""
    workflow.schedules.filter(is_live=True).update(is_live=False)
    leave_out(workflow.schedules.all())
