"""Reads the members of one JSON object by their declared forms, collecting what is wrong."""

import math
from collections.abc import Collection, Mapping, Set
from typing import TypeVar

from apps.engine.faults import Faults, quoted, shown
from apps.engine.items import Json

Choice = TypeVar("Choice", bound=str)


class Fields:
    """The members of one object of a document.

    Each method reads one member and gives the default where it is missing or wrong, so that what
    is said of the rest stays useful. `owner` ends the sentences: “of node “Call the API””.
    """

    def __init__(
        self, members: Mapping[str, Json], faults: Faults, path: str, owner: str, prefix: str = ""
    ) -> None:
        self.members = members
        self.faults = faults
        self._path = path
        self.owner = owner
        self._prefix = prefix

    def path(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def wrong(self, key: str, code: str, rest: str) -> None:
        """Add a fault about a member; `rest` goes on after “`retry.count` of node “x” ”."""
        self.faults.add(self.path(key), code, f"“{self._prefix}{key}” of {self.owner} {rest}")

    def only(self, known: Set[str]) -> None:
        """Refuse members of unknown names: dropping them silently would lose somebody's work."""
        if self.members.keys() <= known:
            return
        for key in self.members:
            if key not in known:
                self.faults.add(
                    self.path(key[:64]),
                    "unknown_key",
                    f"There is no setting {quoted(self._prefix + key)} in {self.owner}; "
                    f"known are {', '.join(sorted(known))}.",
                )

    def required(self, key: str) -> bool:
        """Whether a member without a default is there; a fault where it is not."""
        if key in self.members:
            return True
        self.wrong(key, "missing", "is missing.")
        return False

    def flag(self, key: str, default: bool) -> bool:
        value = self.members.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, "wrong_type", f"must be true or false, not {shown(value)}.")
        return default

    def text(self, key: str, default: str, longest: int, shortest: int = 0) -> str:
        value = self.members.get(key, default)
        if not isinstance(value, str):
            self.wrong(key, "wrong_type", f"must be text, not {shown(value)}.")
        elif not shortest <= len(value) <= longest:
            self.wrong(
                key,
                "out_of_range",
                f"must have {shortest:,} to {longest:,} characters, not {len(value):,}.",
            )
        else:
            return value
        return default

    def choice(self, key: str, default: Choice, choices: Collection[Choice]) -> Choice:
        value = self.members.get(key, default)
        for choice in choices:
            if value == choice:
                return choice
        expected = ", ".join(choices)
        self.wrong(key, "unknown_choice", f"must be one of {expected}, not {shown(value)}.")
        return default

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        value = self.members.get(key, default)
        if type(value) is int and low <= value <= high:
            return value
        code = "out_of_range" if type(value) is int else "wrong_type"
        expected = f"a whole number from {low:,} to {high:,}"
        self.wrong(key, code, f"must be {expected}, not {shown(value)}.")
        return default

    def seconds(self, key: str, default: float, high: float, *, zero: bool = False) -> float:
        expected = f"a number of seconds {'from 0' if zero else 'above 0'} to {high:,.0f}"
        return self.number(key, default, 0, high, expected, low_is_out=not zero)

    def number(
        self,
        key: str,
        default: float,
        low: float,
        high: float,
        expected: str | None = None,
        *,
        low_is_out: bool = False,
    ) -> float:
        value = self.members.get(key, default)
        expected = expected or f"a number from {low:,} to {high:,}"
        if not is_finite_number(value):
            self.wrong(key, "wrong_type", f"must be {expected}, not {shown(value)}.")
        elif not low <= value <= high or (low_is_out and value == low):
            self.wrong(key, "out_of_range", f"must be {expected}, not {shown(value)}.")
        else:
            return float(value) if isinstance(value, float) else int(value)
        return default

    def object(self, key: str) -> Mapping[str, Json]:
        value = self.members.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, "wrong_type", f"must be an object, not {shown(value)}.")
        return {}


def is_finite_number(value: Json) -> bool:
    """Whether a JSON value is a number; booleans are none, NaN and Infinity neither."""
    return type(value) is int or (type(value) is float and math.isfinite(value))
