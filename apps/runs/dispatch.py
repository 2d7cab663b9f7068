"""Wake-ups: "queue X has work". Never the truth: the sweep sends again what was lost."""

import logging

import kombu.exceptions
import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

logger = logging.getLogger(__name__)

TASK = "runs.execute"
FLAG_LIFE_S = 5
BROKER_IS_AWAY = (redis.RedisError, kombu.exceptions.OperationalError)


def wake_queue_on_commit(queue: str) -> None:
    """Send a wake-up for the queue once the current transaction is durable."""
    transaction.on_commit(lambda: wake_queue(queue))


def wake_queue(queue: str) -> None:
    """Send a wake-up, unless one is on its way: a flag with a short life tells.

    A broker that is away is no error of the caller's, whose rows are durable; the sweep sends
    again.
    """
    try:
        if cache.add(_flag(queue), 1, FLAG_LIFE_S):
            _send(queue)
    except BROKER_IS_AWAY as error:
        logger.warning("no wake-up for queue %s could be sent: %s", queue, error)


def wake_queue_again(queue: str) -> None:
    """Send a wake-up though the flag says that one is on its way: it may have been lost."""
    try:
        _send(queue)
    except BROKER_IS_AWAY as error:
        logger.warning("no wake-up for queue %s could be sent: %s", queue, error)


def wake_up_arrived(queue: str) -> None:
    """Take the flag away, before the first claim: who comes later must be able to send again."""
    try:
        cache.delete(_flag(queue))
    except redis.RedisError as error:
        logger.warning("the flag of queue %s stays until it dies: %s", queue, error)


def _send(queue: str) -> None:
    current_app.send_task(TASK, args=[queue], queue=settings.CELERY_TASK_DEFAULT_QUEUE, retry=False)


def _flag(queue: str) -> str:
    return f"wake:{queue}"
