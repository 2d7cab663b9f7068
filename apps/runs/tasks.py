"""The Celery tasks: a few lines each."""

from celery import shared_task

from apps.runs.dispatch import TASK
from apps.runs.execute import execute_queue
from apps.runs.sweep import sweep


@shared_task(name=TASK, ignore_result=True)
def execute(queue: str) -> None:
    execute_queue(queue)


@shared_task(name="runs.sweep", ignore_result=True)
def sweep_once() -> None:
    sweep()
