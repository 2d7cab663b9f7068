"""The rules of execution hold in every state that small models can reach, and each is needed.

`FULL=1` explores further; `pytest -s` shows how many states there were.
"""

import os
from collections.abc import Iterable
from itertools import product
from typing import Any, Literal

import pytest

from tests.protocol import cancel, claim_and_journal, dispatch, lines, poison, signals, slots
from tests.protocol.cancel import Cancel
from tests.protocol.claim_and_journal import ClaimAndJournal
from tests.protocol.dispatch import Dispatch
from tests.protocol.explorer import Model, Move, Violation, explore
from tests.protocol.lines import ALIKE, BESIDE, CROSSED, Lines, Run
from tests.protocol.poison import MOST_DEATHS, RESTORING, Poison
from tests.protocol.signals import Signals
from tests.protocol.slots import Slots

IS_FULL = os.environ.get("FULL") == "1"

# crashes, silences, lost answers
CLAIM_BOUNDS = [(1, 0, 1), (1, 1, 0), (0, 1, 1)] + [(1, 1, 1), (2, 0, 1)] * IS_FULL
# answers, cancels, crashes, lost answers
SIGNAL_BOUNDS = [(1, 1, 1, 1), (2, 1, 0, 1), (2, 0, 1, 0)] + [(2, 1, 1, 1)] * IS_FULL
# cancels, crashes, lost messages
SLOT_BOUNDS = [(0, 0, 0), (1, 1, 1)] + [(2, 2, 2)] * IS_FULL
# runs, holds, cancels and deadlines, what is told to nobody
LINE_BOUNDS: list[tuple[tuple[Run, ...], int, int, int]] = [
    *((BESIDE, 0, 0, 0), (ALIKE, 1, 1, 1), (CROSSED, 0, 0, 0)),
    *[(BESIDE, 1, 0, 1), (CROSSED, 1, 0, 0)] * IS_FULL,
]
# locks, crashes, lost messages, doubled messages
DISPATCH_BOUNDS = [(1, 0, 0, 1), (1, 1, 0, 0), (1, 0, 1, 1)] + [(1, 1, 1, 1)] * IS_FULL
# the deadly step, whether it takes the parent too, deaths of other causes
POISONS = [
    *product([0, 1, 2, 3, RESTORING], [False, True], [0, 1]),
    *product([None], [False], [0, MOST_DEATHS - 1]),
]


def check(model: Model[Any]) -> None:
    report = explore(model)
    print(f"{model}: {report.states} states, {report.moves} moves")
    assert report.violation is None, f"{model}: {report.violation}"


def is_found(models: Iterable[Model[Any]]) -> bool:
    return any(explore(model).violation for model in models)


@pytest.mark.timeout(900 if IS_FULL else 120)
@pytest.mark.parametrize("bounds", CLAIM_BOUNDS)
@pytest.mark.parametrize("on_crash", ["again", "fail", "ask"])
def test_claim_takeover_and_journal_keep_their_promises(
    on_crash: Literal["again", "fail", "ask"], bounds: tuple[int, int, int]
) -> None:
    check(ClaimAndJournal(on_crash, *bounds))


@pytest.mark.timeout(900 if IS_FULL else 120)
@pytest.mark.parametrize("bounds", SIGNAL_BOUNDS)
def test_no_signal_is_lost_and_a_cancel_ends_the_run(bounds: tuple[int, int, int, int]) -> None:
    check(Signals(*bounds))


def test_a_forced_cancel_lets_nothing_begin_once_it_has_ended_the_run() -> None:
    check(Cancel())


@pytest.mark.parametrize("bounds", SLOT_BOUNDS)
def test_a_slot_is_held_once_and_never_leaked(bounds: tuple[int, int, int]) -> None:
    check(Slots(*bounds))


@pytest.mark.timeout(900 if IS_FULL else 120)
@pytest.mark.parametrize("bounds", LINE_BOUNDS)
def test_who_is_set_aside_comes_back_and_no_rate_is_exceeded(
    bounds: tuple[tuple[Run, ...], int, int, int],
) -> None:
    check(Lines(*bounds))


@pytest.mark.timeout(900 if IS_FULL else 120)
@pytest.mark.parametrize("bounds", DISPATCH_BOUNDS)
def test_what_is_pending_has_a_message_under_way(bounds: tuple[int, int, int, int]) -> None:
    check(Dispatch(*bounds))


@pytest.mark.parametrize("bounds", POISONS)
def test_a_deadly_step_ends_its_run_and_nothing_else_does(
    bounds: tuple[int | None, bool, int],
) -> None:
    check(Poison(*bounds))


@pytest.mark.parametrize("broken", claim_and_journal.BREAKS)
def test_a_broken_rule_of_claim_and_journal_is_found(broken: str) -> None:
    assert is_found(ClaimAndJournal("again", *bounds, broken) for bounds in CLAIM_BOUNDS)


@pytest.mark.parametrize("broken", signals.BREAKS)
def test_a_broken_rule_of_signals_is_found(broken: str) -> None:
    assert is_found(Signals(*bounds, broken) for bounds in SIGNAL_BOUNDS)


@pytest.mark.parametrize("broken", cancel.BREAKS)
def test_a_broken_rule_of_cancels_is_found(broken: str) -> None:
    assert is_found([Cancel(broken=broken)])


@pytest.mark.parametrize("broken", slots.BREAKS)
def test_a_broken_rule_of_slots_is_found(broken: str) -> None:
    assert is_found(Slots(*bounds, broken) for bounds in SLOT_BOUNDS)


@pytest.mark.parametrize("broken", lines.BREAKS)
def test_a_broken_rule_of_lines_is_found(broken: str) -> None:
    assert is_found(Lines(*bounds, broken) for bounds in LINE_BOUNDS)


@pytest.mark.parametrize("broken", dispatch.BREAKS)
def test_a_broken_rule_of_dispatch_is_found(broken: str) -> None:
    assert is_found(Dispatch(*bounds, broken) for bounds in DISPATCH_BOUNDS)


@pytest.mark.parametrize("broken", poison.BREAKS)
def test_a_broken_rule_of_poison_is_found(broken: str) -> None:
    assert is_found(Poison(*bounds, broken=broken) for bounds in POISONS)


class Counter:
    """Counts to three; from three it can only go on by chance."""

    def __init__(self, final: int, forbidden: int = 99) -> None:
        self.final = final
        self.forbidden = forbidden

    def initial(self) -> int:
        return 0

    def moves(self, state: int) -> Iterable[Move[int]]:
        if state < 4:
            yield Move(f"to {state + 1}", state + 1, chance=state == 3)

    def fault(self, state: int) -> str:
        return "too far" if state == self.forbidden else ""

    def is_final(self, state: int) -> bool:
        return state == self.final


def test_the_explorer_tells_the_shortest_trace_to_a_fault() -> None:
    violation = explore(Counter(final=3, forbidden=2)).violation
    assert violation == Violation("too far", ("to 1", "to 2"), 2)
    assert str(violation) == "too far, after\n  1. to 1\n  2. to 2\nin 2"


def test_the_explorer_counts_every_state_once() -> None:
    report = explore(Counter(final=4))
    assert (report.states, report.moves) == (5, 4)


def test_no_end_may_hang_on_a_chance() -> None:
    violation = explore(Counter(final=4)).violation
    assert violation is not None
    assert violation.what == "no terminal state can be reached any more"
    assert violation.trace == ()
