"""What a run costs the database, held against `statements.md`.

Whoever makes a run cheaper writes the table anew; whoever makes it dearer says why.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installed

from apps.runs import room
from apps.runs.control import heartbeat
from apps.runs.execute import execute_next
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.runs.sweep import until_due_s, wake_due
from apps.runs.walk import _limits
from apps.runs.worker import this_worker
from apps.versions.models import WorkflowVersion
from tests.bench.graphs import chain, webhook_run
from tests.factories import make_version
from tests.graphs import Document, graph, node
from tests.nodes.servers import Reply, serving
from tests.runs.counting import Counted, counting
from tests.runs.test_children import caller, published
from tests.runs.test_requests import reaching
from tests.runs.work import created
from tests.services import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(installed.IS_SQLITE, reason="a step is a statement of its own there"),
]
REVIEWED = Path(__file__).with_name("statements.md")
BODY = [{"json": {"body": {"n": 7}}}]


@pytest.fixture
def url(settings: Any, worker: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where effects go; no commit is made, and no full workflow looked for, for the time that a run
    takes."""
    settings.GROUP_COMMIT_S = 3_600.0
    monkeypatch.setattr(room, "LOOK_S", 3_600.0)
    _limits.cache_clear()
    with serving(lambda seen: Reply(200, {}, b"{}")) as server, reaching(server):
        yield f"http://127.0.0.1:{server.port}/"
    _limits.cache_clear()


def effects(url: str, count: int) -> Document:
    calls = [node(f"call{n}", "http_call", params={"url": url}) for n in range(count)]
    edges = [f"call{n} -> call{n + 1}" for n in range(count - 1)]
    return graph([node("start", "manual"), *calls], ["start -> call0", *edges])


def waiting() -> Document:
    nodes = [node("start", "manual"), node("wait", "delay", params={"seconds": 0.05}), node("end")]
    return graph(nodes, ["start -> wait", "wait -> end"])


def execute_all(queue: str) -> None:
    while execute_next(queue):
        pass


def cost_of_a_run(version: WorkflowVersion) -> Counted:
    """What the second run of a version costs: the first one reads what is kept from then on."""
    for _ in range(2):
        heartbeat(this_worker(), {})  # whoever has not beaten for long claims nothing
        with counting() as counted:
            run = created(version, items=BODY)
            execute_all(run.queue)
        if Run.objects.filter(pk=run.pk, status=RunStatus.WAITING).exists():
            wait_for(lambda: (until_due_s() or 0) <= 0)
            with counting() as later:
                wake_due()
                execute_all(run.queue)
            counted += later
        assert Run.objects.get(pk=run.pk).status == RunStatus.COMPLETED
    return counted


def test_a_run_costs_what_was_reviewed(url: str) -> None:
    this_worker()
    versions = {
        "webhook -> set -> condition": make_version(graph=webhook_run("three")),
        "a chain of 10": make_version(graph=chain("ten", 10)),
        "one effect": make_version(graph=effects(url, 1)),
        "five effects": make_version(graph=effects(url, 5)),
        "waits for a time": make_version(graph=waiting()),
        "with a child run": caller(published()),
    }
    costs = {name: cost_of_a_run(version) for name, version in versions.items()}

    for name, count in {"one effect": 1, "five effects": 5}.items():
        assert costs[name].commits <= 2 * count + 3
        assert costs[name].outside <= 8
    assert table(costs) == REVIEWED.read_text()


def table(costs: dict[str, Counted]) -> str:
    head = "| a run | commits | statements outside | written | read |\n|---|---|---|---|---|\n"
    lines = [
        f"| {name} | {cost.commits} | {cost.outside} | {told(cost.writes)} | {told(cost.reads)} |"
        for name, cost in costs.items()
    ]
    return head + "\n".join(lines) + "\n"


def told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
