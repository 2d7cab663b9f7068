"""The clock of a run's walk."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.runs.walk import DatabaseClock


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_jump_of_our_clock_moves_no_deadline(jump: timedelta) -> None:
    before = datetime.now(UTC)
    clock = DatabaseClock(ahead=timedelta(0))
    with time_machine.travel(before + jump):
        assert abs(clock.now() - before) < timedelta(minutes=5)
