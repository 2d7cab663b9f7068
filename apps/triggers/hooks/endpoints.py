"""The addresses that webhook nodes and forms answer at."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from django.db import IntegrityError
from django.db.models import Q

from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.nodes.webhooks.params import methods_of
from apps.nodes.webhooks.paths import has_names, pattern_of
from apps.triggers.models import WebhookEndpoint
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

Kind = WebhookEndpoint.Kind
_METHODS: dict[str, tuple[Kind, Callable[[Mapping[str, Json]], list[Json]]]] = {
    "webhook": (Kind.HOOK, methods_of),
    "form": (Kind.FORM, lambda _: ["POST"]),
}
"""By the type of a node: the kind of its addresses, and the methods that start a run there."""


class _Address(NamedTuple):
    pattern: str
    """The path, whatever its names."""
    kind: Kind
    method: str
    place: int
    """Of the node in its graph."""
    node: str
    path: str
    is_generated: bool


def set_endpoints(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the webhook nodes and forms of this version answer.

    Raises FaultsError where an address belongs to another active workflow.
    """
    wanted = sorted(_wanted(workflow, version))
    # First silent, then live: two nodes of one workflow may have exchanged their paths.
    workflow.webhook_endpoints.update(is_live=False)
    faults = {}
    # In one order for all: two workflows that take the same addresses wait for each other's first.
    for address in wanted:
        if not _take(workflow, address):
            named = f"{address.method} /{address.kind}s/{address.path}"
            sentence = f"{named} already starts another active workflow."
            path = f"nodes[{address.place}].params.path"
            faults[address.place, address.method] = Fault(path, "address_taken", sentence)
    if faults:
        told = [faults[place] for place in sorted(faults)]
        raise FaultsError(told, "Not every trigger can be made live.")


def _wanted(workflow: Workflow, version: WorkflowVersion) -> Iterator[_Address]:
    made = workflow.webhook_endpoints.exclude(generated_path="")
    generated = dict(made.values_list("node_id", "generated_path"))
    for place, node in enumerate(version.graph_json["nodes"]):
        if node["type"] not in _METHODS or node.get("disabled"):
            continue
        kind, methods = _METHODS[node["type"]]
        id, named = node["id"], node["params"].get("path")
        path = named or generated.get(id) or secrets.token_urlsafe(16)
        for method in methods(node["params"]):
            yield _Address(pattern_of(path), kind, method, place, id, path, is_generated=not named)


def _take(workflow: Workflow, wanted: _Address) -> bool:
    """Let the node have the address; False where another has it."""
    pattern = wanted.pattern if has_names(wanted.path) else None
    same = Q(path=wanted.path) if pattern is None else Q(pattern=pattern)
    address = {"kind": wanted.kind, "method": wanted.method, "is_live": True}
    if WebhookEndpoint.objects.filter(same, **address).exists():
        return False
    generated = {"generated_path": wanted.path} if wanted.is_generated else {}
    try:
        WebhookEndpoint.objects.update_or_create(
            workflow=workflow,
            node_id=wanted.node,
            method=wanted.method,
            defaults={
                "workspace_id": workflow.workspace_id,
                "path": wanted.path,
                "pattern": pattern,
                **address,
                **generated,
            },
        )
    except IntegrityError:
        # Somebody who wanted it at the same moment was faster.
        return False
    return True


def silence_endpoints(workflow: Workflow) -> None:
    """Let none of the workflow's addresses answer."""
    WebhookEndpoint.objects.filter(workflow=workflow, is_live=True).update(is_live=False)
