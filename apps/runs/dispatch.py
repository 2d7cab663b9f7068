"""Wake-ups: "queue X has work". Never the truth: the sweep sends again what was lost."""

import logging
import threading

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
    """Have a wake-up sent, unless one is on its way: a flag with a short life tells."""
    _sender.ask(queue, again=False)


def wake_queue_again(queue: str) -> None:
    """Have a wake-up sent though the flag says that one is on its way: it may have been lost."""
    _sender.ask(queue, again=True)


def let_wake_ups_leave(timeout_s: float = 2.0) -> None:
    """Wait until all that were asked for are sent: for a process that is about to end."""
    _sender.wait_until_idle(timeout_s)


class Sender:
    """A thread that sends wake-ups, and the queues that wait for one.

    Nobody who asks for a wake-up waits for the broker: requests must be answered, and the control
    thread must beat, whether it answers or not. A broker that is away is no error either: what is
    to be executed is durable, and the sweep sends again.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked: dict[str, bool] = {}
        """Queues, and whether one is to be sent whatever the flag says."""
        self._sending = ""
        self._thread: threading.Thread | None = None

    def ask(self, queue: str, *, again: bool) -> None:
        with self._changed:
            self._asked[queue] = again or self._asked.get(queue, False)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait_until_idle(self, timeout_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._asked and not self._sending, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._sending = ""
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._asked)
                self._sending = queue = next(iter(self._asked))
                again = self._asked.pop(queue)
            try:
                if cache.add(_flag(queue), 1, FLAG_LIFE_S) or again:
                    _send(queue)
            except BROKER_IS_AWAY as error:
                logger.warning("no wake-up for queue %s could be sent: %s", queue, error)
            except Exception:
                # A fault of ours, which must not end the thread: the sweep sends again.
                logger.exception("no wake-up for queue %s could be sent", queue)


_sender = Sender()


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
