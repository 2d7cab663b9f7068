"""Random graphs, killed at every commit and between: the outcome is that of the undisturbed run.

In CI the cases are the same each time. `FULL=1` draws fresh ones, and many more; a failure prints
the smallest graph and seed found, and the line `@reproduce_failure(…)` that repeats it
(`pytest --hypothesis-seed=N` repeats the whole search). `tests/engine/simulation/` tells how.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from apps.engine.graph import Graph
from tests.engine.simulation import cases
from tests.engine.simulation.cases import any_graphs, seeds

FULL = bool(os.environ.get("FULL"))
pytestmark = pytest.mark.timeout(4 * 3600 if FULL else 300)


def of(count: int) -> settings:
    return settings(
        max_examples=count * (25 if FULL else 1),
        derandomize=not FULL,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


@of(300)
@given(any_graphs, seeds)
def test_a_kill_at_any_commit_changes_nothing(graph: Graph, seed: int):
    cases.killed_at_every_commit(graph, seed)


@of(400)
@given(any_graphs, seeds)
def test_kills_and_take_overs_at_any_moment_change_nothing(graph: Graph, seed: int):
    cases.killed_and_taken_over(graph, seed)


@of(400)
@given(any_graphs, seeds)
def test_no_signal_is_lost_whenever_it_comes(graph: Graph, seed: int):
    cases.signalled(graph, seed)


@of(300)
@given(any_graphs, seeds)
def test_a_cancel_ends_the_run_whenever_it_comes(graph: Graph, seed: int):
    cases.cancelled(graph, seed)


@of(150)
@given(any_graphs, seeds)
def test_any_decision_about_a_lost_effect_lets_the_run_end(graph: Graph, seed: int):
    cases.decided(graph, seed)
