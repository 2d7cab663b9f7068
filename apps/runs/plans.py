"""What versions mean, kept: a version never changes, so neither does its plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from apps.credentials.vault import named_credentials
from apps.engine.encoding import encode
from apps.engine.errors import FaultsError
from apps.engine.graph import Graph, GraphSettings
from apps.engine.items import Json
from apps.engine.parse import parse_graph
from apps.engine.plan import Plan, make_plan
from apps.nodes.registry import library
from apps.versions.limit_key import limit_key_of
from apps.versions.models import WorkflowVersion


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version's number and settings, and what its nodes name of the workspace's."""

    number: int
    settings: GraphSettings
    credentials: frozenset[UUID]
    names_variables: bool


def graph_of(document: Json) -> Graph:
    """The graph of a version. Raises FaultsError where an upgrade made its form another."""
    graph, faults = parse_graph(document)
    if graph is None:
        raise FaultsError(faults, "The version's graph cannot be read any more.")
    return graph


@lru_cache(maxsize=1024)
def known_version(version: UUID) -> KnownVersion:
    """What is asked of a version for every run, without its graph."""
    row = WorkflowVersion.objects.get(pk=version)
    try:
        settings = graph_of(row.graph_json).settings
    except FaultsError:
        # Its runs are made all the same: their ends say why they cannot be executed.
        settings = GraphSettings()
    credentials = frozenset(named_credentials(row.graph_json))
    return KnownVersion(row.version, settings, credentials, b"$vars" in encode(row.graph_json))


@lru_cache(maxsize=256)
def plan_of(version: UUID, start: str, stop: str, given: frozenset[str] = frozenset()) -> Plan:
    """The plan of a version from a start node, up to a stop node, beside what is given."""
    document = WorkflowVersion.objects.values_list("graph_json", flat=True).get(pk=version)
    return make_plan(graph_of(document), library(), start, stop or None, given)


def pinned_plan(plan: Plan, pins: Mapping[str, Json]) -> Plan:
    """The plan with the pins of a run, which go before its graph's."""
    nodes = {
        id: replace(node, pinned=pins[id]) if id in pins else node
        for id, node in plan.nodes.items()
    }
    return replace(plan, nodes=nodes)


def limit_of(settings: GraphSettings, items: list[Json]) -> tuple[int | None, str]:
    """How many runs may execute at once with this one, and the key that they share."""
    concurrency = settings.concurrency
    if concurrency is None:
        return None, ""
    return concurrency.limit, limit_key_of(concurrency, items)


def rate_of(settings: GraphSettings, items: list[Json]) -> dict[str, Any] | None:
    """The columns of a run that say how often it and its like may start; None: as they like."""
    rate = settings.rate_limit
    if rate is None:
        return None
    key = limit_key_of(rate, items)
    return {"rate_limit": rate.limit, "rate_s": rate.per_s, "rate_key": key}
