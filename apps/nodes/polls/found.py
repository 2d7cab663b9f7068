"""What triggers that look at a source share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from apps.engine.items import Item, Json
from apps.nodes.context import Services
from apps.nodes.lone_attempt import LoneAttempt
from apps.nodes.outside.http import Http
from apps.nodes.params import ParamsModel
from apps.nodes.vault import Credential


class PollParams(ParamsModel):
    every_minutes: int = Field(5, title="Look every … minutes", ge=1, le=7 * 24 * 60)


class Reveal(Protocol):
    """The vault of the trigger's workspace. Raises NodeError."""

    def __call__(
        self, id: str, types: Sequence[str], refused: Credential | None = None
    ) -> Credential:
        """A credential, with another token than that of `refused`."""


@dataclass(frozen=True, slots=True)
class Way:
    """By what a look reaches its source: within the attempt, with credentials of the workspace."""

    services: Services
    attempt: LoneAttempt
    http: Http
    keep: Callable[[bytes, str], str]
    """Stores a file of a media type for the runs to come; gives its id."""
    reveal: Reveal

    def credential(self, id: str, types: Sequence[str]) -> Credential:
        """Reveal a secret, which is masked from now on."""
        return self.renewed(id, types, None)

    def renewed(self, id: str, types: Sequence[str], refused: Credential | None) -> Credential:
        """Reveal it with another token than that which its service refused."""
        given = self.reveal(id, types, refused)
        self.attempt.hide(given.secrets)
        return given


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found: the new items, the oldest first, and where the next look goes on.

    With `has_more` it should look again at once.
    """

    new: list[Item]
    cursor: Json
    has_more: bool = False
