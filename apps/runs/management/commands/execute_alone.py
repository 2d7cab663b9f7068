"""The process that executes one suspect run; started by a worker only (`apps/runs/alone.py`)."""

import ctypes
import logging
import math
import os
import pickle
import signal
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, OperationalError

from apps.engine.branches import Branches, Leave, Poked
from apps.engine.errors import RevokedError
from apps.runs.alone import LEAVE, Ended, Task
from apps.runs.cancel import acknowledge_cancel
from apps.runs.dispatch import let_wake_ups_leave
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.runs.walk import new_branches, walk
from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

LOOK_S = 0.3
PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Execute the run that a worker hands over by standard input. Not for use by hand."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        signal.signal(LEAVE, ask_to_leave)
        # Before anything of the run is read: whoever is silent before has not come to it.
        threading.Thread(target=give_signs, daemon=True).start()
        task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own worker wrote it
        if os.getppid() != task.parent:
            return  # it has died before we asked to die with it
        code = execute(task)
        let_wake_ups_leave()
        logging.shutdown()
        # At once: threads may be waiting for what counts no more.
        os._exit(code)


_asked_to_leave: list[bool] = []


def ask_to_leave(*_: object) -> None:
    """Note it, and no more: this comes in between whatever the process does just now."""
    _asked_to_leave.append(True)


def give_signs() -> None:
    """Let the parent see that threads of this process run; its pipe is our standard output."""
    while True:
        try:
            os.write(sys.stdout.fileno(), b".")
        except BrokenPipeError:
            os._exit(Ended.LET_GO)  # it is no more
        time.sleep(LOOK_S)


def execute(task: Task) -> int:
    """Execute the run of the task; gives the exit code."""
    branches = new_branches()
    lookout = Lookout(task, branches)
    lookout.start()
    try:
        lookout.wait_until_confirmed()
        if walk(task.claim, branches, lookout.check) == RunStatus.RUNNING:
            return Ended.LEFT
    except RevokedError:
        logger.warning("run %s: the claim was lost", task.claim.run)
        if lookout.sees_no_beat:
            return Ended.DATABASE_AWAY
    except (OperationalError, InterfaceError) as error:
        logger.warning("run %s: the database does not answer: %s", task.claim.run, error)
        return Ended.DATABASE_AWAY
    except Exception:
        # Not a step's failure but ours; the worker counts it.
        logger.exception("run %s could not be executed", task.claim.run)
        return Ended.FAULT
    return Ended.LET_GO


def die_with_parent() -> None:
    """Let the kernel end this process with the thread that started it, and waits for it.

    Where the kernel cannot, `give_signs` and `Lookout.check` find out.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Lookout(threading.Thread):
    """What the heartbeat is to a worker: sees whether the claim holds, and hears signals.

    The claim is the parent's, whose heartbeat others count. A beat that is seen came after the
    look before it, so that look is when it was confirmed.
    """

    def __init__(self, task: Task, branches: Branches) -> None:
        super().__init__(name="lookout", daemon=True)
        self._claim = task.claim
        self._parent = task.parent
        self._branches = branches
        self._confirmed_at = -math.inf
        self._signals = task.claim.signals
        self._beats: int | None = None
        self._looked_at = 0.0
        self._is_revoked = False

    def check(self) -> None:
        """Raise RevokedError unless the run is surely still our parent's.

        Waits for its next beat where the last that was seen is too old to tell.
        """
        while not self._is_lost() and not self._is_confirmed():
            time.sleep(LOOK_S)
        if self._is_lost():
            raise RevokedError

    def wait_until_confirmed(self) -> None:
        """Let nothing begin before the first beat. Raises RevokedError where none comes."""
        give_up_at = time.monotonic() + settings.SILENT_AFTER_S
        while not self._is_confirmed():
            if self._is_lost() or time.monotonic() > give_up_at:
                raise RevokedError
            time.sleep(LOOK_S)

    @property
    def sees_no_beat(self) -> bool:
        """Whether nothing speaks against the claim but that our parent's beats are not seen."""
        return not self._is_revoked and not self._is_confirmed()

    def _is_lost(self) -> bool:
        return self._is_revoked or os.getppid() != self._parent

    def _is_confirmed(self) -> bool:
        return time.monotonic() - self._confirmed_at <= settings.SILENT_AFTER_S / 2

    def run(self) -> None:
        while not self._is_revoked:
            try:
                self.look()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the database does not answer: %s", error)
                reconnect()
            time.sleep(LOOK_S)

    def look(self) -> None:
        now = time.monotonic()
        if _asked_to_leave:
            self._branches.post(Leave())
        claim = self._claim
        ours = Run.objects.filter(
            pk=claim.run, fence=claim.fence, worker=claim.worker, status=RunStatus.RUNNING
        )
        cancel = ("cancel_requested_at", "cancel_acknowledged_at")
        found = ours.values_list("signals", "worker__beats", *cancel).first()
        if found is None:
            self._is_revoked = True
            self._branches.post(Poked())
            return
        signals, beats, asked_at, acknowledged_at = found
        if self._beats is not None and beats != self._beats:
            self._confirmed_at = self._looked_at
        self._beats, self._looked_at = beats, now
        if signals > self._signals:
            self._signals = signals
            self._branches.post(Poked())
        if asked_at is not None and acknowledged_at is None:
            self._branches.interrupt.set()
            acknowledge_cancel(claim.run, claim.fence)
