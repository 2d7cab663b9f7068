"""A FlowForge on PostgreSQL and Redis: one web process, two workers, beat. All of them ours."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import httpx
import psycopg

from tests.installation import START_S, TLS, Installation, Process
from tests.integration.effects import EffectServer
from tests.integration.nursery import Nursery
from tests.services import Postgres, Redis, free_port, wait_for

LIMITS = {
    # Small, so that a test need not wait long; in the proportions of the defaults.
    "SWEEP_S": "0.5",
    "SILENT_AFTER_S": "5",
    "UNHEARD_AFTER_S": "3",
    "DRAIN_S": "3",
    "WORKER_THREADS": "8",
    "EXTRA_APPS": "tests.integration.inside",
}


class Cluster(Installation):
    """Starts its processes as the README says; a killed one is started again by `mend`."""

    def __init__(self, folder: Path, effects: EffectServer) -> None:
        # Journals of 16 MB that are used anew would hide for long that the disk is full.
        self.postgres = Postgres(disk_mb=1024, max_wal_size="128MB").start()
        self.redis = Redis().start()
        super().__init__(folder, self.postgres.url, self.redis.url)
        self.environment |= LIMITS
        self.environment["EGRESS_ALLOW"] += f",{effects.address}"
        self.other_port = free_port()
        self.other_url = f"http://127.0.0.1:{self.other_port}"
        self.wanted = ["web", "worker_1", "worker_2", "beat"]
        self.parts: dict[str, Process] = {}
        self.nursery: Nursery | None = None
        """Where workers come from for now, if not from the command."""

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        self.postgres.remove()
        self.redis.remove()

    def begin(self) -> None:
        """Make the tables and the demo's ways in, and start all parts."""
        self.manage("migrate", "--verbosity", "0")
        self.remember_access(self.manage("setup_demo"))
        self.mend()

    def mend(self) -> None:
        """Start what does not run, and wait until all that is needed answers."""
        missing = [
            part
            for part in self.wanted
            if part not in self.parts or self.parts[part].popen.poll() is not None
        ]
        for part in missing:
            self.begin_part(part)
        patience_s = START_S * max(1, len(missing))
        wait_for(self.is_up, patience_s, every=0.1)
        if "web_2" in self.wanted:
            wait_for(lambda: self.is_up(self.other_url), patience_s, every=0.1)
        # Those that were killed have rows too, until they are missed.
        running = {self.parts[part].pid for part in self.wanted if part.startswith("worker")}
        wait_for(lambda: self.workers() == running, patience_s, every=0.1)

    def begin_part(self, part: str) -> Process:
        """Start a part, or another one in its place, and wait for nothing."""
        if self.nursery and part.startswith("worker"):
            self.parts[part] = self.keep(self.nursery.worker(part, self.next_log))
            return self.parts[part]
        environment = {"CLOCK_FILE": str(self._clock(part))}
        if part == "web_2":
            environment["PORT"] = str(self.other_port)
        self.parts[part] = self.start(*command(part), **environment)
        return self.parts[part]

    def set_clock(self, part: str, ahead_s: int) -> None:
        """Set the clock that Python reads in this part so far ahead of the machine's."""
        self._clock(part).write_text(str(ahead_s))

    def _clock(self, part: str) -> Path:
        return self.folder / f"{part}.clock"

    @contextmanager
    def more(self, *parts: str) -> Iterator[None]:
        """Have more parts for a while: workers, `web_2`, `beat_2`."""
        self.wanted += parts
        self.mend()
        try:
            yield
        finally:
            for part in parts:
                self.wanted.remove(part)
                self.kill(part)

    @contextmanager
    def cheap_workers(self) -> Iterator[None]:
        """Have a nursery start what workers are needed meanwhile: for tests that kill many."""
        with Nursery(self) as self.nursery:
            try:
                yield
            finally:
                self.nursery = None

    def is_ready(self) -> bool:
        """Whether the web process reaches database and broker, and sees a worker."""
        return httpx.get(f"{self.url}/readyz", verify=TLS, timeout=30).status_code == 200

    def kill(self, part: str) -> None:
        self.parts[part].end(signal.SIGKILL)

    def rows(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """What the database has, past all that FlowForge says of it."""
        with psycopg.connect(self.postgres.url) as database:
            cursor = database.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def workers(self) -> set[int]:
        """The process ids of the workers that have a row."""
        return {pid for (pid,) in self.rows("SELECT pid FROM workers")}

    def worker_ids(self) -> set[UUID]:
        """The workers themselves: one that was taken over comes back as another."""
        return {id for (id,) in self.rows("SELECT id FROM workers")}

    def beats(self) -> dict[int, int]:
        """How often each worker has beaten, by its process id."""
        return dict(self.rows("SELECT pid, beats FROM workers"))

    def worker_of(self, run: str) -> str:
        """The part that executes a run; empty where none does."""
        executing = self.rows(
            "SELECT pid FROM runs JOIN workers ON workers.id = worker_id WHERE runs.id = %s", run
        )
        pids = {process.pid: part for part, process in self.parts.items()}
        return pids[executing[0][0]] if executing else ""


def command(part: str) -> list[str]:
    if part.startswith("web"):
        return ["-m", "flowforge.serve"]
    celery = ["-m", "celery", "-A", "flowforge"]
    if part.startswith("beat"):
        return [*celery, "beat"]
    return [*celery, "worker", "--hostname", part]
