"""Beat's own tables: tasks, and the times by which they are sent. Each change is recorded."""

import json
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import ForeignKey, Model
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from apps.workspaces.audit import lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

BY_BEAT = {"last_run_at", "total_run_count", "date_changed"}
"""What beat itself writes of a task."""


def stored(row: Model) -> dict[str, Any]:
    """What the tables have of a row by now, as the audit trail tells it."""
    return _told(type(row)._default_manager.get(pk=row.pk))


def record_saved(row: Model, before: dict[str, Any] | None, *, by: Principal) -> None:
    """Note that a row was saved; `before`: as it was stored until then, None where it is new."""
    name, after = _name(row), stored(row)
    if before is None:
        record(f"{name}.create", row, made(**after), by=by)
    elif before != after:
        record(f"{name}.change", row, {key: (before[key], after[key]) for key in after}, by=by)


def delete_row(row: Model, *, by: Principal) -> None:
    """Delete a row and, of times, the tasks that are sent by them."""
    with transaction.atomic():
        if not isinstance(row, PeriodicTask):
            times: Any = row
            for task in times.periodictask_set.all():
                delete_row(task, by=by)
        record(f"{_name(row)}.delete", row, lost(**_told(row)), by=by)
        row.delete()


def switch_task(task: PeriodicTask, *, on: bool, by: Principal) -> None:
    """Have beat send a task, or not."""
    with transaction.atomic():
        held = PeriodicTask.objects.select_for_update().get(pk=task.pk)
        if held.enabled != on:
            held.enabled = on
            held.save()
            record("periodic_task.switch", held, {"enabled": (not on, on)}, by=by)


def send_now(task: PeriodicTask, *, by: Principal) -> None:
    """Send a task once, beside the times by which beat does. Raises ConflictError."""
    current_app.loader.import_default_modules()
    if task.task not in current_app.tasks:
        raise ConflictError("unknown_task", f"Nobody knows a task “{task.task}”.")
    try:
        current_app.send_task(
            task.task,
            json.loads(task.args),
            json.loads(task.kwargs),
            queue=task.queue or None,
            headers={"periodic_task_name": task.name},
        )
    except OperationalError as error:
        raise ConflictError("broker_away", "The broker does not answer.", "Try again.") from error
    record("periodic_task.send", task, by=by)


def _told(row: Model) -> dict[str, Any]:
    return {
        field.name: _value(row, field)
        for field in row._meta.fields
        if not field.primary_key and field.name not in BY_BEAT
    }


def _value(row: Model, field: Any) -> Any:
    value = getattr(row, field.name)
    is_json = value is None or isinstance(value, bool | int)
    return value if is_json and not isinstance(field, ForeignKey) else value and str(value)


def _name(row: Model) -> str:
    return str(row._meta.verbose_name).replace(" ", "_")
