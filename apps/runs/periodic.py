"""The periodic tasks of the system: rows of beat's DatabaseScheduler."""

from typing import Any

from django.apps import apps as installed

TIDY = "Tidy up"
TIDY_TASK = "runs.tidy"


def register_periodic_tasks(*, apps: Any = installed, **of_signal: Any) -> None:
    """Make the rows that are missing; those that are there stay as the operator left them."""
    try:
        intervals = apps.get_model("django_celery_beat", "IntervalSchedule").objects
        tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    except LookupError:
        return  # its tables are not there yet
    hourly = intervals.filter(every=1, period="hours").first()
    tasks.get_or_create(
        name=TIDY,
        defaults={
            "task": TIDY_TASK,
            "interval": hourly or intervals.create(every=1, period="hours"),
            "description": "Deletes payloads that nothing refers to, and what has run out.",
        },
    )
