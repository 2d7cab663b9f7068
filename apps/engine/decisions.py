"""What a person decided about a step whose effect may or may not have happened."""

from collections.abc import Mapping

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.engine.plan import Plan
from apps.engine.retry import WORKER_LOST

REASON = "It was decided that this step failed."


def decided(body: Mapping[str, Json], plan: Plan, node: str) -> Done | NodeError | None:
    """The outcome of the step by the body of the decision's signal, which was checked when it was
    made; None where the step is to run again."""
    if body["decision"] == "run_again":
        return None
    if body["decision"] == "use":
        items = [
            Item.from_json(item if "json" in item else {"json": item})
            for item in body.get("items") or ()
        ]
        return Done(plan.by_main_output(node, items))
    comment = body.get("comment")
    return NodeError(WORKER_LOST, f"{REASON} {comment}" if comment else REASON)
