"""To start behind a trigger: what the nodes before the start gave, or would have given.

A whole run begins at one trigger and comes only to what that reaches. So what other triggers lead
to is neither asked for nor given, unless the request pins it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from apps.engine.errors import Fault
from apps.engine.graph import Graph
from apps.engine.items import Json
from apps.engine.plan import reach
from apps.runs.delete import hold_run
from apps.runs.files import give_files
from apps.runs.given_steps import give_copies, give_pinned
from apps.runs.models import Run
from apps.runs.parts import before, targets, trigger_leading_to
from apps.runs.pins import Pins, pinned_in
from apps.runs.states import StepStatus


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run has before it begins: ended steps of pinned nodes, and those of another run."""

    pinned: Pins
    source: Run | None
    kept: set[str]
    """The nodes whose steps of `source` are taken over."""
    reached: Collection[str] = ()
    """The nodes that a whole run comes to: as the source, or as fits what is pinned."""

    def give(self, run: Run) -> None:
        """Make its rows in the run, numbered first."""
        if self.source is not None:
            hold_run(self.source)
            give_copies(self.source, run, self.kept - self.pinned.keys())
            give_files(self.source.pk, run)
        if self.pinned:
            give_pinned(run, self.pinned)


def earlier_steps(
    graph: Graph, part: set[str], pins: Pins, source: Run | None, kept: set[str]
) -> Earlier:
    """What a run of this part is given, of a source's kept steps and of the pins before it."""
    leading = before(graph, part)
    reached = _reached(graph, leading, pins, source)
    pinned = {
        node: outputs
        for node, outputs in pinned_in(graph, pins).items()
        if node in leading and (node in reached or node in pins)
    }
    return Earlier(pinned, source, kept, reached)


def missing_inputs(
    graph: Graph, start: str, part: set[str], pins: Pins, earlier: Earlier, path: str
) -> list[Fault]:
    """What the start node lacks: each node before it must be pinned, or have ended in the source.

    `path` is what the faults are said of.
    """
    if start in pinned_in(graph, pins):
        return []
    names = {node.id: node.name for node in graph.nodes}
    edges = [e for e in graph.edges if e.target == start and e.source not in part]
    origins = dict.fromkeys(edge.source for edge in edges)
    ends = _last_ends(earlier.source, origins) if earlier.source else {}
    faults = []
    for node in origins:
        if node in earlier.pinned or (node in ends and node in earlier.kept):
            continue
        if node in earlier.reached:
            why = _why_missing(earlier.source, node in ends)
            told = f"Node “{names[start]}” takes what “{names[node]}” gave, {why}."
            faults.append(Fault(path, "missing_input", told))
    given = ends | {node: _counts(outputs) for node, outputs in earlier.pinned.items()}
    if not faults and not any(given.get(e.source, {}).get(e.source_output) for e in edges):
        told = f"Nothing came to node “{names[start]}”: no node before it gave it any items."
        faults.append(Fault(path, "no_items", told))
    return faults


def _reached(graph: Graph, leading: set[str], pins: Pins, source: Run | None) -> set[str]:
    edges = targets(graph)
    if source is not None:
        return reach(source.steps.order_by().values_list("node_id", flat=True).distinct(), edges)
    pinned = {node for node in leading if pins.get(node) is not None}
    trigger = trigger_leading_to(graph, pinned or leading)
    return reach([trigger], edges) if trigger else set()


def _last_ends(run: Run, nodes: Collection[str]) -> dict[str, dict[str, int]]:
    """How many items each output of these nodes gave, when they last ended; {} for skipped ones."""
    ended = run.steps.filter(node_id__in=nodes, seq_finished__isnull=False)
    rows = ended.order_by("seq_finished").values_list("node_id", "status", "output_counts")
    return {node: counts for node, status, counts in rows if counts or status != StepStatus.FAILED}


def _counts(outputs: Mapping[str, list[Json]]) -> dict[str, int]:
    return {name: len(items) for name, items in outputs.items()}


def _why_missing(source: Run | None, has_ended: bool) -> str:
    if source is None:
        return "which is not pinned; name a run in data_from that has it, or pin it"
    if has_ended:
        return "which does not hold any more: it, or what leads to it, is changed or run again"
    return "which did not end in that run"
