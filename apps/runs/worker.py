"""This process as a worker: its identity, and the runs that it holds."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.engine.branches import Branches, Poked
from apps.engine.errors import RevokedError
from apps.runs.claim import Claim, claim_run
from apps.runs.models import Worker


@dataclass(slots=True)
class Held:
    """A run that a thread of this process executes."""

    claim: Claim
    branches: Branches
    signals: int
    is_revoked: bool = False


class WorkerProcess:
    """One row in `workers`, a heartbeat that was last confirmed, and the held runs.

    All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[UUID, Held] = {}
        self._claiming: dict[int, float] = {}
        self.id = self.register()

    def register(self) -> UUID:
        """Make a Worker row: at the start, and anew when the row was found gone."""
        row = Worker.objects.create(
            host=socket.gethostname()[:255],
            pid=os.getpid(),
            boot=boot_of_this_host(),
            process_started=start_of_process(os.getpid()) or "",
        )
        self.id = row.id
        self.confirmed_at = time.monotonic()
        return row.id

    def retire(self) -> None:
        """Take the row away, at the end of a process that holds nothing any more."""
        with transaction.atomic():
            Worker.objects.filter(pk=self.id).delete()

    def claim(self, queue: str) -> Claim | None:
        """Take the best claimable run of a queue; nothing while our heartbeat is not confirmed.

        A worker that others may take for dead would lose what it claims, again and again.
        """
        if not self.is_confirmed():
            return None
        thread = threading.get_ident()
        with self._lock:
            self._claiming[thread] = time.monotonic()
        try:
            return claim_run(self.id, queue)
        finally:
            with self._lock:
                del self._claiming[thread]

    @contextmanager
    def holding(self, claim: Claim, branches: Branches) -> Iterator[Held]:
        held = Held(claim, branches, claim.signals)
        with self._lock:
            self._held[claim.run] = held
        try:
            yield held
        finally:
            with self._lock:
                if self._held.get(claim.run) is held:
                    del self._held[claim.run]

    def check(self, held: Held) -> None:
        """Raise RevokedError unless the run is surely still ours (RUNS, 11)."""
        if held.is_revoked:
            raise RevokedError
        if not self.is_confirmed():
            raise RevokedError("the heartbeat is not confirmed: the claim may be lost")

    def is_confirmed(self) -> bool:
        """Whether our last confirmed heartbeat is so young that nobody takes us for dead."""
        return time.monotonic() - self.confirmed_at <= settings.SILENT_AFTER_S / 2

    def held(self) -> list[Held]:
        with self._lock:
            return list(self._held.values())

    def claiming_since(self) -> float:
        """When the oldest claim that is under way began; now, where none is."""
        with self._lock:
            return min(self._claiming.values(), default=time.monotonic())

    def compare(self, held: list[Held], owned: dict[UUID, tuple[int, int]]) -> list[UUID]:
        """Hold what was held against what the database then said we own: `{run: (fence, signals)}`.

        `held` was read before the database was asked: a run claimed since is missing in both.
        Revokes what is no longer ours, pokes runs that signals reached, and gives the runs that we
        own without executing them.
        """
        for each in held:
            fence, signals = owned.get(each.claim.run, (None, 0))
            if fence != each.claim.fence:
                each.is_revoked = True
            elif signals > each.signals:
                each.signals = signals
                each.branches.post(Poked())
        executed = {each.claim.run for each in (*held, *self.held())}
        return [run for run in owned if run not in executed]


_process: tuple[int, WorkerProcess] | None = None
_process_lock = threading.Lock()


def this_worker() -> WorkerProcess:
    """This process's worker, registered on first use; another one after a fork."""
    global _process
    with _process_lock:
        if _process is None or _process[0] != os.getpid():
            _process = (os.getpid(), WorkerProcess())
        return _process[1]


def boot_of_this_host() -> str:
    """What tells this boot of this host, and the pid namespace, from all others; "" if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}"[:64]
    except OSError:
        return ""


def start_of_process(pid: int) -> str | None:
    """When a process started, in ticks since the boot; None where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold spaces; the start is the 20th field behind it.
    return stat.rpartition(")")[2].split()[19]
