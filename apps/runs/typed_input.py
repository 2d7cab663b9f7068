"""What a Manual node asks of the input that a run is started with."""

from collections.abc import Mapping

from apps.engine.errors import FaultsError
from apps.engine.graph import Graph
from apps.engine.items import Json
from apps.nodes.library.manual import Params
from apps.nodes.params import read_params
from apps.nodes.schemas.reading import read_objects
from apps.runs.create import items_of
from apps.runs.parts import trigger_leading_to
from apps.runs.pins import Pins, pinned_in
from apps.runs.plans import graph_of
from apps.workflows.models import Workflow


def schema_of_input(graph: Graph, start: str) -> Mapping[str, Json]:
    """The JSON Schema of each item that a run is given which starts at this node; {}: anything."""
    node = next(node for node in graph.nodes if node.id == start)
    if node.type != "manual" or not node.params:
        return {}
    return read_params(Params, node.params, {}).input_schema


def published_start(workflow: Workflow) -> tuple[Graph, str] | None:
    """The published graph, and the trigger that its runs by hand begin at; None without either."""
    version = workflow.versions.filter(version=workflow.version or 0).first()
    graph = graph_of(version.graph_json) if version else None
    start = trigger_leading_to(graph) if graph else None
    return (graph, start) if graph and start else None


def given_items(graph: Graph, start: str, given: Json, pins: Pins | None) -> list[Json]:
    """The stored items of an input that a client gives, as their trigger asks for them.

    Where nothing is given, a pinned trigger gives what is pinned; of None no pins count. Raises
    FaultsError, as `items_of` and `typed_items` do.
    """
    items = items_of(given)
    if given is None and start in pinned_in(graph, pins):
        return items
    return typed_items(graph, start, items)


def typed_items(graph: Graph, start: str, items: list[Json]) -> list[Json]:
    """Stored items with the defaults of their trigger's schema, where it has one.

    Raises FaultsError with all that does not fit, by paths like `input[2].customer.email`.
    """
    schema = schema_of_input(graph, start)
    if not schema:
        return items
    objects = [(f"input[{place}]", item["json"]) for place, item in enumerate(items)]
    read, faults = read_objects(schema, objects)
    if faults:
        raise FaultsError(faults)
    return [{**item, "json": json} for item, json in zip(items, read, strict=True)]
