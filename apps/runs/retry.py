"""To run again what has ended: a new run that takes over finished steps."""

from django.db import transaction

from apps.engine.errors import Fault, FaultsError
from apps.engine.graph import Graph
from apps.engine.items import Json
from apps.engine.plan import reach
from apps.runs.create import RunRequest, create_run, items_of, pins_of, trigger_items
from apps.runs.models import Run
from apps.runs.partial import Earlier, earlier_steps, missing_inputs
from apps.runs.parts import is_trigger, part_of, start_faults, stop_faults, targets, unchanged
from apps.runs.pins import Pins, pinned_in
from apps.runs.plans import graph_of
from apps.runs.start import DRAFT, require_startable
from apps.runs.states import Priority, Trigger
from apps.runs.typed_input import typed_items
from apps.versions.models import WorkflowVersion
from apps.versions.save import save_draft
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal, require

FROM_START = "start"
FROM_FAILED = "failed"
SAME, PUBLISHED = "same", "published"
VERSIONS = (SAME, PUBLISHED)
"""On which many are retried at once; one by itself on the draft, too."""


def version_for_retry(run: Run, which: str, *, by: Principal) -> WorkflowVersion:
    """The run's own version (`same`), the `published` one, or the `draft` as it is now, which takes
    the right to edit. Raises ConflictError without one, FaultsError for a draft that cannot run.
    """
    if which == SAME:
        return run.version
    if which == DRAFT:
        require(by, "version.save", run.workspace_id)
        return save_draft(run.workflow, by=by)[0]
    number = run.workflow.version
    if number is None:
        raise ConflictError("not_published", "The workflow has no published version.")
    return run.workflow.versions.get(version=number)


def retry_run(
    run: Run,
    from_: str,
    version: WorkflowVersion,
    *,
    by: Principal | None,
    input: Json = None,
) -> Run:
    """Make a new run of an ended one: from the `start`, from what `failed`, or from a node's id.

    On another version only steps are taken over whose node and all its ancestors are unchanged.
    What the run was given before it began is taken over in any case. From the start its trigger may
    give other items, `input`, as a client writes them; the run's own files may be in them.

    Raises ConflictError where the run has not ended or its workflow is archived, FaultsError where
    `from_` is no node of the version, its run cannot start where this one did, or its trigger takes
    other input; Run.DoesNotExist where it was deleted meanwhile.
    """
    require_startable(run.workflow)
    if run.is_open:
        raise ConflictError("not_ended", "The run has not ended; cancel it or wait for its end.")
    graph = graph_of(version.graph_json)
    ids = {node.id for node in graph.nodes}
    if from_ not in (FROM_START, FROM_FAILED) and from_ not in ids:
        raise FaultsError([Fault("from", "unknown_node", f"The version has no node “{from_}”.")])
    faults = start_faults(graph, run.trigger_node, "version") or stop_faults(
        graph, run.trigger_node, run.stop_node, "version"
    )
    if faults:
        raise FaultsError(faults, "The version cannot start where the run did.")
    part = part_of(graph, run.trigger_node, run.stop_node)
    pins = pins_of(run)
    kept = _kept(run, from_, graph, part)
    earlier = _earlier(run, graph, part, pins or {}, kept)
    items = trigger_items(run)
    if input is not None:
        items = _edited(items, input, from_, graph, run.trigger_node)
    if run.trigger_node not in kept and run.trigger_node not in pinned_in(graph, pins):
        items = typed_items(graph, run.trigger_node, items)
    edited = {"edited": True} if input is not None else {}
    with transaction.atomic():
        again = create_run(
            version,
            RunRequest(
                trigger=Trigger.RETRY,
                trigger_node=run.trigger_node,
                items=items,
                triggered_by=by.as_user.pk if by and by.as_user else None,
                stop_node=run.stop_node,
                pins=pins,
                priority=Priority.of(run.priority),
                retry_of=run.pk,
            ),
        )
        earlier.give(again)
        record("run.retry", again, by=by, retry_of=str(run.pk), start=from_, **edited)
    return again


def _edited(
    items: list[Json], input: Json, from_: str, graph: Graph, trigger_node: str
) -> list[Json]:
    """The items that the trigger gives instead of these."""
    if from_ != FROM_START or not is_trigger(graph, trigger_node):
        told = (
            "Only a retry from the start of a run that began at a trigger takes other input; to "
            "give a node other items, run from it with pins."
        )
        raise FaultsError([Fault("input", "not_from_start", told)])
    edited = items_of(input, keeps_files=True)
    own = [file for item in items for file in (item.get("binary") or {}).values()]
    faults = [
        Fault(f"input[{place}].binary.{name}", "unknown_file", "The run began without this file.")
        for place, item in enumerate(edited)
        for name, file in (item.get("binary") or {}).items()
        if file not in own
    ]
    if faults:
        raise FaultsError(faults)
    return edited


def _kept(run: Run, from_: str, graph: Graph, part: set[str]) -> set[str]:
    """The nodes whose steps the new run takes over, where the old one has some."""
    if from_ == FROM_START and is_trigger(graph, run.trigger_node):
        return set()  # whatever became of the old version's form
    kept = unchanged(graph_of(run.version.graph_json), graph)
    if from_ == FROM_START:
        return kept - part
    if from_ == FROM_FAILED:
        return kept
    return kept - reach([from_], targets(graph))


def _earlier(run: Run, graph: Graph, part: set[str], pins: Pins, kept: set[str]) -> Earlier:
    """What the new run is given. Raises FaultsError where its start would lack something."""
    if is_trigger(graph, run.trigger_node):
        return Earlier({}, run, kept)
    earlier = earlier_steps(graph, part, pins, run, kept)
    missing = missing_inputs(graph, run.trigger_node, part, pins, earlier, "from")
    if missing:
        raise FaultsError(missing, "The run cannot be retried so.")
    return earlier
