"""Refuses names that nobody reads: dropped, they would do nothing, and nobody would see it."""

from collections.abc import Collection, Iterable

from apps.engine.errors import Fault
from apps.engine.faults import Faults, quoted
from apps.engine.suggest import did_you_mean


def unknown_keys(given: Iterable[str], known: Collection[str]) -> list[Fault]:
    """The keys of a request's body that it must not have."""
    return _unknown(given, known, "key")


def unknown_parameters(given: Iterable[str], known: Collection[str]) -> list[Fault]:
    """The parameters of a request's query that it must not have."""
    return _unknown(given, known, "parameter")


def _unknown(given: Iterable[str], known: Collection[str], kind: str) -> list[Fault]:
    faults, code = Faults(), f"unknown_{kind}"
    for name in given:
        if name not in known:
            # Looking for similar names is slow, so not for a sentence that nobody gets to read.
            hint = "" if faults.is_full(code) else did_you_mean(name, known)
            faults.add(name[:64], code, f"There is no {kind} {quoted(name)} here.{hint}")
    return faults.told()
