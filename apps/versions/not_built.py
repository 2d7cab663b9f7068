"""Warns of what a graph may say and FlowForge does not do yet: kept, it would silently do nothing.

Each rule goes when the thing is built.
"""

from apps.engine.errors import Fault
from apps.engine.faults import Faults
from apps.engine.graph import Graph


def not_built_yet(graph: Graph) -> list[Fault]:
    """What of a graph has no effect, or fails when it is run."""
    warnings = Faults()
    if graph.settings.error_workflow is not None:
        told = "“error_workflow” is kept, but no failed run starts it yet."
        warnings.add("settings.error_workflow", "error_workflow_not_started", told)
    return warnings.told()
