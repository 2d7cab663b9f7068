"""What the tests of durability share."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, Process
from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.migrated import migrated_sqlite
from tests.services import MissingBinaryError, leave_out

FULL = os.environ.get("FULL") == "1"
"""Whether the faults are tried in full size (`make faults`), which takes most of an hour."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a case five minutes, and in full size an hour.

    The start of what a case shares with others is not counted: it has limits of its own.
    """
    here = Path(__file__).parent
    for item in (item for item in items if item.path.is_relative_to(here)):
        item.add_marker(pytest.mark.timeout(3600 if FULL else 300, func_only=True))


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
    folder = tmp_path_factory.mktemp("house")
    with Installation(folder, migrated_sqlite(folder)) as house:
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


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, effects: EffectServer) -> Iterator[Cluster]:
    """A cluster that those tests share who leave it as others can mend it."""
    try:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), effects)
    except MissingBinaryError as missing:
        leave_out(str(missing))
    with cluster:
        cluster.begin()
        cluster.workflow(flows.busy("busy", effects)[0])
        cluster.workflow(flows.held("held", effects, "run_again"), "Held")
        cluster.workflow(flows.held("asking", effects, "ask"), "Asking")
        cluster.workflow(flows.napping("napping", seconds=6), "Napping")
        yield cluster


@pytest.fixture
def cluster(whole: Cluster, effects: EffectServer) -> Cluster:
    """With all its parts, whatever the test before did to them."""
    effects.hold()
    whole.mend()
    return whole


@pytest.fixture
def sized() -> Callable[[int, int], int]:
    """Chooses between the size of a case in CI, and its full one."""
    return lambda small, full: full if FULL else small
