"""The inputs and outputs of nodes, where they are not the same for all nodes of a type."""

from apps.engine.graph import Graph
from apps.nodes.registry import library

Ports = dict[str, list[str]]


def own_ports(graph: Graph) -> dict[str, Ports]:
    """By a node's id its `inputs` and `outputs`, of the nodes whose params decide on them.

    Those of all others stand with their types; the output for errors, which any node may have, in
    neither.
    """
    ports: dict[str, Ports] = {}
    for node in graph.nodes:
        type = library().find(node.type, node.type_version)
        if type is not None and (callable(type.input_names) or callable(type.output_names)):
            inputs, outputs = type.inputs(node.params), type.outputs(node.params)
            ports[node.id] = {"inputs": list(inputs), "outputs": list(outputs)}
    return ports
