"""The Celery tasks: a few lines each."""

import logging

from celery import shared_task

from apps.runs.dispatch import TASK
from apps.runs.execute import execute_queue
from apps.runs.periodic import TIDY
from apps.runs.tidy import tidy

logger = logging.getLogger(__name__)


@shared_task(name=TASK, ignore_result=True)
def execute(queue: str) -> None:
    execute_queue(queue)


@shared_task(name=TIDY.task, ignore_result=True)
def tidy_up() -> None:
    logger.info("tidied up: %s", tidy())
