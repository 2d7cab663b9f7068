"""Which runs a job is about, and what doing it to them would repeat."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.datastructures import MultiValueDict

from apps.engine.errors import Fault, FaultsError
from apps.engine.graph import Graph
from apps.operations.models import BulkJob
from apps.runs.cancel import required_note
from apps.runs.filters import RunFilter
from apps.runs.models import Run, StepRun
from apps.runs.parts import effects_told, is_effect, part_of, unchanged
from apps.runs.plans import graph_of
from apps.runs.querysets import RunQuerySet
from apps.runs.retry import FROM_FAILED, FROM_START, SAME
from apps.runs.states import OPEN, RunStatus, StepStatus
from apps.versions.models import WorkflowVersion
from apps.workspaces.models import Workspace

MOST_RUNS = 100_000
SEVERAL = {
    name
    for name, each in RunFilter.base_filters.items()
    if isinstance(each, django_filters.MultipleChoiceFilter)
}
"""The filters that take several values, and find what has one of them."""
ENDS = (BulkJob.Deed.CANCEL, BulkJob.Deed.MARK_FAILED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done to which runs of a workspace."""

    workspace: Workspace
    deed: str
    filter: Mapping[str, Any]
    """As the parameters of the list of runs; values may be lists."""
    start: str = FROM_FAILED
    version: str = SAME
    note: str = ""
    """Of what is to be marked as failed: why."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job would do, by what the runs have done so far."""

    runs: int
    steps: int
    """That would be executed again; of what is to end: that are open; of what is to go: all."""
    effects: list[dict[str, Any]]
    """Of these, those that touch the outside: `{type, label, count}`, the most first."""
    to_come: list[dict[str, Any]] = field(default_factory=list)
    """As `effects`, of nodes to which the runs never came, and a retry may: at most so many."""


def chosen(asked: Asked) -> QuerySet[Run]:
    """The runs that the filter finds and the deed is for. Raises FaultsError."""
    runs = read_filter(asked.filter, asked.workspace).qs
    if asked.deed in ENDS:
        return runs.filter(status__in=OPEN, cancel_requested_at=None)
    if asked.deed == BulkJob.Deed.DELETE:
        return cast(RunQuerySet, runs).deletable()
    if asked.start == FROM_FAILED:
        # Of what failed again only the last: each retry that fails would double the effects.
        retried = Exists(Run.objects.filter(retry_of=OuterRef("pk")))
        return runs.filter(~retried, status__in=(RunStatus.FAILED, RunStatus.CANCELLED))
    return runs.exclude(status__in=OPEN)


def read_filter(filter: Mapping[str, Any], workspace: Workspace | None = None) -> RunFilter:
    """A filter that can be one of a job, over the runs of that workspace. Raises FaultsError."""
    given = parameters(filter)
    unknown = set(given) - set(RunFilter.base_filters) | (set(given) & {"workspace"})
    faults = [
        Fault(f"filter.{name}", "unknown", f"There is no filter “{name}” here.")
        for name in sorted(unknown)
    ]
    faults += [
        Fault(f"filter.{name}", "several", f"“{name}” takes one value, not {len(values)}.")
        for name, values in given.lists()
        if len(values) > 1 and name not in SEVERAL | unknown
    ]
    own = Q(workspace=workspace)
    asked = RunFilter(given, Run.objects.filter(own), versions=WorkflowVersion.objects.filter(own))
    if not asked.is_valid():
        faults += [
            Fault(f"filter.{name}", "invalid", str(error))
            for name, errors in asked.errors.items()
            for error in errors
        ]
    if faults:
        raise FaultsError(faults)
    return asked


def parameters(filter: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """The filter of a job as the parameters of a list."""
    return MultiValueDict(
        {
            name: [str(each) for each in (value if isinstance(value, list) else [value])]
            for name, value in filter.items()
            if value is not None
        }
    )


def refuse_too_many(count: int) -> None:
    """Raise FaultsError where a job does not take so many runs."""
    if count > MOST_RUNS:
        told = f"It finds more than {MOST_RUNS:,} runs; narrow it, by time for example."
        raise FaultsError([Fault("filter", "too_many", told)])


def refuse_without_note(asked: Asked) -> None:
    """Raise FaultsError where runs are to be marked as failed and nobody says why."""
    if asked.deed == BulkJob.Deed.MARK_FAILED:
        required_note(asked.note)


def estimate(asked: Asked) -> Estimate:
    """Count what the job would do. Raises FaultsError."""
    refuse_without_note(asked)
    runs = chosen(asked)
    count = runs.order_by()[: MOST_RUNS + 1].count()
    refuse_too_many(count)
    if asked.deed == BulkJob.Deed.DELETE:
        own = StepRun.objects.filter(run__in=runs.order_by().values("pk"))
        return Estimate(count, own.count(), [])
    steps = 0
    effects: Counter[str] = Counter()
    for old, nodes in _by_version(asked, runs):
        types = {node.id: node for node in old.nodes}
        for id, number in nodes.items():
            steps += number
            if id in types and is_effect(types[id]):
                effects[types[id].type] += number
    to_come = _to_come(asked, runs) if asked.deed == BulkJob.Deed.RETRY else Counter[str]()
    return Estimate(count, steps, effects_told(effects), effects_told(to_come))


def _to_come(asked: Asked, runs: QuerySet[Run]) -> Counter[str]:
    """The types that touch the outside, of the nodes that a retry may run though the run itself
    never came to them, and at most how many steps these are without loops."""
    starts = ("version", "trigger_node", "stop_node")
    steps = StepRun.objects.filter(run__in=runs.order_by().values("pk"), iteration=0)
    rows = steps.order_by().values_list(*(f"run__{name}" for name in starts), "node_id")
    came = {tuple(found): count for *found, count in rows.annotate(Count("pk"))}
    effects: Counter[str] = Counter()
    for *start, count in runs.order_by().values_list(*starts).annotate(Count("pk")):
        id, trigger_node, stop_node = start
        _, graph = _graphs(asked, id)
        part = part_of(graph, trigger_node, stop_node)
        for node in graph.nodes:
            if node.id in part and is_effect(node):
                effects[node.type] += count - came.get((*start, node.id), 0)
    return effects


def _by_version(asked: Asked, runs: QuerySet[Run]) -> Iterator[tuple[Graph, Counter[str]]]:
    """Of each version the nodes whose steps would be executed again, and how many these are."""
    has_output = Q(output_json__isnull=False) | Q(output_payload__isnull=False)
    ended = Q(status=StepStatus.COMPLETED) | Q(has_output, status=StepStatus.FAILED)
    steps = StepRun.objects.filter(run__in=runs.order_by().values("pk"))
    steps = steps.exclude(status=StepStatus.SKIPPED)
    counted = steps.order_by("run__version", "node_id").values_list("run__version", "node_id")
    rows = counted.annotate(
        all=Count("pk"), open=Count("pk", filter=Q(seq_finished=None)),
        again=Count("pk", filter=~ended),
    )  # fmt: skip
    version, nodes, kept, graph = None, Counter[str](), set[str](), None
    for id, node, all, open, again in rows.iterator():
        if id != version:
            if graph is not None:
                yield graph, nodes
            version, nodes = id, Counter()
            graph, new = _graphs(asked, id)
            kept = _kept(graph, new)
        if asked.deed in ENDS:
            nodes[node] += open
        elif asked.start == FROM_START or node not in kept:
            nodes[node] += all
        else:
            nodes[node] += again
    if graph is not None:
        yield graph, nodes


def _kept(old: Graph, new: Graph) -> set[str]:
    """The nodes whose steps a retry takes over where they ended."""
    return {node.id for node in old.nodes} if new is old else unchanged(old, new)


def _graphs(asked: Asked, id: UUID) -> tuple[Graph, Graph]:
    """The graph of a version, and the one that a retry runs: the same, or the published one."""
    version = WorkflowVersion.objects.select_related("workflow").get(pk=id)
    old = graph_of(version.graph_json)
    if asked.version == SAME or version.workflow.version in (None, version.version):
        return old, old
    new = version.workflow.versions.get(version=version.workflow.version)
    return old, graph_of(new.graph_json)
