"""Form Page: asks the person who filled in a form for more."""

from collections.abc import Mapping

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Paired
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.forms.params import FormPage, page_document
from apps.nodes.waiting import WaitParams, outputs_of_wait, wait_until

LARGEST = 256 * 1024


class Params(WaitParams, FormPage):
    """The page, and how long it waits."""


def resume(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Go on with what was sent, or without it."""
    sent = ctx.call.signal
    if sent is not None:
        return Done({"main": [Item(sent["json"], sent.get("binary"), paired=(Paired(0),))]})
    if params.wait_s is None:
        raise NodeError("timed_out", "Nobody filled in the page within a year.")
    return Done({"timed_out": inputs["main"]})


@node(
    type="form_page",
    label="Form Page",
    group="flow",
    icon="clipboard-pen",
    kind=Kind.WAITS,
    each="step",
    outputs=outputs_of_wait,
    resumes=resume,
    examples=[
        Example(
            title="A question that depends on what was answered",
            params={
                "title": "=Who comes along, {{ $json.name }}?",
                "fields": [{"type": "textarea", "name": "guests", "required": True}],
                "wait_s": 3_600,
            },
            takes=[{"name": "Ada"}],
            waits_for="form",
        ),
    ],
)
def form_page(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Asks the person who filled in a form for more.

    Who has sent the form is shown this page next, as soon as the run comes here. Gives one item as
    Form does: the value of each field, `submitted_at`, and files under `binary`. In a run that no
    form has started, let a node before it send somebody the address, `{{ $execution.resumeUrl }}`.
    The page is that of the first item. A run that waits holds no worker.
    """
    if not inputs["main"]:
        return Done({"main": []})
    asks = {
        "question": params.title,
        "details": params.description,
        "page": page_document(params),
    }
    if (size := len(encode(asks))) > LARGEST:
        raise NodeError(
            "page_too_large",
            f"The page has {size:,} bytes of texts and choices; at most {LARGEST:,} are shown.",
        )
    until = wait_until(params.wait_s, ctx)
    return Wait("form", until, asks=asks)
