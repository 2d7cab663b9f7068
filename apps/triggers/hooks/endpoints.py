"""The addresses that webhook nodes answer at."""

from django.db import IntegrityError

from apps.engine.errors import Fault, FaultsError
from apps.triggers.models import WebhookEndpoint
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow


def set_endpoints(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the webhook nodes of this version answer.

    Raises FaultsError where an address belongs to another active workflow.
    """
    wanted = [
        (node["params"]["path"], node["params"].get("method", "POST"), place, node["id"])
        for place, node in enumerate(version.graph_json["nodes"])
        if node["type"] == "webhook" and not node.get("disabled")
    ]
    # First silent, then live: two nodes of one workflow may have exchanged their paths.
    workflow.webhook_endpoints.update(is_live=False)
    faults = {}
    # In one order for all: two workflows that take the same addresses wait for each other's first.
    for path, method, place, node in sorted(wanted):
        if not _take(workflow, node, path, method):
            sentence = f"{method} /hooks/{path} already starts another active workflow."
            faults[place] = Fault(f"nodes[{place}].params.path", "address_taken", sentence)
    if faults:
        told = [faults[place] for place in sorted(faults)]
        raise FaultsError(told, "Not every trigger can be made live.")


def _take(workflow: Workflow, node: str, path: str, method: str) -> bool:
    """Let the node have the address; False where another has it."""
    address = {"path": path, "method": method, "is_live": True}
    if WebhookEndpoint.objects.filter(**address).exists():
        return False
    try:
        WebhookEndpoint.objects.update_or_create(
            workflow=workflow,
            node_id=node,
            defaults={"workspace_id": workflow.workspace_id, **address},
        )
    except IntegrityError:
        # Somebody who wanted it at the same moment was faster.
        return False
    return True


def silence_endpoints(workflow: Workflow) -> None:
    """Let none of the workflow's addresses answer."""
    WebhookEndpoint.objects.filter(workflow=workflow, is_live=True).update(is_live=False)
