"""The one-process server: web, worker, beat and control threads together.

With REDIS_URL it serves the web only: worker and beat are processes of their own then.
"""

# Installs Twisted's reactor: before anything that may import Twisted.
from flowforge.collector import settle

from flowforge.web_server import PortInUseError, WebServer, demand_free_port, loop  # isort: skip

# Sets Django up: before anything that may import models.
from flowforge.asgi import application  # isort: skip

import io
import logging
import os
import signal
import sys
import threading
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from apps.operations.alerts.lookout import start_lookouts
from apps.operations.demo import Access, move_demo, set_up_demo
from apps.operations.health import OWN_PARTS
from apps.runs import publish
from apps.runs.dispatch import let_wake_ups_leave, wake_queue_again
from apps.runs.models import DEFAULT_QUEUE
from apps.runs.sweep import take_over_all
from apps.runs.worker import this_worker
from apps.triggers.hooks.refusals import refusals
from apps.workspaces.origin import comes_from_command
from flowforge.celery import app as celery_app
from flowforge.data_lock import DataInUseError, lock_data
from flowforge.embedded import EmbeddedBeat, EmbeddedWorker
from flowforge.reachable import DatabaseAwayError, demand_database
from flowforge.welcome import welcome

logger = logging.getLogger(__name__)


def main() -> None:
    comes_from_command()
    try:
        access = prepare()
    except (SystemCheckError, DatabaseAwayError, DataInUseError, PortInUseError) as error:
        sys.exit(str(error))
    House(access).run()


def prepare() -> Access | None:
    """Check settings, database, port and data, and bring the database up to date.

    Gives the ways in that a first start makes. Where others share the data (REDIS_URL), nothing
    is done to it: `manage.py migrate` and `setup_demo` are run once, by hand.
    """
    call_command("check", stdout=io.StringIO())
    # Celery would run the same checks once more.
    os.environ["CELERY_SKIP_CHECKS"] = "1"
    if not settings.REDIS_URL:
        demand_database()
        lock_data()
    demand_free_port(settings.HOST, settings.PORT)
    if settings.REDIS_URL:
        # For what a web process did not send that ended between commit and wake-up. And the first
        # message takes a while, for which the first hooks would wait.
        wake_queue_again(DEFAULT_QUEUE)
        return None
    call_command("migrate", verbosity=0)
    call_command("check", tags=["database"], databases=["default"], stdout=io.StringIO())
    worker = this_worker(is_server=True)
    if settings.IS_SQLITE:
        # Nobody else lives on this data: what is owned by others was left behind.
        take_over_all(except_worker=worker.id)
    access = set_up_demo(settings.OWN_URL)
    if access is None:
        move_demo(settings.OWN_URL)
    return access


class House:
    """All parts: started from the ground up, ended from the top down."""

    def __init__(self, access: Access | None) -> None:
        self.access = access
        self.web = WebServer(application, settings.HOST, settings.PORT, self.say_ready)
        self.worker = None if settings.REDIS_URL else EmbeddedWorker(celery_app)
        self.beat = None if settings.REDIS_URL else EmbeddedBeat(celery_app)
        self.is_stopping = False

    def run(self) -> None:
        """Serve until a signal ends it.

        Does not return: daemon threads still hold the database, and the interpreter's own exit
        would pull it away from under them.
        """
        publish.listen_on(loop)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.on_signal)
        if self.worker:
            self.worker.start()
        if self.beat:
            self.beat.start()
        OWN_PARTS["threads"] = self.threads_fault
        start_lookouts()
        self.web.run()
        refusals.write()
        let_wake_ups_leave()
        connections.close_all()
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0 if self.is_stopping else 1)

    def threads_fault(self) -> str:
        """Say which part of this process has ended by itself; empty when none has."""
        parts = {"worker": self.worker, "beat": self.beat}
        ended = [name for name, part in parts.items() if part and not part.is_alive]
        return f"{' and '.join(ended)} ended" if ended else ""

    def say_ready(self) -> None:
        """Tell where it can be reached, once it can be."""
        settle()
        print(f"FlowForge is at {settings.PUBLIC_URL} (process {os.getpid()}).", flush=True)
        if self.access:
            print(welcome(self.access), flush=True)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Begin to stop; a second signal leaves at once, and the next start takes over."""
        if self.is_stopping:
            os._exit(128 + number)
        self.is_stopping = True
        threading.Thread(target=self.stop, name="stop", daemon=True).start()

    def stop(self) -> None:
        """Stop beat, worker and web, in this order: listeners hear the last events."""
        if self.beat:
            self.beat.stop()
        if self.worker and not self.worker.drain():
            logger.warning("Some runs were not at their end; the next start goes on with them.")
        self.web.stop_from_thread()


if __name__ == "__main__":
    main()
