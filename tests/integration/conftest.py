"""What the tests of durability share."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.installation import Installation, Process
from tests.integration import flows
from tests.integration.effects import EffectServer


@pytest.fixture(scope="session")
def effects() -> Iterator[EffectServer]:
    """The world outside."""
    with EffectServer() as effects:
        yield effects


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, effects: EffectServer
) -> Iterator[Installation]:
    """A one-process server's data on SQLite, with the workflows `busy` and `held`."""
    with Installation(tmp_path_factory.mktemp("house")) as house:
        house.environment["EGRESS_ALLOW"] += f",{effects.address}"
        house.serve()
        house.workflow(flows.busy("busy", effects)[0])
        house.workflow(flows.held("held", effects, "run_again"), "Held")
        yield house


@pytest.fixture
def server(house: Installation, effects: EffectServer) -> Process:
    """The process that serves the house, started again where a test before has ended it."""
    effects.hold()
    last = house.processes[-1]
    return last if last.popen.poll() is None else house.serve()


@pytest.fixture
def dice() -> random.Random:
    """Randomness from a seed that a failure shows; `SEED` repeats it."""
    seed = int(os.environ.get("SEED", 0)) or random.randrange(1, 2**31)
    print(f"SEED={seed}")
    return random.Random(seed)
