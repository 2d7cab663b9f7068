"""Who looks and sends: threads of each process that serves the web, and of each worker.

Neither needs the broker. Nobody is told where none of them lives, or the database is away: that is
for a monitor outside, which asks `/readyz`.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection

from apps.operations.alerts.look import LOOK_S, look
from apps.operations.alerts.send import send_due
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

DEEDS: dict[str, Callable[[], object]] = {"alerts": look, "alert deliveries": send_due}
"""By the names of their threads: a receiver that does not answer holds up no look."""


class Lookout(threading.Thread):
    """Does one of these for as long as a web process lives."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._deed = DEEDS[name]
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(LOOK_S):
            try:
                self._deed()
                connection.close()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the lookout did not reach the database: %s", error)
                reconnect()
            except Exception:
                # A fault of ours: the next turn tries again.
                logger.exception("a turn of the lookout failed")


def start_lookouts() -> None:
    for name in DEEDS:
        Lookout(name).start()


def seldom(deed: Callable[[], object]) -> Callable[[], object]:
    """The deed for a thread of a worker, whose turns come more often."""
    due_at = 0.0

    def turn() -> object:
        nonlocal due_at
        if time.monotonic() < due_at:
            return None
        due_at = time.monotonic() + LOOK_S
        return deed()

    return turn
