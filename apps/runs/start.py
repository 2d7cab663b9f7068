"""To start a run by hand or by a program: which version, from which node, with what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.engine.errors import Fault, FaultsError
from apps.engine.graph import Graph
from apps.engine.items import Json
from apps.runs.create import RunRequest, create_run, items_of
from apps.runs.models import Run
from apps.runs.partial import Earlier, earlier_steps, missing_inputs
from apps.runs.parts import (
    before,
    is_trigger,
    part_of,
    start_faults,
    stop_faults,
    trigger_leading_to,
    unchanged,
)
from apps.runs.pins import read_pins
from apps.runs.plans import graph_of
from apps.runs.states import Priority, Trigger
from apps.runs.typed_input import given_items
from apps.versions.models import WorkflowVersion
from apps.versions.save import save_draft
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal, require

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What may be said of a run that is started by hand; all optional."""

    input: Json = None
    version: int | str | None = None
    """A number, `draft`, or None: the published version."""
    start_node: str = ""
    stop_node: str = ""
    data_from: UUID | None = None
    """A run of the workflow: what its steps gave is what the start node takes."""
    pins: Json = None
    """What nodes give instead of running (`pins.read_pins`)."""
    priority: Priority | None = None
    """None: as the version says of all its runs."""
    deadline_s: float | None = None


def start_run(workflow: Workflow, asked: StartRequest, *, by: Principal) -> Run:
    """Start a run of a workflow. Unpublished versions and chosen parts take the right to edit.

    Raises ConflictError where nothing is published, FaultsError with all that does not fit.
    """
    if asked.start_node or asked.data_from or asked.pins:
        require(by, "run.partial", workflow.workspace_id)
    trigger = Trigger.MANUAL if by.as_user else Trigger.API
    with transaction.atomic():
        version = _version(workflow, asked, by)
        graph = graph_of(version.graph_json)
        chosen = _choose(workflow, graph, asked, pins_count=trigger == Trigger.MANUAL)
        run = create_run(
            version,
            RunRequest(
                trigger=trigger,
                trigger_node=chosen.start,
                items=chosen.items,
                triggered_by=by.as_user.pk if by.as_user else None,
                stop_node=asked.stop_node,
                pins=chosen.pins,
                priority=asked.priority,
                deadline_s=asked.deadline_s,
            ),
        )
        if chosen.earlier is not None:
            chosen.earlier.give(run)
        record("run.start", run, by=by, version=version.version)
    return run


def require_startable(workflow: Workflow) -> None:
    """Refuse to run what was put aside."""
    if workflow.is_archived:
        raise ConflictError("archived", "The workflow is archived.")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Where a run starts and with what; `earlier` where that is behind a trigger."""

    start: str
    items: list[Json]
    pins: dict[str, Json] | None
    earlier: Earlier | None


def _version(workflow: Workflow, asked: StartRequest, by: Principal) -> WorkflowVersion:
    require_startable(workflow)
    number = asked.version
    if number is None:
        number = workflow.version
        if number is None:
            raise ConflictError(
                "not_published",
                "The workflow has no published version.",
                'Publish one, or run the draft with "version": "draft".',
            )
    if number == DRAFT:
        require(by, "version.save", workflow.workspace_id)
        return save_draft(workflow, by=by)[0]
    version = workflow.versions.filter(version=number).first()
    if version is None:
        faults = [Fault("version", "unknown", f"The workflow has no version {number}.")]
        with _noting(faults):
            items_of(asked.input)
        raise FaultsError(faults, "The run cannot be started.")
    if not version.is_published:
        require(by, "version.save", workflow.workspace_id)
    return version


def _choose(workflow: Workflow, graph: Graph, asked: StartRequest, *, pins_count: bool) -> _Chosen:
    """Judge the request against the graph. Raises FaultsError with all that does not fit."""
    faults: list[Fault] = []
    start = items = pins = source = None
    with _noting(faults):
        items = items_of(asked.input)
    with _noting(faults):
        start = _start_node(graph, asked)
    with _noting(faults):
        pins = read_pins(asked.pins, graph)
    with _noting(faults):
        source = _source(workflow, asked)
    if start is None or items is None or pins is None:
        raise FaultsError(faults, "The run cannot be started.")
    if asked.input is not None:
        faults += _input_faults(graph, asked, start, pins)
        # What is sent says more than what was pinned once.
        pins.setdefault(start, None)
    pins_count = pins_count or bool(asked.start_node or asked.stop_node or asked.pins)
    counting = pins if pins_count else None
    with _noting(faults):
        items = given_items(graph, start, asked.input, counting)
    faults += stop_faults(graph, start, asked.stop_node, "stop_node")
    earlier = None
    if not is_trigger(graph, start) and not faults:
        earlier = _earlier(graph, start, asked, pins, source)
    if faults:
        raise FaultsError(faults, "The run cannot be started.")
    return _Chosen(start, items, counting, earlier)


def _start_node(graph: Graph, asked: StartRequest) -> str:
    """The node that the run starts at: the chosen one, the manual trigger, or the first."""
    faults = start_faults(graph, asked.start_node, "start_node") if asked.start_node else []
    if asked.stop_node and not any(node.id == asked.stop_node for node in graph.nodes):
        told = f"The version has no node “{asked.stop_node}”."
        faults.append(Fault("stop_node", "unknown_node", told))
    if faults:
        raise FaultsError(faults)
    return asked.start_node or _trigger_of(graph, asked.stop_node)


def _trigger_of(graph: Graph, stop: str) -> str:
    # Where none leads to the stop, that is said of the stop.
    trigger = (stop and trigger_leading_to(graph, [stop])) or trigger_leading_to(graph)
    if trigger is None:
        sentence = "The graph has no trigger that is not disabled."
        raise FaultsError([Fault("nodes", "no_trigger", sentence)])
    return trigger


def _earlier(
    graph: Graph, start: str, asked: StartRequest, pins: dict[str, Json], source: Run | None
) -> Earlier:
    part = part_of(graph, start, asked.stop_node)
    kept: set[str] = set()
    if source:
        kept = unchanged(graph_of(source.version.graph_json), graph) & before(graph, part)
    earlier = earlier_steps(graph, part, pins, source, kept)
    missing = missing_inputs(graph, start, part, pins, earlier, "start_node")
    if missing:
        raise FaultsError(missing, "The run cannot be started.")
    return earlier


def _source(workflow: Workflow, asked: StartRequest) -> Run | None:
    if asked.data_from is None:
        return None
    run = workflow.runs.select_related("version").filter(pk=asked.data_from).first()
    faults = []
    if run is None:
        told = f"The workflow has no run {asked.data_from}."
        faults.append(Fault("data_from", "unknown", told))
    if not asked.start_node:
        told = "Say with start_node which node is to take what that run's steps gave."
        faults.append(Fault("start_node", "missing", told))
    if faults:
        raise FaultsError(faults)
    return run


def _input_faults(
    graph: Graph, asked: StartRequest, start: str, pins: dict[str, Json]
) -> list[Fault]:
    """Only a trigger that is not pinned gives the input."""
    if not is_trigger(graph, start):
        told = "A run that starts behind its trigger takes what data_from and pins have."
        return [Fault("input", "unexpected", told)]
    if pins.get(start) is not None:
        return [Fault(f"pins.{start}", "unexpected", "The trigger gives the input of the run.")]
    return []


@contextmanager
def _noting(faults: list[Fault]) -> Iterator[None]:
    """Go on behind what raises FaultsError, and keep the faults."""
    try:
        yield
    except FaultsError as error:
        faults += error.faults
