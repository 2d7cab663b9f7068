"""`python -m tests.bench.full`: what a million runs in the tables change.

Two installations beside each other on one PostgreSQL, one of which is filled (`BENCH_FILL`). Rounds
of both follow each other, and neighbours are compared: what else the machine does meets both. CPU
hardly minds it.
"""

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import graphs
from tests.bench.hooks import BODY, cpu_s
from tests.bench.load import post_hooks
from tests.bench.proof import wait_until_ended
from tests.bench.through import CONNECTIONS, Through, put_through
from tests.installation import Installation
from tests.services import Postgres, Redis, new_database

FILL = int(os.environ.get("BENCH_FILL", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "1000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
WARM = 200
MEASURED: dict[str, tuple[Callable[[str], Any], int]] = {
    "webhook -> set -> condition": (graphs.webhook_run, 3),
    "chain of 10 Set nodes": (lambda path: graphs.chain(path, 10), 11),
}
WORKER = ("-m", "celery", "-A", "flowforge", "worker", "--loglevel=ERROR", "-n")


def main() -> None:
    postgres = Postgres(fsync="on").start()
    try:
        urls = [new_database(postgres.url, name) for name in ("empty", "full")]
        with installed(urls[0]) as empty, installed(urls[1]) as full:
            filling = full.start(
                "manage.py", "seed_runs", "Full", "--owner", full.email, "--runs", str(FILL)
            )
            assert filling.popen.wait() == 0, filling.output()
            print(filling.output().splitlines()[-1], flush=True)
            assert postgres.process is not None
            compare(empty, full, postgres.process.pid)
    finally:
        postgres.remove()


@contextmanager
def installed(database: str) -> Iterator[Installation]:
    """An installation of its own, with a Redis of its own, in which nothing runs yet."""
    redis, folder = Redis().start(), Path(tempfile.mkdtemp(prefix="flowforge-bench-"))
    try:
        with Installation(folder, database, redis.url) as installation:
            installation.environment["LOG_LEVEL"] = "ERROR"
            installation.manage("migrate", "-v0")
            installation.remember_access(installation.manage("setup_demo"))
            yield installation
    finally:
        redis.remove()
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class Round:
    through: Through
    own_cpu_ms: float
    """Of web and workers, a run."""
    database_cpu_ms: float


def compare(empty: Installation, full: Installation, database: int) -> None:
    """Print the figures of both, and how they compare. `database` is PostgreSQL's process."""
    for installation in (empty, full):
        installation.serve()
        for number in (1, 2):
            installation.start(*WORKER, f"w{number}")
    for name, (graph, steps) in MEASURED.items():
        path = name.split(" ")[0]
        flows = {each: each.workflow(graph(path), name) for each in (empty, full)}
        for each, flow in flows.items():
            post_hooks(each.port, f"/hooks/{path}", WARM, CONNECTIONS, BODY)
            wait_until_ended(each, flow)
        rounds = [
            [one_round(each, flow, path, steps, database) for each, flow in flows.items()]
            for _ in range(ROUNDS)
        ]
        show(name, [of[0] for of in rounds], [of[1] for of in rounds])


def one_round(
    installation: Installation, workflow: str, path: str, steps: int, database: int
) -> Round:
    """Send runs through one of them, and read their events; the CPU of both counts."""
    pids = [each.pid for each in installation.processes if each.popen.poll() is None]
    before, before_database = sum(map(cpu_s, pids)), cpu_s(database)
    through = put_through(installation, workflow, path, steps, RUNS)
    own_s, database_s = sum(map(cpu_s, pids)) - before, cpu_s(database) - before_database
    return Round(through, own_s * 1000 / RUNS, database_s * 1000 / RUNS)


def show(name: str, empty: list[Round], full: list[Round]) -> None:
    ratio = statistics.median(
        b.through.runs / a.through.runs for a, b in zip(empty, full, strict=True)
    )
    print(f"  {name}: {ratio:.2f} of the rate with empty tables, the median of {ROUNDS} rounds")
    for which, rounds in (("empty", empty), ("full", full)):
        rate = statistics.median(each.through.runs for each in rounds)
        p50, p95 = (
            statistics.median(each.through.proved.percentile(share) for each in rounds)
            for share in (0.5, 0.95)
        )
        own = statistics.median(each.own_cpu_ms for each in rounds)
        database = statistics.median(each.database_cpu_ms for each in rounds)
        print(
            f"    {which:<6} {rate:.0f} runs/s, p50 {p50:.0f} ms, p95 {p95:.0f} ms; CPU a run: "
            f"{own:.2f} ms of web and workers, {database:.2f} ms of PostgreSQL",
            flush=True,
        )


if __name__ == "__main__":
    main()
