"""Workers that cost little to start: forked from a process that has loaded all they need.

A worker loads for seconds of a whole core before it begins. Where hundreds are killed, that would
be most of what a test does; and what it tries is how they end.

`python -m tests.integration.nursery` is that process: for each line of a name and a log it forks a
worker, and says its process id.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Self

from tests.installation import ROOT, Installation, Process
from tests.services import dies_with_parent

PR_SET_PDEATHSIG = 1
LATE = (
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "kombu.transport.redis",
)
"""What a worker loads only when it starts."""


class Nursery:
    """Starts workers of an installation, all of which end with it."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._popen = subprocess.Popen(
            [*dies_with_parent(), sys.executable, "-m", __name__],
            cwd=ROOT,
            env=installation.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._popen.kill()
        self._popen.communicate()

    def worker(self, name: str, log: Path) -> Process:
        """Start a worker."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(f"{name} {log}\n")
        return ForkedProcess(int(self._popen.stdout.readline()), log)


class ForkedProcess(Process):
    def __init__(self, pid: int, log: Path) -> None:
        self.log = log
        self.popen = Forked(pid)


class Forked:
    """What a test asks of a `Popen`, for a process that is not this one's child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._has_ended = False

    def poll(self) -> int | None:
        """None until it has ended; with which code, only its parent could tell."""
        return self._ended_within(0)

    def wait(self, timeout: float) -> int:
        if self._ended_within(timeout) is None:
            raise TimeoutError(f"process {self.pid} has not ended within {timeout} s")
        return 0

    def send_signal(self, how: signal.Signals) -> None:
        signal.pidfd_send_signal(self._handle, how)

    def _ended_within(self, seconds: float) -> int | None:
        if not self._has_ended and select.select([self._handle], [], [], seconds)[0]:
            os.close(self._handle)
            self._has_ended = True
        return 0 if self._has_ended else None


def load() -> None:
    """Load what a worker needs, and do nothing that two of them must not share."""
    import django

    from flowforge.celery import app

    django.setup()
    app.loader.import_default_modules()
    from apps.nodes.registry import library

    library()
    for module in LATE:
        import_module(module)
    assert threading.active_count() == 1, "a fork has none of the threads"


def become_worker(name: str, log: str) -> int:
    from celery.bin.celery import main

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(said, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["celery", "-A", "flowforge", "worker", "--hostname", name]
    return int(main() or 0)


def main() -> None:
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: they leave at once
    for line in sys.stdin:
        name, log = line.split()
        pid = os.fork()
        if pid == 0:
            sys.exit(become_worker(name, log))
        print(pid, flush=True)


if __name__ == "__main__":
    main()
