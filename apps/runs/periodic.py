"""The periodic tasks of the system: rows of beat's DatabaseScheduler."""

from dataclasses import dataclass
from typing import Any, Literal

from django.apps import apps as installed


@dataclass(frozen=True)
class PeriodicTask:
    """A task that beat sends: who may change how often is the operator."""

    name: str
    task: str
    every: int
    period: Literal["seconds", "hours"]
    description: str
    expires_s: int | None = None
    """Who finds it in the queue later than that leaves it: the next one is there by then."""


TIDY = PeriodicTask(
    "Tidy up",
    "runs.tidy",
    1,
    "hours",
    "Deletes payloads that nothing refers to, and what has run out.",
)
periodic: list[PeriodicTask] = [TIDY]
"""Filled when the apps are loaded."""


def register_periodic_tasks(*, apps: Any = installed, **of_signal: Any) -> None:
    """Make the rows that are missing; those that are there stay as the operator left them."""
    try:
        intervals = apps.get_model("django_celery_beat", "IntervalSchedule").objects
        tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    except LookupError:
        return  # its tables are not there yet
    for each in periodic:
        interval = {"every": each.every, "period": each.period}
        tasks.get_or_create(
            name=each.name,
            defaults={
                "task": each.task,
                "interval": intervals.filter(**interval).first() or intervals.create(**interval),
                "description": each.description,
                "expire_seconds": each.expires_s,
            },
        )
