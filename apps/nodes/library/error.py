"""Error: starts a run when a run of another workflow failed."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import NoParams

FAILURE = {
    "run": "0190b5a4-7e3c-7000-8000-000000000001",
    "url": "https://flowforge.example/runs/0190b5a4-7e3c-7000-8000-000000000001",
    "trigger": "schedule",
    "started_at": "2026-03-02T06:00:00.120Z",
    "failed_at": "2026-03-02T06:00:04.870Z",
    "workflow": {"id": "0190b5a4-7e3c-7000-8000-000000000002", "name": "Sync orders"},
    "version": 7,
    "node": {"id": "fetch", "name": "Fetch orders", "type": "http_call"},
    "error": {"code": "http_status", "message": "GET https://api.example/orders answered 503."},
}


@node(
    type="error",
    label="Error",
    group="triggers",
    icon="siren",
    keywords=("catch", "failure"),
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    examples=[Example(title="What is told of a failure", takes=[FAILURE], gives=[FAILURE])],
)
def error(item: Item, params: NoParams, ctx: StepContext) -> Item:
    """Starts a run when a run failed whose workflow names this one as its error workflow.

    The setting `error_workflow` of a graph is the id of a published workflow with this trigger.
    Each run that fails is told once, whatever it failed of; one that is cancelled did not fail.
    `node` is null where the run failed of no single step, such as of its deadline. What an error
    workflow does itself starts no other.
    """
    return item
