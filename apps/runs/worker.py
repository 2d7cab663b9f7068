"""This process as a worker: its identity, and the runs that it holds."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.engine.branches import Branches, Leave, Poked
from apps.engine.errors import RevokedError
from apps.runs.claim import Claim, claim_new, claim_run, claim_several
from apps.runs.models import Worker

Take = Callable[[UUID], list[Claim]]
"""Claims for the worker of that row. Raises IntegrityError where it has none (any more)."""
RESUMED_IN_TURN = 3
"""After so many claims of runs that had begun a new one is claimed, if there is any: they go before
new ones, but must not keep these waiting for ever."""
CONFIRMED_AGAIN_S = 0.05
"""Between two looks whether our heartbeat has been confirmed again."""


@dataclass(slots=True)
class Held:
    """A run that a thread of this process executes."""

    claim: Claim
    branches: Branches
    signals: int
    is_revoked: bool = False
    claimed_at: float = field(default_factory=time.monotonic)
    has_begun: bool = False
    """False while it waits behind others that were claimed with it."""


class WorkerProcess:
    """One row in `workers`, a heartbeat that was last confirmed, and the held runs.

    All methods may be called from any thread.
    """

    def __init__(self, is_server: bool = False) -> None:
        self._is_server = is_server
        self._lock = threading.Lock()
        self._registering = threading.Lock()
        self._held: dict[UUID, Held] = {}
        self._claiming: dict[int, float] = {}
        self._is_draining = False
        self._is_leaving = False
        self.drain_asked_at: datetime | None = None
        """Since when our row asks us to claim nothing: followed until it does so no more."""
        self.is_asked_to_stop = False
        """Whether our row has asked that this process end; nobody can undo that."""
        self.has_missed_work = False
        """Whether a wake-up came to nothing because the database, or our heartbeat, was away."""
        self._resumed_in_turn = 0
        self.id = self.register()

    def register(self) -> UUID:
        """Make a Worker row: at the start, and anew when the row was found gone."""
        row = Worker.objects.create(
            host=socket.gethostname()[:255],
            pid=os.getpid(),
            boot=boot_of_this_host(),
            process_started=start_of_process(os.getpid()) or "",
            version=settings.VERSION,
            threads=settings.WORKER_THREADS,
            queues=settings.CELERY_TASK_DEFAULT_QUEUE,
            drain_requested_at=self.drain_asked_at,
            is_server=self._is_server,
        )
        with self._lock:
            self.id = row.id
            # What was held under another row was taken over with it: nothing of that is confirmed.
            for held in self._held.values():
                self.revoke(held)
            self.confirmed_at = time.monotonic()
        return row.id

    def retire(self) -> None:
        """Take the row away, at the end of a process that holds nothing any more."""
        with transaction.atomic():
            Worker.objects.filter(pk=self.id).delete()

    @contextmanager
    def claiming(
        self, queue: str, new_branches: Callable[[], Branches], versions: Sequence[UUID] = ()
    ) -> Iterator[list[Held]]:
        """Take and hold the best claimable run of a queue, or several new ones of these versions;
        none where there is none.

        None also while our heartbeat is not confirmed: a worker that others may take for dead
        would lose what it claims, again and again. From the claim's beginning on a run is held
        or under way to us: there is no moment in which who looks would find neither.
        """
        with self.taking(partial(self._best, queue=queue, versions=versions), new_branches) as held:
            yield held

    @contextmanager
    def taking(self, take: Take, new_branches: Callable[[], Branches]) -> Iterator[list[Held]]:
        """Hold what `take` claims; nothing while we may not claim, which is not asked then."""
        held = self._claim(take, new_branches)
        try:
            yield held
        finally:
            with self._lock:
                for each in held:
                    if self._held.get(each.claim.run) is each:
                        del self._held[each.claim.run]

    def _claim(self, take: Take, new_branches: Callable[[], Branches]) -> list[Held]:
        if not self.is_confirmed():
            self.has_missed_work = True
            return []
        thread = threading.get_ident()
        with self._lock:
            if self._is_draining or self.drain_asked_at is not None:
                return []
            self._claiming[thread] = time.monotonic()
        held = []
        claims: list[Claim] = []
        try:
            claims = self._take(take)
        finally:
            with self._lock:
                del self._claiming[thread]
                for claim in claims:
                    if claim.run in self._held:
                        # Taken from a thread of ours that did not let go of it.
                        self.revoke(self._held[claim.run])
                    each = self._held[claim.run] = Held(claim, new_branches(), claim.signals)
                    held.append(each)
                    if claim.worker != self.id:
                        self.revoke(each)  # another thread found our row gone meanwhile
                    if self._is_leaving:
                        each.branches.post(Leave())
        return held

    def _take(self, take: Take) -> list[Claim]:
        known_as = self.id
        try:
            return take(known_as)
        except IntegrityError:
            # We were silent for so long that others took us for dead.
            self.register_anew(known_as)
            return take(self.id)

    def _best(self, worker: UUID, queue: str, versions: Sequence[UUID]) -> list[Claim]:
        claims = self._claims(worker, queue, versions)
        has_begun = any(claim.seq for claim in claims)
        self._resumed_in_turn = self._resumed_in_turn + 1 if has_begun else 0
        return claims

    def _claims(self, worker: UUID, queue: str, versions: Sequence[UUID]) -> list[Claim]:
        if self._resumed_in_turn >= RESUMED_IN_TURN:
            self._resumed_in_turn = 0
            if claim := claim_new(worker, queue):
                return [claim]
        if versions and (several := claim_several(worker, queue, versions)):
            return several
        claim = claim_run(worker, queue)
        return [claim] if claim else []

    def begin(self, held: Held) -> bool:
        """Note that what is held is executed from now on; False where it is not ours any more."""
        with self._lock:
            held.has_begun = not held.is_revoked
            return held.has_begun

    def revoke_unbegun(self, longer_than_s: float) -> list[Held]:
        """Revoke, and give, what has waited so long behind what was claimed with it."""
        before = time.monotonic() - longer_than_s
        with self._lock:
            late = [
                held
                for held in self._held.values()
                if not held.has_begun and not held.is_revoked and held.claimed_at < before
            ]
            for held in late:
                held.is_revoked = True
        return late

    def register_anew(self, known_as: UUID) -> None:
        """Make another row where the one that we were known as is gone; what we held is lost, and
        revoked before the new row counts as a heartbeat."""
        with self._registering:
            if self.id == known_as and not Worker.objects.filter(pk=known_as).exists():
                self.register()

    def stop_claiming(self) -> None:
        """Take no run any more."""
        with self._lock:
            self._is_draining = True

    def follow(self, drain_asked_at: datetime | None) -> None:
        """Take no run as long as our row asks for that, and take some again once it does not."""
        with self._lock:
            if self.drain_asked_at is not None and drain_asked_at is None:
                self._is_leaving = self._is_draining
            self.drain_asked_at = drain_asked_at

    def leave_runs(self, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Let no step begin any more: what is held is handed back once none is under way.

        Unless that is not wanted any more, asked where nobody can undo it in between: who claims
        again must not leave what it claims.
        """
        with self._lock:
            if not is_wanted():
                return
            self._is_leaving = True
            for held in self._held.values():
                held.branches.post(Leave())

    @property
    def is_idle(self) -> bool:
        """Whether no run is held, nor on its way to us."""
        with self._lock:
            return not self._held and not self._claiming

    def revoke(self, held: Held) -> None:
        """Let what executes a run know that it is no longer ours: it closes its connections."""
        held.is_revoked = True
        held.branches.post(Poked())

    def interrupt(self, held: Held) -> bool:
        """Let nothing more begin of a run that is asked to end; False where another process of
        ours executes it, that sees for itself."""
        if held.claim.is_suspect:
            return False
        held.branches.post(Poked())
        held.branches.interrupt.set()
        return True

    def check(self, held: Held) -> None:
        """Raise RevokedError unless the run is surely still ours.

        Waits for the next heartbeat where the last one that was confirmed is too old to tell: the
        database is away, or we stood still. That takes nothing from us, as long as nobody has
        taken us for dead.
        """
        while not held.is_revoked and not self.is_confirmed():
            time.sleep(CONFIRMED_AGAIN_S)
        if held.is_revoked:
            raise RevokedError

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
                self.revoke(each)
            elif signals > each.signals:
                each.signals = signals
                each.branches.post(Poked())
        executed = {each.claim.run for each in (*held, *self.held())}
        return [run for run in owned if run not in executed]


_process: tuple[int, WorkerProcess] | None = None
_process_lock = threading.Lock()


def this_worker(*, is_server: bool = False) -> WorkerProcess:
    """This process's worker, registered on first use; another one after a fork.

    `is_server`: its row is to say that the process serves the web too, if this is the first use.
    """
    global _process
    with _process_lock:
        if _process is None or _process[0] != os.getpid():
            _process = (os.getpid(), WorkerProcess(is_server))
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
    fields = stat.rpartition(")")[2].split()
    has_ended = fields[0] in "ZX"  # nobody has asked for its exit code yet
    return None if has_ended else fields[19]
