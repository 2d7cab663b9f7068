"""Which of a step's items fulfil their conditions."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from apps.engine.items import Items
from apps.nodes.conditions.regex import matcher
from apps.nodes.conditions.typed import Conditions, Verdict, hold
from apps.nodes.context import StepContext


def verdicts_of(items: Items, filters: Sequence[Conditions], ctx: StepContext) -> list[Verdict]:
    """Whether the conditions of each item hold, in the step's time zone."""
    places = [pair.item for item in items for pair in item.paired or ()]
    return hold(filters, matcher(ctx), ZoneInfo(ctx.timezone), places)
