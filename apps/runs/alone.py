"""To execute a suspect run in a process of its own, so that no other run dies of it.

The thread that claimed the run starts the process and waits for it. The claim stays this worker's:
its heartbeat holds it, and it is this worker that sees the process die, ends the run then, and
kills the process when the claim is lost. Where the worker is to stop, so is the process: it begins
no step more, and the run is handed back. A process that is silent is as good as dead, as a worker
is: it may stand in code that lets none of its threads run.

`execute_alone` of the management commands is the other side.
"""

import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from enum import IntEnum

from django.conf import settings

from apps.engine.branches import Leave
from apps.engine.errors import RevokedError
from apps.runs import publish
from apps.runs.claim import Claim
from apps.runs.dispatch import wake_queue
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.runs.sweep import give_up, hand_back
from apps.runs.walk import end_given_up, end_not_executed
from apps.runs.worker import Held, WorkerProcess

logger = logging.getLogger(__name__)

LOOK_S = 0.2
LEAVE = signal.SIGUSR1
"""Asks the process to begin no step more. Sent once it has given a sign: it minds it by then."""
START_S = 120
"""How long a process may take until its first sign of life."""
STARTS_AT_ONCE = 2
_starts = threading.BoundedSemaphore(STARTS_AT_ONCE)
"""A start takes seconds of a core, and all that a worker held when it died may be suspect: on a
busy machine none of so many would give its sign in time."""


class Ended(IntEnum):
    """How the process ended of itself, by its exit code; whatever else it gives is its death."""

    LET_GO = 0
    """The run ended or suspended, or its claim was lost."""
    FAULT = 70
    """It could not execute the run, by a fault of ours that the log has."""
    DATABASE_AWAY = 75
    """It could not be reached, or our heartbeat not be seen there: no word on the run."""
    LEFT = 71
    """It has left the run as it was asked to, with no step under way."""
    NOT_STARTED = 69
    """It never gave a sign of life, and was killed: it has not come to the run."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the process is given to do."""

    claim: Claim
    parent: int
    """The worker's process id."""


def execute_alone(worker: WorkerProcess, held: Held) -> None:
    """Have a process of its own execute the run, and end the run if the process dies of it.

    Raises RevokedError where the claim is lost meanwhile; the process is no more then.
    """
    claim = held.claim
    code = _outcome(held, Task(claim, os.getpid()))
    if code == Ended.LEFT:
        hand_back(claim.run, claim.fence, waits=True)
    elif code != Ended.DATABASE_AWAY and (now := _as_it_stands(claim)) is not None:
        logger.error("run %s: the process that executed it alone ended with %s", claim.run, code)
        if code not in (Ended.LET_GO, Ended.NOT_STARTED) and now.is_suspect:
            worker.check(held)
            end = end_not_executed if code == Ended.FAULT else end_given_up
            end(now, now.crashes + 1, lambda: worker.check(held))
        else:
            # A step has ended there, which forgave the deaths before; or it let go of what is
            # ours, or did not start, for which the run is not to blame. Counted, so that none of
            # that goes on for ever.
            give_up(claim.run, claim.fence)
    _tell(claim)


def _start(task: Task) -> subprocess.Popen[bytes]:
    """Start the process: in our own folder, which paths of the environment may be relative to."""
    # Who stops a service or presses Ctrl-C signals all its processes: this one is stopped by us.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        # Not by a pipe, which holds 64 kB: we would wait for the process to read.
        with tempfile.TemporaryFile() as handed_over:
            pickle.dump(task, handed_over)
            handed_over.seek(0)
            return subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, settings.BASE_DIR / "manage.py", "execute_alone"],
                stdin=handed_over,
                stdout=subprocess.PIPE,
            )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcome(held: Held, task: Task) -> int:
    """Start the process when few others start, wait for its end, and give its exit code.

    Kills it where the claim is lost, or where it gives no sign.
    """
    with ExitStack() as starting:
        while not _starts.acquire(timeout=LOOK_S):
            if held.is_revoked:
                raise RevokedError
            if _is_asked_to_leave(held):
                return Ended.LEFT
        starting.callback(_starts.release)
        return _watched(held, _start(task), starting.close)


def _watched(held: Held, process: subprocess.Popen[bytes], on_start: Callable[[], None]) -> int:
    assert process.stdout is not None
    signs = process.stdout.fileno()
    os.set_blocking(signs, False)
    is_started, is_to_leave, looked_at = False, False, time.monotonic()
    silent_at = looked_at + START_S
    try:
        while True:
            try:
                return process.wait(timeout=LOOK_S)
            except subprocess.TimeoutExpired:
                if held.is_revoked:
                    raise RevokedError from None
            now = time.monotonic()
            if _has_signed(signs):
                on_start()
                is_started, silent_at = True, now + settings.SILENT_AFTER_S
            elif now - looked_at > settings.SILENT_AFTER_S / 2:
                # We stood still ourselves, and who knows who else.
                silent_at = max(silent_at, now + settings.SILENT_AFTER_S)
            elif now > silent_at:
                return -signal.SIGKILL if is_started else Ended.NOT_STARTED
            looked_at = now
            is_to_leave = is_to_leave or _is_asked_to_leave(held)
            if is_to_leave and is_started:
                process.send_signal(LEAVE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def _is_asked_to_leave(held: Held) -> bool:
    """Whether the worker is about to stop. No walk of ours receives what is told the run."""
    is_asked = False
    while (message := held.branches.receive(0)) is not None:
        is_asked = is_asked or isinstance(message, Leave)
    return is_asked


def _has_signed(signs: int) -> bool:
    with suppress(BlockingIOError):
        return bool(os.read(signs, 1024))
    return False


def _as_it_stands(claim: Claim) -> Claim | None:
    """The claim with what the process has recorded since; None if it had left it before."""
    held = Run.objects.filter(pk=claim.run, fence=claim.fence, status=RunStatus.RUNNING)
    place = held.values("seq", "marks", "output_bytes", "crashes").first()
    return place and replace(claim, **place)


def _tell(claim: Claim) -> None:
    """Tell how the run stands now: without Redis nobody hears the process that executed it."""
    now = Run.objects.filter(pk=claim.run).values_list("status", "seq").first()
    if now is None:
        return
    status, seq = now
    publish.tell_status(claim.workspace, claim.workflow, claim.run, status, seq)
    if claim.is_limited and status != RunStatus.RUNNING:
        wake_queue(claim.queue)
