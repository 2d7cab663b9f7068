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


def any_cuts(random: Random, undisturbed: World, count: int) -> dict[int, str]:
    """Cuts at some of the commits of the undisturbed run, by their numbers."""
    commits = range(len(undisturbed.commits) // 2)
    return {random.choice(commits): random.choice(HOW) for _ in range(count)}


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
    """The connection is cut, and the process may die, or lose the run, while it is in doubt."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for in_doubt in ("", "", "kill", "take_over"):
        cuts = any_cuts(random, undisturbed, 2)
        # Before each commit a run looks for signals.
        outages = any_cuts(random, undisturbed, 1)
        disturbed = lived(version, graph, seed, cuts=cuts, outages=outages, in_doubt=in_doubt)
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
        cuts = any_cuts(random, undisturbed, 1)
        kills = {moments[0] + random.randint(0, 3)}
        disturbed = lived(version, graph, seed, kills=kills, signals=moments, cuts=cuts)
        check_same(disturbed, undisturbed)


def cancelled(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """A cancel comes at any moment, perhaps with a death or a cut about it."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for _ in range(3):
        moment = random.randrange(undisturbed.moments)
        cuts = any_cuts(random, undisturbed, 1)
        kills = {moment + random.randint(0, 3)}
        lived(version, graph, seed, cancels={moment}, kills=kills, cuts=cuts)


def decided(version: WorkflowVersion, graph: Graph, seed: int) -> None:
    """Whoever is asked about a lost effect says something else than to run it again."""
    undisturbed = lived_in_memory(graph, seed)
    random = Random(seed)
    for decision in ("fail", "use"):
        moments = random.choices(range(undisturbed.moments), k=2)
        lived(version, graph, seed, kills=moments, decision=decision)
