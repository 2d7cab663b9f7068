"""Listeners of one web process: how late they hear, what they cost, what a slow one costs others.

From the commit of a step's end, as PostgreSQL has noted it, until a listener has read the event.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from typing import Any

import psycopg

from tests.bench.graphs import loop
from tests.bench.hooks import cpu_s
from tests.bench.listeners import Wanted
from tests.graphs import Document, graph, node
from tests.installation import ROOT, Installation
from tests.integration.effects import EffectServer
from tests.services import wait_for

RUNS = 32
"""As many as two workers execute at once."""
STEP_MS = range(700, 1_300, 19)
"""How long the calls of each run take: no two runs keep step."""
STEPS = 12
LONG_STEPS = 3_000
"""Of a run that slow listeners ask for: more than any buffer holds."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """From commit to listener, in ms, of so many tellings; `cpu` is the web process's share."""

    told: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    cpu: float

    @property
    def note(self) -> str:
        return f"max {self.most_ms:.0f} ms of {self.told:,}; {self.cpu:.2f} of a core"


def told_slowly(path: str, effects: EffectServer) -> Document:
    """A chain of calls, each of which takes about a second; the first until all are to begin."""
    paced = f"http://{effects.address}/effect?ms={{{{ $('hook').item.json.body.ms }}}}"
    urls = [effects.held_url, *(f"={paced}" for _ in range(STEPS - 1))]
    calls = [
        node(f"c{n}", "http_call", params={"url": url, "timeout_s": 120})
        for n, url in enumerate(urls)
    ]
    edges = ["hook -> c0", *(f"c{n} -> c{n + 1}" for n in range(STEPS - 1))]
    return graph([node("hook", "webhook", params={"path": path}), *calls], edges)


class Theatre:
    """An installation with workers, and runs that listeners watch."""

    def __init__(self, installation: Installation, effects: EffectServer) -> None:
        self.installation = installation
        self.effects = effects
        self.web = installation.processes[-1].pid
        self.workspace = installation.api("GET", "workspaces")["results"][0]["id"]
        installation.workflow(told_slowly("told", effects), "Told")
        installation.workflow(loop("long", LONG_STEPS // 2), "Long")

    def play(self, streams: int, sockets: int, slow: int = 0) -> Lateness:
        """Start runs, have them watched by so many, and tell how late these heard of them.

        `slow`: so many streams more and as many sockets, which read nothing of a long run.
        Raises where one of the others missed an event, or heard one twice.
        """
        long = self._long_run() if slow else ""
        runs = self._runs()
        with self._audience(runs, streams, sockets, [long] * slow) as audience:
            cpu = self._until_ended(runs)
        return self._lateness(runs, audience, cpu)

    def crowd(self, streams: int, memory: Callable[[], int]) -> tuple[Lateness, int]:
        """The same for a crowd of streams; also what `memory` gives while all listen."""
        runs = self._runs()
        with self._audience(runs, streams, 0, []) as audience:
            cpu = self._until_ended(runs, of=STEPS - 1)
            kept = memory()
            self._until_ended(runs)
        return self._lateness(runs, audience, cpu), kept

    def _runs(self) -> list[str]:
        self.effects.hold()
        return [self.installation.hook("told", {"ms": ms}) for ms in STEP_MS[:RUNS]]

    def _long_run(self) -> str:
        run = self.installation.hook("long", {})
        self.installation.ended(run, 120)
        return run

    def _until_ended(self, runs: list[str], of: int = STEPS) -> float:
        """Wait until all have told of so many calls; gives the share of a core that the web
        process took meanwhile."""
        began, before = time.monotonic(), cpu_s(self.web)
        asked = (
            "SELECT count(*) FROM step_runs"
            " WHERE run_id = ANY(%s::uuid[]) AND node_id = %s AND status = 'completed'"
        )
        with psycopg.connect(self.installation.environment["DATABASE_URL"]) as database:
            database.autocommit = True

            def have_told() -> bool:
                return database.execute(asked, [runs, f"c{of - 1}"]).fetchall() == [(len(runs),)]

            wait_for(have_told, 300, every=0.1)
        return (cpu_s(self.web) - before) / (time.monotonic() - began)

    @contextmanager
    def _audience(
        self, runs: list[str], streams: int, sockets: int, slow: list[str]
    ) -> Iterator["Audience"]:
        wanted = Wanted(
            port=self.installation.port,
            key=self.installation.api_key,
            workspace=self.workspace,
            streams=list(islice(cycle(runs), streams)),
            sockets=list(islice(cycle(runs), sockets)),
            slow_streams=slow,
            slow_sockets=slow,
        )
        audience = Audience(wanted)
        self.effects.release()
        try:
            yield audience
        finally:
            audience.leave()

    def _lateness(self, runs: list[str], audience: "Audience", cpu: float) -> Lateness:
        committed = self._committed(runs)
        kinds = audience.heard.values()
        if gaps := sum(kind["gaps"] for kind in kinds):
            raise RuntimeError(f"{gaps} events were missed or told twice")
        late_ms = sorted(
            (at - committed[run, seq]) * 1_000
            for kind in kinds
            for run, seq, at in kind["ends"]
            if (run, seq) in committed
        )
        p50, p99 = (late_ms[int(len(late_ms) * share)] for share in (0.5, 0.99))
        return Lateness(len(late_ms), p50, p99, late_ms[-1], cpu)

    def _committed(self, runs: list[str]) -> dict[tuple[str, int], float]:
        """When the end of each call was committed, by run and the event's number.

        Without the first calls, which all end at once, and the last, which not all may have heard
        of yet.
        """
        calls = [f"c{n}" for n in range(1, STEPS - 1)]
        asked = (
            "SELECT run_id::text, seq_finished,"
            " extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8"
            " FROM step_runs WHERE run_id = ANY(%s::uuid[]) AND node_id = ANY(%s)"
        )
        with psycopg.connect(self.installation.environment["DATABASE_URL"]) as database:
            return {(run, seq): at for run, seq, at in database.execute(asked, [runs, calls])}


class Audience:
    """The process of the listeners, once all are connected."""

    def __init__(self, wanted: Wanted) -> None:
        self.heard: dict[str, Any] = {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.listeners"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asdict(wanted)) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ready\n", "a listener was refused"

    def leave(self) -> None:
        out, _ = self.process.communicate(timeout=60)
        self.heard = json.loads(out)


def wait_until_workers(installation: Installation, count: int) -> None:
    def registered() -> bool:
        with psycopg.connect(installation.environment["DATABASE_URL"]) as database:
            row = database.execute("SELECT count(*) FROM workers").fetchone()
            return row is not None and row[0] == count

    wait_for(registered, 60, every=0.1)
