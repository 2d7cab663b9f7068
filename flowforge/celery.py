"""FlowForge's Celery application: `celery -A flowforge worker`, `celery -A flowforge beat`."""

import logging
import os
import sys
import threading
from functools import partial
from typing import Any

from celery import Celery
from celery.concurrency import get_implementation
from celery.concurrency.thread import TaskPool as ThreadPool
from celery.signals import (
    setup_logging,
    worker_init,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)
from celery.worker.consumer import Consumer
from kombu.transport.virtual import QoS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

logger = logging.getLogger(__name__)

app = Celery("flowforge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The settings say what is logged. Without a receiver Celery sets levels of its own.
setup_logging.connect(lambda **kwargs: None, weak=False)

# A wake-up is never the truth, so none need be put back. And to try it over a connection that was
# just lost raises an error that ends the worker, where it should connect again.
QoS.restore_at_shutdown = False


DRAIN_ENDS_S = 5.0
BROKER_AGAIN_S = 1.0


class EagerConsumer(Consumer):
    """Asks every second whether the broker is back.

    Celery's own asks ever more seldom: after a long outage runs would wait half a minute for a
    worker that hears nothing.
    """

    def ensure_connected(self, conn: Any) -> Any:
        again = {
            "interval_start": BROKER_AGAIN_S,
            "interval_step": 0,
            "interval_max": BROKER_AGAIN_S,
        }
        conn.ensure_connection = partial(conn.ensure_connection, **again)
        return super().ensure_connected(conn)


app.conf.worker_consumer = EagerConsumer

# The models can be imported only in the receiver: before, Django is not set up.


@worker_init.connect
def start_control(sender: Any, **kwargs: Any) -> None:
    """Give the worker process its control threads, until it is drained.

    Ends the process where its pool is no pool of threads: the control threads beat for runs that
    this process executes, not for those of children.
    """
    if not issubclass(get_implementation(sender.pool_cls), ThreadPool):
        sys.exit("FlowForge's workers execute runs in threads: start them without --pool.")
    from apps.nodes.context import services
    from apps.nodes.registry import library
    from apps.runs.control import Control
    from apps.runs.drain import drain, listeners
    from flowforge.collector import settle

    # Now: the first runs would stall while all threads load the one, or start the other.
    library()
    services().sandbox.warm()
    settle()
    control = Control()
    # In a thread: the signal's handler calls for it, on top of whatever the process was doing.
    draining = threading.Thread(target=drain, name="drain", daemon=True)

    def start_drain(**kwargs: Any) -> None:
        """Let runs end for a while and hand back the rest; Celery waits for their threads."""
        if draining.ident is None:
            draining.start()

    def end(**kwargs: Any) -> None:
        """Wait for what is left to hand back and to tell, and only then end the control threads.

        They take the worker's row away: a run that it still owned would be an orphan, whose
        take-over counts as a crash.
        """
        if draining.ident is not None:
            draining.join(timeout=DRAIN_ENDS_S)
        control.end()

    def on_ready(sender: Any, **kwargs: Any) -> None:
        # Celery's own line is one of many that are not shown.
        logger.info("This worker is ready.")
        listeners.append(partial(take_wake_ups, sender))

    control.start()
    worker_ready.connect(on_ready, weak=False)
    worker_shutting_down.connect(start_drain, weak=False)
    worker_shutdown.connect(end, weak=False)


def take_wake_ups(consumer: Any, takes: bool) -> None:
    """Have Celery's consumer take messages, or leave them to others; it does so in its own loop."""

    def change() -> None:
        deed = consumer.add_task_queue if takes else consumer.cancel_task_queue
        try:
            deed(app.conf.task_default_queue)
        except Exception:
            # It must not end the loop. What comes all the same finds nobody, and is sent again.
            logger.exception("the consumer of wake-ups could not be changed")

    consumer.call_soon(change)
