"""Wait for Webhook: goes on when a request comes at the address of its step."""

from collections.abc import Mapping

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Paired
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.inner import TakeEarlyAnswer
from apps.nodes.waiting import WaitParams, outputs_of_wait, wait_until


def resume(inputs: Mapping[str, Items], params: WaitParams, ctx: StepContext) -> Outcome:
    """Go on with the request, or without one."""
    request = ctx.call.signal
    if request is not None:
        json = dict(request)
        files = json.pop("binary", None)
        return Done({"main": [Item(json, files, (Paired(0),))]})
    if params.wait_s is None:
        raise NodeError("timed_out", "No request came within a year.")
    return Done({"timed_out": inputs["main"]})


@node(
    type="wait_for_webhook",
    label="Wait for Webhook",
    group="flow",
    icon="hourglass",
    keywords=("callback",),
    kind=Kind.WAITS,
    each="step",
    outputs=outputs_of_wait,
    resumes=resume,
    examples=[
        Example(title="Until a request comes", waits_for="signal"),
        Example(title="No longer than a day", params={"wait_s": 86_400}, waits_for="signal"),
    ],
)
def wait_for_webhook(inputs: Mapping[str, Items], params: WaitParams, ctx: StepContext) -> Outcome:
    """Goes on when a request comes at the address of its step.

    The address is `{{ $execution.resumeUrl }}` in the nodes before it: have one of them send it to
    whoever is to answer. POST, PUT, PATCH or DELETE goes on, once, also where it comes before the
    step waits; GET shows a page that asks first. Gives one item with `headers`, `query`, `body` and
    `method` of the request, and its files. A run that waits holds no worker.
    """
    if not inputs["main"]:
        return Done({"main": []})
    until = wait_until(params.wait_s, ctx)
    return Wait("signal", until, writes=(TakeEarlyAnswer(),))
