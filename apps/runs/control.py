"""The control thread of a worker process: heartbeat, signals, sweep (RUNS, 4).

Outside the task pool and the broker: neither a pool full of long calls nor a broker that is away
stops it.
"""

import logging
import threading
import time
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.runs import sql
from apps.runs.sweep import Watch, hand_back, sweep
from apps.runs.worker import WorkerProcess, this_worker

logger = logging.getLogger(__name__)


class ControlThread(threading.Thread):
    """Turns every `SWEEP_S` seconds until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="control", daemon=True)
        self._stopping = threading.Event()
        self._watch = Watch()
        self._unexecuted: dict[UUID, tuple[int, float]] = {}

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=5)

    def run(self) -> None:
        worker = this_worker()
        while not self._stopping.wait(settings.SWEEP_S):
            try:
                heartbeat(worker, self._unexecuted)
                sweep()
                self._watch.take_over_dead()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the control thread did not reach the database: %s", error)
                self._watch.forget()
                connection.close()


def heartbeat(worker: WorkerProcess, unexecuted: dict[UUID, tuple[int, float]]) -> None:
    """Count a beat, and in the same transaction read what we own; revoke and poke accordingly."""
    claiming_since = worker.claiming_since()
    held = worker.held()
    now = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE workers SET beats = beats + 1, seen_at = {sql.now_sql()} WHERE id = %s",  # noqa: S608
            [sql.adapted(worker.id)],
        )
        is_known = cursor.rowcount == 1
        cursor.execute(
            "SELECT id, fence, signals FROM runs WHERE worker_id = %s AND status = 'running'",
            [sql.adapted(worker.id)],
        )
        owned = {sql.read_uuid(id): (fence, signals) for id, fence, signals in cursor.fetchall()}
    strangers = worker.compare(held, owned)
    if not is_known:
        # We were silent for so long that others took us for dead.
        worker.register()
        return
    worker.confirmed_at = now
    for run in [run for run in unexecuted if run not in strangers]:
        del unexecuted[run]
    for run in strangers:
        fence, since = unexecuted.setdefault(run, (owned[run][0], now))
        # Seen before every claim that is under way began: so it is none of theirs.
        if since < claiming_since and since < now:
            hand_back(run, fence)
            del unexecuted[run]
