"""Warns of what a graph may say and FlowForge does not do yet: kept, it would silently do nothing.

Each rule goes when the thing is built.
"""

from apps.engine.errors import Fault
from apps.engine.faults import Faults, quoted
from apps.engine.graph import Graph


def not_built_yet(graph: Graph) -> list[Fault]:
    """What of a graph has no effect, or fails when it is run."""
    warnings = Faults()
    for index, node in enumerate(graph.nodes):
        if node.disabled:
            continue
        name = f"Node {quoted(node.name)}"
        if node.type == "respond_to_webhook":
            told = f"{name}: webhooks answer 202 at once, so this answer is kept and not yet sent."
            warnings.add(f"nodes[{index}].type", "answer_is_not_sent", told)
    if graph.settings.error_workflow is not None:
        told = "“error_workflow” is kept, but no failed run starts it yet."
        warnings.add("settings.error_workflow", "error_workflow_not_started", told)
    return warnings.told()
