"""Worker and beat as threads of the one-process server."""

import threading
from typing import Any

from celery import Celery
from celery.beat import Service
from celery.worker import WorkController
from django.conf import settings
from django.utils.module_loading import import_string

from apps.runs.drain import drain

STOP_S = 5.0


class EmbeddedWorker:
    """A Celery worker in a daemon thread, without the signal handlers of the command line."""

    def __init__(self, app: Celery) -> None:
        self._ready = threading.Event()
        self._controller = WorkController(
            app=app,
            pool="threads",
            concurrency=settings.WORKER_THREADS,
            ready_callback=self._on_ready,
            # There is no other worker to talk to.
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = threading.Thread(target=self._controller.start, name="worker", daemon=True)

    def _on_ready(self, consumer: Any) -> None:
        self._ready.set()

    def start(self) -> None:
        """Start and return when it consumes."""
        self._thread.start()
        if not self._ready.wait(timeout=10):
            raise RuntimeError("The worker did not start within 10 s.")

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def drain(self) -> bool:
        """Take nothing new and let what runs end, for a while; False: something had not."""
        is_done = drain()
        stopping = threading.Thread(target=self._controller.stop, name="drain", daemon=True)
        stopping.start()
        stopping.join(timeout=STOP_S)
        return is_done


class EmbeddedBeat:
    """Celery's beat in a daemon thread; it may end with the process, for it holds no truth."""

    def __init__(self, app: Celery) -> None:
        scheduler = import_string(settings.CELERY_BEAT_SCHEDULER.replace(":", "."))
        self._service = Service(app, scheduler_cls=scheduler)
        self._thread = threading.Thread(target=self._service.start, name="beat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Send nothing more. The thread sleeps between two looks and is not waited for."""
        self._service.stop()
