"""The cases on the database. Each is lived in memory first, undisturbed: so must it come out."""

from random import Random
from typing import Any

from apps.engine.graph import Graph
from apps.versions.models import WorkflowVersion
from tests.engine.simulation.cases import lived as lived_in_memory
from tests.engine.simulation.checks import check_alone, check_same
from tests.engine.simulation.world import World
from tests.runs.simulation.checks import check_stored
from tests.runs.simulation.cuts import HOW
from tests.runs.simulation.store import stored_run
from tests.runs.simulation.world import DatabaseDisturbances, DatabaseWorld


def lived(version: WorkflowVersion, graph: Graph, seed: int, **disturbances: Any) -> World:
    """A run of the graph, driven to its end and checked by itself. `version` lends its name."""
    with stored_run(version, slots=seed % 2 or None) as store:
        world = DatabaseWorld(graph, store, seed, DatabaseDisturbances(**disturbances))
        world.drive()
        check_stored(store)
        world.store = store.snapshot()
    check_alone(world)
    return world


def killed_and_taken_over(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """Processes die at any moment; workers lose a run that they go on with."""
    undisturbed = lived_in_memory(graph, seed)
    check_same(lived(version, graph, seed), undisturbed)
    random = Random(seed)
    for _ in range(3):
        moments = random.choices(range(undisturbed.moments), k=2)
        split = random.randint(0, 2)
        kills, take_overs = moments[:split], moments[split:]
        disturbed = lived(version, graph, seed, kills=kills, take_overs=take_overs)
        check_same(disturbed, undisturbed)


def cut(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """The connection is cut, once or twice; perhaps the process dies, or loses the run, then."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for _ in range(4):
        # A run asks at least twice for every commit: the claim, the signals, the commit.
        cuts = {random.randrange(len(undisturbed.commits)): random.choice(HOW) for _ in range(2)}
        moments = random.choices(range(2 * undisturbed.moments), k=2)
        disturbed = lived(
            version, graph, seed, cuts=cuts, kills=moments[:1], take_overs=moments[1:]
        )
        check_same(disturbed, undisturbed)


def raced(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """Another worker takes the run while its owner commits, and while it is being claimed."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for _ in range(3):
        commits = random.choices(range(len(undisturbed.commits) // 2), k=2)
        disturbed = lived(version, graph, seed, races=commits[:1], claim_races=commits)
        check_same(disturbed, undisturbed)


def signalled(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """Signals come when they like: answers, and some that answer nothing."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for _ in range(3):
        moments = random.choices(range(undisturbed.moments), k=random.choice([1, 2, 8]))
        cuts = {random.randrange(len(undisturbed.commits)): random.choice(HOW)}
        disturbed = lived(version, graph, seed, kills=moments[:1], signals=moments, cuts=cuts)
        check_same(disturbed, undisturbed)


def cancelled(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """A cancel comes at any moment, perhaps with a death or a cut about it."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for _ in range(3):
        moment = random.randrange(undisturbed.moments)
        cuts = {random.randrange(len(undisturbed.commits)): random.choice(HOW)}
        kills = {moment + random.randint(0, 3)}
        lived(version, graph, seed, cancels={moment}, kills=kills, cuts=cuts)


def decided(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """Whoever is asked about a lost effect says something else than to run it again."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for decision in ("fail", "use"):
        moments = random.choices(range(undisturbed.moments), k=2)
        lived(version, graph, seed, kills=moments, decision=decision)
