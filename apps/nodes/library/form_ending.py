"""Form Ending: what the person who filled in a form is shown at the end."""

from collections.abc import Mapping

from apps.engine.items import Items
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.forms.params import Ending


@node(
    type="form_ending",
    label="Form Ending",
    group="flow",
    icon="clipboard-check",
    each="step",
    examples=[
        Example(
            title="A text",
            params={"title": "=Thank you, {{ $json.name }}.", "text": "We will write to you."},
            takes=[{"name": "Ada"}],
            gives=[
                {
                    "title": "Thank you, Ada.",
                    "text": "We will write to you.",
                    "redirect": "",
                }
            ],
        ),
        Example(
            title="Another page",
            params={"redirect": "=https://shop.example/orders/{{ $json.order }}"},
            takes=[{"order": 7}],
            gives=[
                {"title": "Thank you.", "text": "", "redirect": "https://shop.example/orders/7"}
            ],
        ),
    ],
)
def form_ending(inputs: Mapping[str, Items], params: Ending, ctx: StepContext) -> dict[str, Items]:
    """What the person who filled in a form is shown at the end.

    A text, or the browser is led to another page. It is shown when the run has come here and waits
    at no Form Page; of several nodes the last one counts. Gives the first item with what is shown.
    """
    return {"main": [item.with_json(params.model_dump(mode="json")) for item in inputs["main"][:1]]}
