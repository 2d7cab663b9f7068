"""Form: starts a run for each form that somebody fills in on its page."""

from collections.abc import Mapping

from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.forms.params import FormParams, form_address


def _credentials(params: Mapping[str, Json]) -> tuple[str, ...]:
    return ("http_basic",) if params.get("authentication") == "basic" else ()


SENT = {"name": "Ada", "guests": 2, "submitted_at": "2026-03-02T06:00:00.120Z"}


@node(
    type="form",
    label="Form",
    group="triggers",
    icon="clipboard-list",
    place=3,
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    credentials=("http_basic",),
    credentials_of=_credentials,
    claim=form_address,
    examples=[
        Example(
            params={
                "path": "party",
                "title": "Will you come?",
                "fields": [
                    {"type": "text", "name": "name", "label": "Your name", "required": True},
                    {"type": "number", "name": "guests", "min": 0, "max": 5, "default": 1},
                ],
                "ending": {"title": "See you there."},
            },
            takes=[SENT],
            gives=[SENT],
        )
    ],
)
def form(item: Item, params: FormParams, ctx: StepContext) -> Item:
    """Starts a run for each form that somebody fills in on its page.

    The page is at `/forms/` and the path. Gives one item: under the name of each field its value,
    a number as a number, several choices as a list, and `submitted_at`; files under `binary`. Form
    Page nodes of the run show the same person more pages, and a Form Ending node says what is shown
    at the end.
    """
    return item
