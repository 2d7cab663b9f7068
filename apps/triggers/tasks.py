"""The Celery tasks: a few lines each."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from apps.triggers.failures import tell_failures
from apps.triggers.periodic import RECKON, TICK
from apps.triggers.schedules.fire import fire_due
from apps.triggers.schedules.reckon import reckon_anew
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)


@shared_task(name=TICK.task, ignore_result=True)
def tick() -> None:
    try:
        fire_due()
        tell_failures()
    except (OperationalError, InterfaceError) as error:
        # The next tick is a second away, and what is due stays due.
        logger.warning("the tick did not reach the database: %s", error)
        reconnect()


@shared_task(name=RECKON.task, ignore_result=True)
def reckon() -> None:
    if changed := reckon_anew():
        logger.info("the next times of %d schedules were reckoned anew", changed)
