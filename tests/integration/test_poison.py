"""Whose workers are told to stop, or die, again and again: who ends for it, and who does not."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.integration import flows
from tests.integration.effects import EffectServer
from tests.services import wait_for

pytestmark = pytest.mark.integration


@pytest.fixture
def house(tmp_path: Path, effects: EffectServer) -> Iterator[Installation]:
    """A one-process server that stops quickly, with the workflow `held`."""
    effects.hold()
    with Installation(tmp_path) as house:
        house.environment |= {
            "EGRESS_ALLOW": f"{house.environment['EGRESS_ALLOW']},{effects.address}",
            "DRAIN_S": "0.5",
        }
        house.serve()
        house.workflow(flows.held("held", effects, "run_again"), "Held")
        yield house


def test_workers_that_are_told_to_stop_count_as_no_deaths(
    house: Installation, effects: EffectServer
) -> None:
    run = house.hook("held", {})
    for stops in range(1, 4):
        wait_for(lambda stops=stops: effects.begun_by(run)["effect:0"] == stops)
        assert house.processes[-1].end(signal.SIGTERM) == 0
        house.serve()
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 4)
    effects.release()
    assert house.ended(run)["status"] == "completed"
