"""`python -m tests.bench`: measure, prove that nothing is missing, and print a table.

Every figure stands beside what the same machine can do at most, measured in the same run: compare
the ratios, not the figures of different machines. `BENCH_RUNS` says how many runs a figure takes.
Parts of it are named as arguments: `expressions`, `nodes`, `sqlite`, `postgres`, `streams`; and
`hooks`, which is what `postgres` begins with. `manage.py seed_runs` fills a database with
many runs, beside which `python -m tests.bench.pages` measures lists and pages, and
`python -m tests.bench.full` what runs a second go through.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench import expressions, graphs, nodes
from tests.bench.answers import answer_at_end
from tests.bench.hooks import BODY, CONNECTIONS, ROUNDS, accept, hello_world
from tests.bench.load import post_hooks
from tests.bench.proof import Proved, prove, wait_until_ended
from tests.bench.streams import Theatre, wait_until_workers
from tests.bench.through import put_through
from tests.installation import Installation
from tests.integration.effects import EffectServer
from tests.services import Postgres, Redis, new_database

RUNS = int(os.environ.get("BENCH_RUNS", "1000"))


def main() -> None:
    only = sys.argv[1:] or ["expressions", "nodes", "sqlite", "postgres", "streams"]
    if "expressions" in only:
        say("Expressions, without any service")
        for figure in expressions.figures():
            row(*figure)
    if "nodes" in only:
        nodes.main()
    if "sqlite" in only:
        with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
            say("One process, SQLite")
            start(installation)
            answers(installation)
            measure(installation)
    if "postgres" in only or "hooks" in only:
        with cluster() as (installation, postgres):
            say("PostgreSQL and Redis, one web process, two worker processes")
            workers = [
                ["-m", "celery", "-A", "flowforge", "worker", "-n", f"w{n}", "--loglevel=ERROR"]
                for n in (1, 2)
            ]
            accept_hooks(installation, postgres, workers)
            if "postgres" in only:
                measure(installation)
    if "streams" in only:
        with cluster(track_commit_timestamp="on") as (installation, _), EffectServer() as effects:
            say("Listeners of one web process; PostgreSQL and Redis, two worker processes")
            listen(installation, effects)


@contextmanager
def cluster(**settings: str) -> Iterator[tuple[Installation, Postgres]]:
    """One that keeps what it has committed, as in production."""
    postgres, redis = Postgres(fsync="on", **settings).start(), Redis().start()
    folder = Path(tempfile.mkdtemp(prefix="flowforge-bench-"))
    try:
        url = new_database(postgres.url, "bench")
        with Installation(folder, url, redis.url) as installation:
            installation.environment["LOG_LEVEL"] = "ERROR"
            installation.manage("migrate", "-v0")
            installation.remember_access(installation.manage("setup_demo"))
            yield installation, postgres
    finally:
        redis.remove()
        postgres.remove()
        shutil.rmtree(folder)


def start(installation: Installation) -> None:
    installation.environment["LOG_LEVEL"] = "ERROR"
    begun = time.perf_counter()
    first = installation.serve()
    row("first start", f"{time.perf_counter() - begun:.2f} s")
    first.end()
    begun = time.perf_counter()
    installation.serve()
    row("start to /healthz", f"{time.perf_counter() - begun:.2f} s")


def listen(installation: Installation, effects: EffectServer) -> None:
    """What streams cost the web process, and how late they are."""
    installation.environment["EGRESS_ALLOW"] += f",{effects.address}"
    web = installation.serve().pid
    theatre = Theatre(installation, effects)
    for n in (1, 2):
        installation.start("-m", "celery", "-A", "flowforge", "worker", "-n", f"w{n}")
    wait_until_workers(installation, 2)
    theatre.play(10, 10)
    for name, streams, sockets, slow in (
        ("1,000 listeners: commit to listener", 500, 500, 0),
        ("  and 100 that read nothing", 500, 500, 50),
    ):
        late = theatre.play(streams, sockets, slow=slow)
        row(name, f"p50 {late.p50_ms:.0f} ms, p99 {late.p99_ms:.0f} ms", late.note)
        row("  memory of the web process (PSS)", f"{_pss_kb(web) / 1024:.0f} MB")
    before = _pss_kb(web)
    late, kept = theatre.crowd(5_000, lambda: _pss_kb(web) - before)
    row("5,000 streams: memory of each", f"{kept / 5_000:.1f} KiB", "each has heard events")
    row("  commit to listener", f"p50 {late.p50_ms:.0f} ms, p99 {late.p99_ms:.0f} ms", late.note)


def measure(installation: Installation) -> None:
    time.sleep(5)
    row("memory when idle (PSS)", f"{memory_mb(installation):.0f} MB", "of all processes")
    print_limits(installation)
    row("limit: hello, world through Daphne", f"{hello_world(installation, 10):.0f} /s")
    throughput(installation, "webhook -> set -> condition", graphs.webhook_run("three"), "three", 3)
    throughput(installation, "chain of 10 Set nodes", graphs.chain("ten", 10), "ten", 11)
    single(installation, "chain of 100", graphs.chain("hundred", 100), "hundred", 101)
    single(installation, "chain of 1,000", graphs.chain("thousand", 1000), "thousand", 1001)
    single(installation, "1,000 items, one Set", graphs.thousand_items("items"), "items", 3)
    single(installation, "loop of 1,000", graphs.loop("loop", 1000), "loop", 2003)
    row("memory after all that (PSS)", f"{memory_mb(installation):.0f} MB")


def accept_hooks(installation: Installation, postgres: Postgres, workers: list[list[str]]) -> None:
    """Durable 202s from one web process while no worker runs; then workers execute what is left."""
    start(installation)
    assert postgres.process is not None
    workflow, accepted = accept(installation, postgres.process.pid, RUNS)
    row(
        "durable 202s, workers stopped",
        f"{accepted.hooks:.0f} /s",
        f"{accepted.ratio:.2f} of the next line, the median of {ROUNDS} rounds",
    )
    row(
        "limit: hello, world through Daphne",
        f"{accepted.hello:.0f} /s",
        f"{CONNECTIONS} connections",
    )
    row(
        "  CPU of the web process",
        f"{accepted.hook_cpu_ms:.3f} ms a hook",
        f"{accepted.hello_cpu_ms:.3f} ms a hello; PostgreSQL {accepted.database_cpu_ms:.3f} ms",
    )
    row(
        "  POST to 202",
        f"p50 {accepted.p50_ms:.0f} ms, p99 {accepted.p99_ms:.0f} ms",
        f"{CONNECTIONS} connections",
    )
    for command in workers:
        installation.start(*command)
    wait_until_ended(installation, workflow)
    answers(installation)


def answers(installation: Installation) -> None:
    for senders, answered in answer_at_end(installation).items():
        row(
            "end of a run to its answer",
            f"p50 {answered.p50_ms:.1f} ms, p95 {answered.p95_ms:.1f} ms",
            f"{senders} connections",
        )


def throughput(installation: Installation, name: str, graph: Any, path: str, steps: int) -> None:
    """Runs a second in a closed loop of connections that never rest, and latency: under that load,
    and where runs come half as fast."""
    workflow = installation.workflow(graph, name)
    post_hooks(installation.port, f"/hooks/{path}", 50, 10, BODY)
    wait_until_ended(installation, workflow)

    rates = []
    for connections in (10, 50):
        through = put_through(installation, workflow, path, steps, RUNS, connections)
        rates.append(through.runs)
        accepted = f"accepted at {through.accepted:.0f} /s, {connections} connections"
        row(name, f"{through.runs:.0f} runs/s", accepted)
        told = f"under that load; {through.commits:.1f} commits a run"
        row("  POST to run_finished", percentiles(through.proved), told)
    half = put_through(installation, workflow, path, steps, RUNS, a_second=rates[0] / 2)
    told = f"at {rates[0] / 2:.0f} runs/s, half of what 10 connections reach"
    row("  POST to run_finished", percentiles(half.proved), told)


def percentiles(proved: Proved) -> str:
    return (
        ", ".join(f"p{share} {proved.percentile(share / 100):.0f}" for share in (50, 95, 99))
        + " ms"
    )


def single(installation: Installation, name: str, graph: Any, path: str, steps: int) -> None:
    """One run after another: milliseconds a run, without the way in."""
    workflow = installation.workflow(graph, name)
    times = []
    for _ in range(6):
        sent = post_hooks(installation.port, f"/hooks/{path}", 1, 1, BODY)
        wait_until_ended(installation, workflow)
        prove(installation, sent, steps)
        run = installation.run(sent[0].run)
        times.append(span_ms(run["started_at"], run["finished_at"]))
    middle = statistics.median(times[1:])
    row(name, f"{middle:.0f} ms a run", f"{middle / steps:.3f} ms a step")


def print_limits(installation: Installation) -> None:
    """Ask a process of the same installation what its database and broker can do."""
    command = [sys.executable, "-m", "tests.bench.limits"]
    told = subprocess.run(
        command, env=installation.environment, capture_output=True, text=True, check=False
    )
    for line in (told.stdout or told.stderr).splitlines():
        name, _, figure = line.partition(": ")
        row(f"limit: {name}", figure)


def span_ms(begun: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds() * 1000


def memory_mb(installation: Installation) -> float:
    """PSS of all processes of the installation and their children."""
    pids = {p.pid for p in installation.processes if p.popen.poll() is None}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in pids:
            pids.add(int(stat.parent.name))
    return sum(_pss_kb(pid) for pid in pids) / 1024


def _pss_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def say(title: str) -> None:
    print(f"\n{title}", flush=True)


def row(name: str, figure: str, note: str = "") -> None:
    print(f"  {name:<34} {figure:<32} {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
