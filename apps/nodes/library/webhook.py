"""Webhook: starts a run for each HTTP request that is sent to its address."""

from collections.abc import Mapping

from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.webhooks.params import WebhookParams, credential_types, methods_of
from apps.nodes.webhooks.paths import pattern_of


def _addresses(params: Mapping[str, Json]) -> list[str]:
    path = params.get("path")
    if not path or not isinstance(path, str):
        return []
    return [f"{method} /hooks/{pattern_of(path)}" for method in methods_of(params)]


def _credentials(params: Mapping[str, Json]) -> tuple[str, ...]:
    return credential_types(str(params.get("authentication", "none")))


@node(
    type="webhook",
    label="Webhook",
    group="triggers",
    icon="webhook",
    keywords=("http", "endpoint", "callback"),
    place=1,
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    credentials=("http_basic", "http_header", "signing_key", "webhook_secret"),
    credentials_of=_credentials,
    claim=_addresses,
    examples=[
        Example(
            params={"path": "orders"},
            takes=[{"method": "POST", "path": "orders", "body": {"id": 7}}],
            gives=[{"method": "POST", "path": "orders", "body": {"id": 7}}],
        ),
        Example(
            params={"path": "orders/:id", "method": "GET"},
            takes=[{"method": "GET", "path": "orders/7", "params": {"id": "7"}}],
            gives=[{"method": "GET", "path": "orders/7", "params": {"id": "7"}}],
        ),
    ],
)
def webhook(item: Item, params: WebhookParams, ctx: StepContext) -> Item:
    """Starts a run for each HTTP request that is sent to its address.

    Gives one item with `headers`, `params`, `query`, `body`, `method` and `path`; the body is read
    by its content type, and files that come are its own. `params` has what stands in a request at
    the names of the path, such as `:id`. Who may send is said by `authentication`:
    anybody, who knows the password, header or token of a credential, or whose signature fits.
    """
    return item
