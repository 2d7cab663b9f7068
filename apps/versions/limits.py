"""What the settings of a graph allow its runs: read, compared, and told in words."""

from collections.abc import Mapping

from apps.engine.errors import FaultsError
from apps.engine.graph import GraphSettings
from apps.engine.items import Json
from apps.engine.parse import parse_graph, read_graph
from apps.versions.limit_key import key_faults
from apps.workflows.models import empty_graph

Limits = Mapping[str, Json]
"""Members of a graph's settings that limit its runs. What is missing or None: no limit."""

LIMITS = {
    "concurrency": "Runs at once",
    "rate_limit": "Starts",
    "timeout_s": "Longest time of a run",
    "step_budget": "Most steps of a run",
    "priority": "Priority",
}
"""Those members, as people call them."""


def settings_of(document: Json) -> GraphSettings:
    """The settings of a stored graph. What cannot be read any more is as by default."""
    return read_graph(document).settings


def read_limits(limits: Limits) -> GraphSettings:
    """The settings that say nothing but these.

    Raises FaultsError with all that is wrong, by paths such as `settings.concurrency.limit`.
    """
    written = {name: value for name, value in limits.items() if value is not None}
    graph, faults = parse_graph(empty_graph() | {"settings": written})
    faults = key_faults(graph.settings) if graph else faults
    if graph is None or faults:
        raise FaultsError(faults)
    return graph.settings


def differing_limits(one: GraphSettings, other: GraphSettings) -> list[str]:
    return [name for name in LIMITS if getattr(one, name) != getattr(other, name)]


def limits_in_words(settings: GraphSettings) -> dict[str, str]:
    at_once, rate, most_s = settings.concurrency, settings.rate_limit, settings.timeout_s
    none = "no limit"
    return {
        "concurrency": f"{at_once.limit:,}{_for_each(at_once.key)}" if at_once else none,
        "rate_limit": f"{rate.limit:,} in {rate.per_s:,} s{_for_each(rate.key)}" if rate else none,
        "timeout_s": f"{most_s:,} s" if most_s else none,
        "step_budget": f"{settings.step_budget:,}",
        "priority": settings.priority,
    }


def _for_each(key: str | None) -> str:
    return f" for each {key}" if key else ""
