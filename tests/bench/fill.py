"""`python -m tests.bench.fill --runs N`: so many runs of the last months in the database of
`DATABASE_URL`, with ten times as many steps.

Each workflow is really run, until it has ended in each of its ways; these runs are repeated. None
is pending: workers may be there.
"""

import argparse
import os
import random
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction
from django.utils import timezone

from apps.runs.create import RunRequest
from apps.runs.create import create_run as create
from apps.runs.models import Run, StepRun
from apps.runs.states import Trigger
from apps.versions.models import WorkflowVersion
from tests.bench.graphs import Document, is_positive, set_node
from tests.bench.samples import Row, Sample, columns
from tests.factories import make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.runs.work import execute

MONTHS = timedelta(days=180)
AT_ONCE = 500
"""Runs in one transaction, with their steps."""

WORKSPACES = {
    "Shop": ["Take orders", "Sync stock", "Refund", "Greet customers"],
    "Support": ["Sort tickets", "Remind", "Escalate"],
    "Finance": ["Book invoices", "Close the day"],
}
WAYS = {"through": 88, "short": 5, "stopped": 4, "wrong": 2, "waits": 1}
"""How a run goes, and of a hundred runs how many do so."""


def workflow_graph(length: int) -> Document:
    """A chain that goes as the trigger's item says."""
    ways = [
        {"name": way, "conditions": {"conditions": [_is(way)]}} for way in WAYS if way != "through"
    ]
    sets = [set_node(f"step{n}", "={{ $json.n }}") for n in range(length)]
    nodes = [
        node("start", "manual"),
        node("way", "switch", params={"rules": ways, "fallback": "output"}),
        is_positive("short"),
        node("stopped", "stop_and_error", params={"message": "=No order {{ $json.n }}"}),
        node("wrong", "date_time", params={"operation": "format", "date": "={{ $json.way }}"}),
        node("waits", "delay", params={"seconds": timedelta(days=400).total_seconds()}),
        *sets,
    ]
    edges = [
        "start -> way",
        *(f"way.{way['name']} -> {way['name']}" for way in ways),
        "way.fallback -> step0",
        *(f"step{n} -> step{n + 1}" for n in range(length - 1)),
    ]
    return graph(nodes, edges)


def _is(way: str) -> Document:
    operator = {"type": "string", "operation": "equals"}
    return {"leftValue": "={{ $json.way }}", "operator": operator, "rightValue": way}


def sample_runs() -> list[tuple[Sample, int]]:
    """Runs of all workflows, in all ways, and how often each of them is repeated."""
    samples = []
    for name, workflows in WORKSPACES.items():
        workspace = make_workspace(name)
        for place, workflow in enumerate(workflows):
            document = workflow_graph(3 + place % 3)
            version = make_version(
                make_workflow(workspace, name=workflow), document, is_published=True
            )
            samples += [(sample(version, way), weight) for way, weight in WAYS.items()]
    return samples


def sample(version: WorkflowVersion, way: str) -> Sample:
    items = [{"json": {"way": way, "n": random.randint(1, 99_999), "customer": "Ada Lovelace"}}]
    return Sample(execute(create(version, RunRequest(Trigger.API, "start", items))))


def moments(count: int) -> Iterator[datetime]:
    """So many of the last months, one after the other."""
    each = MONTHS / count
    begin = timezone.now() - MONTHS
    for number in range(count):
        yield begin + each * (number + random.random())


def fill(count: int) -> int:
    """Insert so many runs, and let the database have settled; gives the steps of the runs."""
    step_count = fill_in(count)
    settle()
    return step_count


def fill_in(count: int) -> int:
    """Insert so many runs; gives how many steps they have."""
    samples, weights = zip(*sample_runs(), strict=True)
    # Each of them is there, however few are wanted.
    chosen = [*samples, *random.choices(samples, weights, k=count)][:count]
    random.shuffle(chosen)
    runs = (each.repeat(moment) for each, moment in zip(chosen, moments(count), strict=True))
    step_count = 0
    while some := list(islice(runs, AT_ONCE)):
        steps = [step for _, steps in some for step in steps]
        insert([run for run, _ in some], steps)
        step_count += len(steps)
    return step_count


def insert(runs: list[Row], steps: list[Row]) -> None:
    put = copy if connection.vendor == "postgresql" else insert_each
    with transaction.atomic():
        for model, rows in ((Run, runs), (StepRun, steps)):
            put(model._meta.db_table, columns(model), rows)


def copy(table: str, names: list[str], rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        # The rows are sound: to look up what each refers to takes as long as all else.
        cursor.execute("SET LOCAL session_replication_role = replica")
        with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as into:
            for row in rows:
                into.write_row(row)


def insert_each(table: str, names: list[str], rows: list[Row]) -> None:
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)


def settle() -> None:
    """What happens by itself where rows come in over months."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM runs, step_runs")
            cursor.execute("RESET statement_timeout")
    analyze()


def analyze(tables: Iterable[str] = ("runs", "step_runs")) -> None:
    """Let the database know what is in these tables; on SQLite in all."""
    named = f" {', '.join(tables)}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE{named}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fill", description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    runs, begun = parser.parse_args().runs, time.perf_counter()
    steps = fill(runs)
    print(f"{runs:,} runs, {steps:,} steps in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
