"""Random graphs, killed at every commit and between: the outcome is that of the undisturbed run.

In CI the cases are the same each time. `FULL=1` draws fresh ones, and many more; a failure prints
the smallest graph and disturbance found, and the line `@reproduce_failure(…)` that repeats it
(`pytest --hypothesis-seed=N` repeats the whole search). `tests/engine/simulation/` tells how.
"""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.engine.graph import Graph
from tests.engine.simulation.checks import check_alone, check_same
from tests.engine.simulation.graphs import graphs
from tests.engine.simulation.schedulers import SCHEDULERS
from tests.engine.simulation.store import MemoryStore
from tests.engine.simulation.world import Disturbances, World

FULL = bool(os.environ.get("FULL"))
pytestmark = pytest.mark.timeout(3600 if FULL else 300)


def cases(count: int) -> settings:
    return settings(
        max_examples=count * (25 if FULL else 1),
        derandomize=not FULL,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def lived(graph: Graph, seed: int, **disturbances: Any) -> World:
    """A run of the graph, driven to its end and checked by itself."""
    world = World(graph, MemoryStore(), seed, Disturbances(**disturbances))
    world.drive()
    check_alone(world)
    return world


orders = st.sampled_from(sorted(SCHEDULERS))
any_graphs = orders.flatmap(graphs)
seeds = st.integers(0, 2**32 - 1)


@cases(150)
@given(any_graphs, seeds)
def test_a_kill_at_any_commit_changes_nothing(graph: Graph, seed: int):
    undisturbed = lived(graph, seed)
    for moment in undisturbed.commits:
        check_same(lived(graph, seed, kills={moment}), undisturbed)


@cases(150)
@given(any_graphs, seeds)
def test_kills_and_take_overs_at_any_moment_change_nothing(graph: Graph, seed: int):
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(6):
        moments = random.choices(range(undisturbed.moments), k=2)
        split = random.randint(0, 2)
        disturbed = lived(graph, seed, kills=moments[:split], take_overs=moments[split:])
        check_same(disturbed, undisturbed)


@cases(150)
@given(any_graphs, seeds)
def test_no_signal_is_lost_whenever_it_comes(graph: Graph, seed: int):
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(4):
        moments = random.choices(range(undisturbed.moments), k=6)
        disturbed = lived(graph, seed, kills=moments[:1], signals=moments)
        check_same(disturbed, undisturbed)


@cases(100)
@given(any_graphs, seeds)
def test_a_cancel_ends_the_run_whenever_it_comes(graph: Graph, seed: int):
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(4):
        moments = random.choices(range(undisturbed.moments), k=2)
        world = lived(graph, seed, kills=moments[:1], cancels=moments[1:])
        if world.cancelled and undisturbed.store.status == "completed":
            assert world.store.status in ("cancelled", "failed")
