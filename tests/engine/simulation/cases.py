"""The cases: one graph, one seed, and what is done to its runs. Each raises AssertionError."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from apps.engine.graph import Graph
from tests.engine.simulation.checks import check_alone, check_same
from tests.engine.simulation.graphs import graphs
from tests.engine.simulation.memory import MemoryWorld
from tests.engine.simulation.schedulers import SCHEDULERS
from tests.engine.simulation.store import MemoryStore
from tests.engine.simulation.world import Disturbances, World

any_graphs = st.sampled_from(sorted(SCHEDULERS)).flatmap(graphs)
seeds = st.integers(0, 2**32 - 1)


def lived(graph: Graph, seed: int, **disturbances: Any) -> World:
    """A run of the graph, driven to its end and checked by itself."""
    world = MemoryWorld(graph, MemoryStore(), seed, Disturbances(**disturbances))
    world.drive()
    check_alone(world)
    return world


def killed_at_every_commit(graph: Graph, seed: int) -> None:
    """The process dies once: before a commit takes effect, or after, its answer lost."""
    undisturbed = lived(graph, seed)
    for moment in undisturbed.commits:
        check_same(lived(graph, seed, kills={moment}), undisturbed)


def killed_and_taken_over(graph: Graph, seed: int) -> None:
    """Processes die at any moment; workers lose a run that they go on with."""
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(6):
        moments = random.choices(range(undisturbed.moments), k=2)
        split = random.randint(0, 2)
        disturbed = lived(graph, seed, kills=moments[:split], take_overs=moments[split:])
        check_same(disturbed, undisturbed)


def signalled(graph: Graph, seed: int) -> None:
    """Signals come when they like: answers, and some that answer nothing."""
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(4):
        moments = random.choices(range(undisturbed.moments), k=8)
        disturbed = lived(graph, seed, kills=moments[:1], signals=moments)
        check_same(disturbed, undisturbed)


def cancelled(graph: Graph, seed: int) -> None:
    """A cancel comes at any moment, perhaps with a death about it."""
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for _ in range(4):
        moment = random.randrange(undisturbed.moments)
        lived(graph, seed, cancels={moment}, kills={moment + random.randint(0, 3)})


def decided(graph: Graph, seed: int) -> None:
    """Whoever is asked about a lost effect says something else than to run it again."""
    undisturbed = lived(graph, seed)
    random = Random(seed)
    for decision in ("fail", "use"):
        moments = random.choices(range(undisturbed.moments), k=2)
        lived(graph, seed, kills=moments, decision=decision)
