"""The simulation on the database must find a journal or a sweep that is broken in one place."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, Phase, given, settings

from apps.engine.errors import RevokedError
from apps.engine.executor import Executor
from apps.engine.graph import Graph
from apps.engine.journal import Batch
from apps.runs import claim, sweep
from apps.runs.journal import DatabaseJournal
from apps.runs.writes import write_more
from apps.versions.models import WorkflowVersion
from apps.workspaces.reconnect import reconnect
from tests.engine.simulation.cases import any_graphs, seeds
from tests.engine.test_mutations import without_commit
from tests.factories import make_version
from tests.runs.simulation import cases
from tests.runs.simulation.line import CuttableJournal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

MOST_CASES = 100
Case = Callable[[WorkflowVersion, Graph, int], None]


def finds(wrong: str, case: Case) -> None:
    """The simulation says what is wrong within a bounded number of cases."""
    version = make_version()
    found: list[str] = []

    @settings(
        max_examples=MOST_CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(any_graphs, seeds)
    def simulate(graph: Graph, seed: int) -> None:
        if not found:
            try:
                case(version, graph, seed)
            except AssertionError as error:
                # Not raised: Hypothesis would try it again, and a race may come out otherwise.
                found.append(str(error))

    simulate()
    assert found, f"nothing was found in {MOST_CASES} cases"
    assert re.search(wrong, found[0]), found[0]


def proof_without(condition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the journal's UPDATE of the run not demand this."""
    proof = DatabaseJournal._proof

    def forgetful(self: DatabaseJournal, batch: Batch) -> tuple[str, list[Any]]:
        statement, params = proof(self, batch)
        # The parameter is still given, and is true of every row.
        return statement.replace(f" AND {condition}", " AND COALESCE(%s, 0) IS NOT NULL"), params

    monkeypatch.setattr(DatabaseJournal, "_proof", forgetful)


def test_an_effect_before_its_barrier_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    launch = Executor._launch_effects

    def launch_without_barrier(self: Executor) -> None:
        with without_commit(self):
            launch(self)

    monkeypatch.setattr(Executor, "_launch_effects", launch_without_barrier)
    finds("before its row was durable", cases.killed_and_taken_over)


def test_an_error_that_is_taken_for_an_answer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    write = CuttableJournal.write

    def write_and_hope(self: CuttableJournal, batch: Batch) -> bool:
        try:
            return write(self, batch)
        except OperationalError:
            reconnect()
            return True

    monkeypatch.setattr(CuttableJournal, "write", write_and_hope)
    finds("before its row was durable|is not durable|for a claim|a claim was given up", cases.cut)


def test_a_proof_without_the_fence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    proof_without("fence = %s", monkeypatch)
    finds("written for a claim that is lost", cases.killed_and_taken_over)


def test_a_proof_without_the_fence_is_found_in_a_race(monkeypatch: pytest.MonkeyPatch) -> None:
    proof_without("fence = %s", monkeypatch)
    # Whoever wrote last spoils the proof of the other, who may be the owner.
    wrong = "written for a claim that was just lost|an event changed|a gap|a claim was given up"
    finds(wrong, cases.raced)


def test_a_proof_without_the_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    proof_without("seq = %s", monkeypatch)
    finds("have a gap, or one was used twice|an event changed", cases.cut)


def test_a_lost_answer_that_is_taken_for_a_lost_claim_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def give_up(self: DatabaseJournal, batch: Batch) -> bool:
        raise RevokedError

    monkeypatch.setattr(DatabaseJournal, "_is_written", give_up)
    finds("a claim was given up that is not lost", cases.cut)


def test_a_take_over_and_a_claim_that_keep_the_fence_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "_TAKEN", sweep._TAKEN.replace("fence = fence + 1, ", ""))
    statement = claim._statement().replace("fence = fence + 1, ", "")
    monkeypatch.setattr(claim, "_statement", lambda: statement)
    finds("written for a claim that is lost", cases.killed_and_taken_over)


def test_a_claim_of_what_is_claimed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = claim._statement().replace("status = 'pending'", "status IN ('pending', 'running')")
    monkeypatch.setattr(claim, "_statement", lambda: statement)
    finds("a run was claimed twice", cases.raced)


def test_a_take_over_that_keeps_the_slot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_TAKEN", sweep._TAKEN.replace("slot = NULL, ", ""))
    finds("a run is pending, and not claimed", cases.killed_and_taken_over)


def test_a_take_over_that_tells_nobody_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "wake_queue_again", lambda queue: None)
    finds("no wake-up is on its way", cases.killed_and_taken_over)


def test_a_proof_without_the_signals_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    proof_without("signals = %s", monkeypatch)
    finds("signals unread", cases.signalled)


def test_writes_outside_of_the_journals_transaction_are_found(monkeypatch):
    is_written = DatabaseJournal._is_written

    def write_again(self: DatabaseJournal, batch: Batch) -> bool:
        done = is_written(self, batch)
        if done:
            write_more(self._claim, batch)
        return done

    monkeypatch.setattr(DatabaseJournal, "_is_written", write_again)
    finds("wrote 2 times", cases.cut)
