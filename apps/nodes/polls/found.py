"""What triggers that look at a source share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from apps.engine.items import Item, Json
from apps.nodes.context import Services
from apps.nodes.lone_attempt import LoneAttempt
from apps.nodes.params import ParamsModel


class PollParams(ParamsModel):
    every_minutes: int = Field(5, title="Look every … minutes", ge=1, le=7 * 24 * 60)


@dataclass(frozen=True, slots=True)
class Way:
    """By what a look reaches its source: within the attempt, with the values of a credential."""

    services: Services
    attempt: LoneAttempt
    keep: Callable[[bytes, str], str]
    """Stores a file of a media type for the runs to come; gives its id."""
    credential: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found: the new items, the oldest first, and where the next look goes on.

    With `has_more` it should look again at once.
    """

    new: list[Item]
    cursor: Json
    has_more: bool = False
