"""The vault as nodes see it: what gives out secrets at the moment of use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from apps.engine.errors import NodeError
from apps.engine.ports import RunInfo
from apps.nodes.credential_types import CREDENTIAL_TYPES

Read = TypeVar("Read")


@dataclass(frozen=True)
class Credential:
    """A secret as the vault gives it out at the moment of use.

    `values` are those of its type (`credential_types.py`), with every default filled in.
    """

    type: str
    values: Mapping[str, Any] = field(repr=False)
    _read: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, read: Callable[[Mapping[str, Any]], Read]) -> Read:
        """What `read` makes of the values, such as a key: that may be slow, and is done once."""
        if read not in self._read:
            try:
                self._read[read] = read(self.values)
            except NodeError as error:
                self._read[read] = error
        made = self._read[read]
        if isinstance(made, NodeError):
            raise made.with_traceback(None)  # else it would hold those of all items
        return made  # type: ignore[no-any-return]  # of what `read` gives

    @property
    def secrets(self) -> list[str]:
        """The texts among its values that must not be seen anywhere."""
        return list(CREDENTIAL_TYPES[self.type].secrets_of(self.values))


Check = Callable[[], None]
"""Raises RevokedError where the attempt is over: what waits asks it meanwhile."""


class Credentials(Protocol):
    """The vault, as nodes see it."""

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Check) -> Credential:
        """Give the credential of the run's workspace, if it is of one of these types.

        Raises NodeError: credential_unavailable, and the errors of `oauth2`.
        """

    def renew(
        self, run: RunInfo, id: str, types: Sequence[str], refused: Credential, check: Check
    ) -> Credential:
        """Give it with another token than the one that its service refused.

        Raises NodeErrors as `reveal`.
        """


class NoCredentials:
    """The vault of a process that has none."""

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Check) -> Credential:
        raise NodeError("credential_unavailable", "This process has no vault.")

    def renew(
        self, run: RunInfo, id: str, types: Sequence[str], refused: Credential, check: Check
    ) -> Credential:
        return self.reveal(run, id, types, check)
