"""Hooks that are accepted while no worker runs, beside a server that does nothing.

Rounds of both follow each other, and the ratios of neighbours are compared: what else the machine
does meets both alike. CPU seconds hardly mind what else it does.
"""

import os
import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import graphs
from tests.bench.load import Sent, get_many, post_hooks
from tests.bench.proof import prove_kept
from tests.installation import Installation, Process
from tests.services import free_port, wait_for

ROUNDS = 9
CONNECTIONS = 50
BODY = b'{"n": 7, "action": "opened", "repository": {"full_name": "ada/engine"}}'
PATH = "/hooks/taken"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was measured: rates a second, milliseconds of CPU an answer, latencies in ms."""

    hello: float
    hooks: float
    ratio: float
    """The median of those of neighbouring rounds."""
    hello_cpu_ms: float
    hook_cpu_ms: float
    database_cpu_ms: float
    p50_ms: float
    p99_ms: float


def accept(installation: Installation, database: int, runs: int) -> tuple[str, Accepted]:
    """Send so many hooks in each round, to the installation's last server.

    Gives the workflow, whose runs are left to workers, and what was measured. `database` is the
    process of PostgreSQL.

    Raises where a hook that was accepted is not stored once.
    """
    workflow = installation.workflow(graphs.webhook_run("taken"), "accepted")
    web = installation.processes[-1].pid
    hellos, rates, sent = [], [], list[Sent]()
    hello_cpu_s = hook_cpu_s = database_cpu_s = 0.0
    with _hello(installation) as (hello, port):
        get_many(port, "/", runs, CONNECTIONS)
        post_hooks(installation.port, PATH, runs, CONNECTIONS, BODY)
        for _ in range(ROUNDS):
            before = cpu_s(hello.pid)
            hellos.append(get_many(port, "/", runs, CONNECTIONS))
            hello_cpu_s += cpu_s(hello.pid) - before
            before, before_database = cpu_s(web), cpu_s(database)
            taken = post_hooks(installation.port, PATH, runs, CONNECTIONS, BODY)
            hook_cpu_s += cpu_s(web) - before
            database_cpu_s += cpu_s(database) - before_database
            rates.append(len(taken) / span_s(taken))
            sent += taken
    prove_kept(installation, sent)
    waits_ms = sorted((each.answered_at - each.sent_at) * 1000 for each in sent)
    p50, p99 = (waits_ms[int(len(waits_ms) * share)] for share in (0.5, 0.99))
    return workflow, Accepted(
        hello=statistics.median(hellos),
        hooks=statistics.median(rates),
        ratio=statistics.median(rate / hello for rate, hello in zip(rates, hellos, strict=True)),
        hello_cpu_ms=hello_cpu_s * 1000 / (ROUNDS * runs),
        hook_cpu_ms=hook_cpu_s * 1000 / len(sent),
        database_cpu_ms=database_cpu_s * 1000 / len(sent),
        p50_ms=p50,
        p99_ms=p99,
    )


def span_s(sent: list[Sent]) -> float:
    return max(each.answered_at for each in sent) - min(each.sent_at for each in sent)


@contextmanager
def _hello(installation: Installation) -> Iterator[tuple[Process, int]]:
    """Daphne with an application that does nothing, as quiet as FlowForge's."""
    port = free_port()
    application = "tests.bench.hello:application"
    server = installation.start("-m", "daphne", "-v", "0", "-p", str(port), application)
    try:
        wait_for(lambda: answers(port), 30, every=0.1)
        yield server, port
    finally:
        server.end()


def hello_world(installation: Installation, connections: int) -> float:
    """Answers a second of Daphne with an application that does nothing."""
    with _hello(installation) as (_, port):
        return get_many(port, "/", 3_000, connections)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cpu_s(pid: int) -> float:
    """What a process and its children have used, those that have ended included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == str(pid):
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == str(pid):
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
