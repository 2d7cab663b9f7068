"""Faults collected about one document: all of them, told up to a bound for each kind."""

import re
from collections import Counter

from apps.engine.errors import Fault
from apps.engine.items import Json

MAX_TOLD_PER_CODE = 50
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Faults:
    """What is wrong with one document, in the order in which it was found.

    A flood of one kind neither fills the answer nor hides another kind: of each code the first
    `MAX_TOLD_PER_CODE` are told, and how many more there are.
    """

    def __init__(self) -> None:
        self._told: list[Fault] = []
        self._counts: Counter[str] = Counter()

    def add(self, path: str, code: str, message: str) -> None:
        self._counts[code] += 1
        if self._counts[code] <= MAX_TOLD_PER_CODE:
            self._told.append(Fault(printable(path), code, printable(message)))

    def is_full(self, code: str) -> bool:
        """Whether another fault of this code would only be counted: its sentence can be spared."""
        return self._counts[code] >= MAX_TOLD_PER_CODE

    def told(self) -> list[Fault]:
        """The faults, and at the end a line for each kind of which there are more."""
        more = [
            Fault("", "more_faults", f"There are {count - MAX_TOLD_PER_CODE:,} more of “{code}”.")
            for code, count in self._counts.items()
            if count > MAX_TOLD_PER_CODE
        ]
        return self._told + more

    def __bool__(self) -> bool:
        return bool(self._counts)


def printable(text: str) -> str:
    """Text that can be sent and shown: control characters and lone surrogates become U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def quoted(text: str, longest: int = 64) -> str:
    """A name inside a sentence: in quotation marks, cut when it is long."""
    return f"“{text}”" if len(text) <= longest else f"“{text[:longest]}…”"


def shown(value: Json) -> str:
    """A value as a sentence names it: short ones themselves, others by their kind."""
    if isinstance(value, str):
        return quoted(value) if value else "empty text"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        # Writing out an integer of more than 4,300 digits raises, and nobody would read it.
        return f"{value}" if abs(value) < 10**15 else "a huge number"
    return "a list" if isinstance(value, list) else "an object"
