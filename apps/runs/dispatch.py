"""Wake-ups: "queue X has work". Never the truth: the sweep sends again what was lost."""

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

TASK = "runs.execute"
FLAG_LIFE_S = 5


def wake_queue_on_commit(queue: str) -> None:
    """Send a wake-up for the queue once the current transaction is durable."""
    transaction.on_commit(lambda: wake_queue(queue))


def wake_queue(queue: str) -> None:
    """Send a wake-up, unless one is on its way: a flag with a short life tells."""
    if cache.add(_flag(queue), 1, FLAG_LIFE_S):
        current_app.send_task(TASK, args=[queue], queue=settings.CELERY_TASK_DEFAULT_QUEUE)


def wake_up_arrived(queue: str) -> None:
    """Take the flag away, before the first claim: who comes later must be able to send again."""
    cache.delete(_flag(queue))


def _flag(queue: str) -> str:
    return f"wake:{queue}"
