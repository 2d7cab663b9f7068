"""The runs of a workflow by its steps: which of them fails, and since when, at one look."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from apps.engine.endings import STOPS
from apps.runs.admin.show import cut, duration
from apps.runs.models import Run, StepRun
from apps.runs.plans import graph_of
from apps.runs.querysets import RunQuerySet
from apps.runs.states import StepStatus
from apps.versions.models import WorkflowVersion

SHOWN_RUNS = 30
SHOWN_NODES = 200
READ_EVENTS = 60_000
"""Runs that together have more are not shown together: a loop may make 100,000 steps of one."""
READ_STEPS = 20_000
Row = tuple[UUID, UUID, str, int, str, str, str, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """The last step of a node in a run."""

    step: UUID
    status: str
    title: str
    count: int
    """How many the node has had in the run, as far as they were read."""


@dataclass(frozen=True, slots=True)
class Grid:
    runs: Sequence[Run]
    rows: list[tuple[str, list[Cell | None]]]
    """Of each node its name, and a cell for each run, in their order."""
    is_cut: bool


def grid_of(runs: RunQuerySet) -> Grid:
    """The newest of these runs, which are of one workflow, oldest first, by the nodes of their
    versions: in the order of the newest version, then what only older ones have."""
    found = list(runs.without_payloads().order_by("-pk")[:SHOWN_RUNS])
    events = accumulate(run.seq for run in found)
    fitting = sum(count <= READ_EVENTS for count in events)
    newest = found[: max(fitting, 1)][::-1]
    cells, is_cut = _cells(newest)
    names = _names(dict.fromkeys(run.version_id for run in reversed(newest)))
    rows = [
        (name, [cells.get((run.pk, node)) for run in newest])
        for node, name in list(names.items())[:SHOWN_NODES]
    ]
    return Grid(newest, rows, is_cut or len(newest) < len(found) or len(names) > SHOWN_NODES)


def _names(versions: Iterable[UUID]) -> dict[str, str]:
    graphs = dict(WorkflowVersion.objects.filter(pk__in=versions).values_list("pk", "graph_json"))
    names: dict[str, str] = {}
    for version in versions:
        for node in graph_of(graphs[version]).nodes:
            names.setdefault(node.id, node.name)
    return names


def _cells(runs: Sequence[Run]) -> tuple[dict[tuple[UUID, str], Cell], bool]:
    steps = StepRun.objects.filter(run__in=[run.pk for run in runs])
    # The last ones first: of a run that made more than are read, its end is shown.
    rows = steps.order_by("-run", "-seq_started").values_list(
        *("pk", "run", "node_id", "iteration", "status", "error_code", "error"),
        *("started_at", "finished_at"),
    )
    found: dict[tuple[UUID, str], Cell] = {}
    read = 0
    for row in rows[:READ_STEPS].iterator():
        read += 1
        if (row[1], row[2]) not in found:
            found[row[1], row[2]] = _cell(row)
    return found, read == READ_STEPS


def _cell(row: Row) -> Cell:
    pk, _, _, iteration, status, code, error, started_at, finished_at = row
    is_stopped = status == StepStatus.FAILED and code in STOPS
    told = "stopped" if is_stopped else status
    took = f", {duration((finished_at - started_at).total_seconds())}" if finished_at else ""
    why = f" – {code}: {cut(error, 200)}" if error and not is_stopped else ""
    return Cell(pk, told, f"{told}{took}{why}", iteration + 1)
