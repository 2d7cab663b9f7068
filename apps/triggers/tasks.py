"""The Celery tasks: a few lines each."""

from celery import shared_task

from apps.triggers.failures import tell_failures
from apps.triggers.periodic import TICK
from apps.triggers.schedules.fire import fire_due


@shared_task(name=TICK.task, ignore_result=True)
def tick() -> None:
    fire_due()
    tell_failures()
