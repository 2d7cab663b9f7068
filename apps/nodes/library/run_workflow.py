"""Run Workflow: runs another workflow with its items, and goes on with what that gave."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.inner import Callee, ChildEnd, StartRun
from apps.nodes.params import ParamsModel
from apps.nodes.schemas.reading import read_objects
from apps.nodes.steps import ItemResults

MOST_RUNS = 1_000
MOST_TOLD = 5
OF_NO_ONE_ITEM = Item({})


class Params(ParamsModel):
    workflow: str = Field(
        title="Workflow",
        min_length=1,
        description="A published one of this workspace.",
        json_schema_extra={"x-widget": "workflow"},
    )
    mode: Literal["all", "each"] = Field(
        "all", title="Run", description="Once with all items, or once for each item."
    )
    wait: bool = Field(True, title="Wait for its end")


def _as_asked(callee: Callee, items: Items) -> Items:
    """The items as the other workflow's trigger takes them. Raises NodeError `invalid_input`."""
    objects = [(f"item {place}", item.json) for place, item in enumerate(items)]
    read, faults = read_objects(callee.input_schema, objects)
    if faults:
        told = " ".join(f"{fault.path}: {fault.message}" for fault in faults[:MOST_TOLD])
        raise NodeError("invalid_input", f"The workflow does not take these items. {told}")
    return [Item(json, item.binary) for item, json in zip(items, read, strict=True)]


def resume(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Go on once every run has ended, with what each gave."""
    if ctx.other_runs.open_children(ctx.call.step):
        return Wait("child")
    items = inputs["main"]
    given = ItemResults(ctx, ("main",))
    for end in ctx.other_runs.children(ctx.call.step):
        own = [items[end.item]] if params.mode == "each" else items
        if end.status == "completed":
            given.add(own[0] if len(own) == 1 else OF_NO_ONE_ITEM, end.items)
        elif params.mode == "each":
            given.fail(own[0], _failure(end))
        else:
            given.fail_together(own, _failure(end))
    return given.done()


def _failure(end: ChildEnd) -> NodeError:
    """The cause and the run that it ended: of runs that run each other the deepest, once."""
    if end.error and end.error_code == _FAILED:
        return NodeError(_FAILED, end.error)
    ended = f"Run {end.run} {_ENDS.get(end.status, 'ended')}."
    return NodeError(_FAILED, f"{end.error} ({ended})" if end.error else ended)


_FAILED = "child_failed"
_ENDS = {"failed": "failed", "cancelled": "was cancelled"}


@node(
    type="run_workflow",
    label="Run Workflow",
    group="flow",
    icon="workflow",
    keywords=("subworkflow", "execute workflow", "call"),
    kind=Kind.INNER,
    each="step",
    resumes=resume,
    examples=[
        Example(
            title="Once for each order, and wait for all",
            params={"workflow": "0190b5a4-7e3c-7000-8000-000000000001", "mode": "each"},
            takes=[{"order": 1}, {"order": 2}],
            waits_for="child",
        ),
        Example(
            title="Without waiting",
            params={"workflow": "0190b5a4-7e3c-7000-8000-000000000001", "wait": False},
            takes=[{"order": 1}],
            gives=[{"order": 1, "run": "00000000-0000-0000-0000-000000000000"}],
        ),
    ],
)
def run_workflow(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Runs another workflow of the workspace with its items.

    The other workflow begins at its trigger “Called by a Workflow”, else at its manual one. With
    “wait” this step goes on when all runs have ended, with the items that their last steps gave; a
    run that failed fails the step. Without it, it goes on at once, and items bear the `run`. A run
    that waits holds no worker. Workflows may run each other up to 20 deep. What does not fit the
    `input_schema` of a manual trigger starts no run.
    """
    items = inputs["main"]
    count = len(items) if params.mode == "each" else 1
    if count > MOST_RUNS:
        raise NodeError(
            "too_many_runs",
            f"One step starts at most {MOST_RUNS:,} runs; these would be {count:,}.",
            hint="Put a Loop before it, or run once with all items.",
        )
    if not items:
        return Done({"main": []})
    callee = ctx.other_runs.callee(ctx.run, params.workflow)
    taken = _as_asked(callee, items)
    groups: Sequence[Items] = [[item] for item in taken] if params.mode == "each" else [taken]
    starts = tuple(
        StartRun(ctx.other_runs.new_id(), callee, place, group)
        for place, group in enumerate(groups)
    )
    if params.wait:
        ctx.log("info", f"Started {len(starts)} run{'s' if len(starts) > 1 else ''}.")
        return Wait("child", writes=starts)
    runs = [str(start.id) for start in starts]
    given = [
        item.with_json({**item.json, "run": runs[place if params.mode == "each" else 0]})
        for place, item in enumerate(items)
    ]
    return Done({"main": given}, writes=starts)
