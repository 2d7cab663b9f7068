"""Random graphs on the real database: killed, taken over, cut off and raced, they end the same.

What executes them is what a worker process executes with, on SQLite and on PostgreSQL:

    pytest tests/runs/test_simulation.py tests/runs/test_mutations.py --database=postgres

In CI the cases are the same each time. `FULL=1` draws fresh ones, and many more; a failure prints
the smallest graph and seed found, and the line `@reproduce_failure(…)` that repeats it. Only how a
race between two threads comes out is no seed's to say. `tests/runs/simulation/` tells how.
"""

import pytest
from hypothesis import given

from apps.engine.graph import Graph
from apps.versions.models import WorkflowVersion
from tests.engine.simulation.cases import any_graphs, seeds
from tests.engine.test_simulation import FULL, of
from tests.factories import make_version
from tests.runs.simulation import cases

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(4 * 3600 if FULL else 300),
]


@pytest.fixture
def version(transactional_db: None) -> WorkflowVersion:
    return make_version()


@of(30)
@given(any_graphs, seeds)
def test_kills_and_take_overs_change_nothing(version: WorkflowVersion, graph: Graph, seed: int):
    cases.killed_and_taken_over(version, graph, seed)


@of(30)
@given(any_graphs, seeds)
def test_a_connection_that_is_cut_changes_nothing(
    version: WorkflowVersion, graph: Graph, seed: int
):
    cases.cut(version, graph, seed)


@of(30)
@given(any_graphs, seeds)
def test_who_takes_a_run_while_its_owner_commits_changes_nothing(
    version: WorkflowVersion, graph: Graph, seed: int
):
    cases.raced(version, graph, seed)


@of(30)
@given(any_graphs, seeds)
def test_no_signal_is_lost_whenever_it_comes(version: WorkflowVersion, graph: Graph, seed: int):
    cases.signalled(version, graph, seed)


@of(30)
@given(any_graphs, seeds)
def test_a_cancel_ends_the_run_whenever_it_comes(version: WorkflowVersion, graph: Graph, seed: int):
    cases.cancelled(version, graph, seed)


@of(30)
@given(any_graphs, seeds)
def test_any_decision_about_a_lost_effect_lets_the_run_end(
    version: WorkflowVersion, graph: Graph, seed: int
):
    cases.decided(version, graph, seed)
