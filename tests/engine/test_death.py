"""What a run does after its worker died: every case is a fault that was once found."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from apps.engine.branches import Message, ThreadBranches
from apps.engine.errors import RevokedError
from apps.engine.graph import Retry
from apps.engine.journal import Signal, StepRow
from apps.engine.memory import StoredRun
from apps.engine.topological import TopologicalScheduler
from tests.engine.library import TestLibrary
from tests.engine.runs import Ran, edge, node, run_graph
from tests.services import wait_for

AGAIN = Retry(count=1, wait_s=0.01)


def effect_chain(type: str = "effect", **members: Any) -> Any:
    return [node("s", "start"), node("e", type, **members), node("x", "add")], [
        edge("s -> e"),
        edge("e -> x"),
    ]


def killed_in_flight(nodes: Any, edges: Any, times: int = 1) -> Ran:
    """A run whose worker died, so many times, while its effect was under way."""
    ran = run_graph(nodes, edges, dies_after=1)
    for _ in range(times - 1):
        ran = run_graph(nodes, edges, stored=ran.stored, library=ran.library, dies_after=1)
    assert ran.status == "killed"
    return ran


def signal(stored: StoredRun, row: StepRow, kind: str = "decision", **body: Any) -> None:
    stored.signal(Signal(uuid4(), kind, body, step=row.id, attempt=len(row.attempts)))


def test_a_fatal_failure_that_was_recorded_still_ends_the_run():
    nodes, edges = effect_chain(params={"times": 9})
    died = run_graph(nodes, edges, dies_after=2)
    ran = run_graph(nodes, edges, stored=died.stored)
    assert (ran.status, ran.stored.error["code"]) == ("failed", "http_status")
    assert "x" not in ran.statuses()


def test_a_death_between_two_attempts_is_no_death_of_the_step():
    nodes, edges = effect_chain("risky", params={"times": 1}, retry=AGAIN)
    died = run_graph(nodes, edges, dies_after=2)
    assert died.statuses()["e"] == "pending"
    ran = run_graph(nodes, edges, stored=died.stored)
    assert ran.status == "completed"
    assert ran.stored.steps["e", 0].attempts[0]["error"]["code"] == "http_status"


def test_a_decision_outlives_a_death_before_its_step_starts_again():
    nodes, edges = effect_chain("asking")
    died = killed_in_flight(nodes, edges)
    waiting = run_graph(nodes, edges, stored=died.stored)
    assert waiting.status == "waiting"
    signal(died.stored, died.stored.steps["e", 0], decision="run_again")
    assert run_graph(nodes, edges, stored=died.stored, dies_after=0).status == "killed"
    assert run_graph(nodes, edges, stored=died.stored).status == "completed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decision": "run_again"}, "completed"),
        ({"decision": "use", "items": [{"n": 7}]}, "completed"),
        ({"decision": "fail"}, "failed"),
    ],
)
def test_a_person_decides_what_becomes_of_a_step_that_may_have_happened(body, status):
    nodes, edges = effect_chain("asking")
    died = killed_in_flight(nodes, edges)
    run_graph(nodes, edges, stored=died.stored)
    signal(died.stored, died.stored.steps["e", 0], **body)
    assert run_graph(nodes, edges, stored=died.stored).status == status
    assert not any("wait" in attempt for attempt in died.stored.steps["e", 0].attempts)


@pytest.mark.parametrize("kind", ["late", "resume", "child"])
def test_a_signal_of_another_kind_is_no_decision(kind):
    nodes, edges = effect_chain("asking")
    died = killed_in_flight(nodes, edges)
    run_graph(nodes, edges, stored=died.stored)
    signal(died.stored, died.stored.steps["e", 0], kind, answer=1)
    assert run_graph(nodes, edges, stored=died.stored).status == "waiting"


def test_a_late_result_is_kept_on_its_attempt():
    nodes, edges = effect_chain("asking")
    died = killed_in_flight(nodes, edges)
    run_graph(nodes, edges, stored=died.stored)
    signal(died.stored, died.stored.steps["e", 0], "late", status=200)
    run_graph(nodes, edges, stored=died.stored)
    assert died.stored.steps["e", 0].attempts[0]["late"] == {"status": 200}


def test_a_node_that_waits_for_a_decision_resumes_with_it():
    nodes, edges = [node("s", "start"), node("a", "approval")], [edge("s -> a")]
    ran = run_graph(nodes, edges)
    signal(ran.stored, ran.stored.steps["a", 0], decision="approve")
    assert run_graph(nodes, edges, stored=ran.stored).status == "completed"


def test_workers_that_are_lost_in_one_step_end_nothing_by_themselves():
    nodes, edges = effect_chain()
    died = killed_in_flight(nodes, edges, times=5)
    assert run_graph(nodes, edges, stored=died.stored).status == "completed"


def test_a_suspect_run_has_each_start_durable_before_anything_is_prepared():
    nodes, edges = [node("s", "start"), node("p", "add")], [edge("s -> p")]
    died = run_graph(nodes, edges, dies_after=2, is_suspect=True)
    assert died.stored.steps["p", 0].status == "running"


def test_an_event_keeps_the_attempt_it_was_told_with():
    nodes, edges = effect_chain(params={"times": 1, "log": "hello"}, retry=AGAIN)
    ran = run_graph(nodes, edges)
    logs = [event["attempt"] for event in ran.events() if event["event"] == "step_log"]
    assert logs == [1, 2]


def test_a_step_that_was_refused_for_the_claim_is_not_failed():
    def refuse() -> None:
        raise RevokedError

    nodes, edges = effect_chain(on_error="continue")
    stored = StoredRun()
    with pytest.raises(RevokedError):
        run_graph(nodes, edges, stored=stored, check_claim=refuse)
    assert stored.steps["e", 0].status == "running"


def test_a_claim_lost_between_two_checks_ends_the_step_neither():
    calls = count()

    def refuse_second() -> None:
        if next(calls):
            raise RevokedError

    nodes, edges = effect_chain(params={"swallows": True})
    stored = StoredRun()
    with pytest.raises(RevokedError):
        run_graph(nodes, edges, stored=stored, check_claim=refuse_second)
    assert stored.steps["e", 0].status == "running"


def test_a_claim_lost_while_a_step_goes_on_from_its_wait_ends_the_step_neither():
    def refuse() -> None:
        raise RevokedError

    nodes = [node("s", "start"), node("d", "delay", params={"seconds": 0, "swallows": True})]
    stored = StoredRun()
    with pytest.raises(RevokedError):
        run_graph(nodes, [edge("s -> d")], stored=stored, check_claim=refuse)
    assert ("d", 0) not in stored.steps


def test_a_journal_that_cannot_be_read_fails_no_step(monkeypatch):
    class UnreachableError(Exception):
        pass

    def unreachable(journal: Any, step: Any) -> bytes:
        raise UnreachableError

    nodes = [node("s", "start"), node("e", "effect"), node("r", "recall", params={"node": "s"})]
    edges = [edge("s -> e"), edge("e -> r")]
    died = run_graph(nodes, edges, dies_after=2)
    monkeypatch.setattr("apps.engine.memory.MemoryJournal.read_output", unreachable)
    with pytest.raises(UnreachableError):
        run_graph(nodes, edges, stored=died.stored)
    assert died.stored.steps["e", 0].status == "completed"
    assert ("r", 0) not in died.stored.steps


def test_no_effect_starts_before_its_barrier_is_durable():
    nodes, edges = effect_chain()
    library = TestLibrary()
    assert run_graph(nodes, edges, library=library, dies_after=0).status == "killed"
    assert library.effects.started == []


class SlowToLook(ThreadBranches):
    """The run's thread looks only when all effects have ended."""

    begun, has_looked = 0, False

    def start(self, work: Callable[[], Message]) -> None:
        self.begun += 1
        super().start(work)

    def receive(self, timeout_s: float) -> Message | None:
        if timeout_s > 0 and not self.has_looked:
            wait_for(lambda: self._inbox.qsize() == self.begun)
            self.has_looked = True
        return super().receive(timeout_s)


def test_effects_that_end_after_the_claim_was_lost_are_told_of():
    nodes = [node("s", "start"), node("e", "effect"), node("f", "effect")]
    stored, library, late = StoredRun(), TestLibrary(), []
    act = library.effects.act

    def act_late(call: Any, attempt: Any) -> Any:
        outcome = act(call, attempt)
        stored.claim()  # by another worker
        return outcome

    library.put(replace(library.find("effect", 1), behave=act_late))
    with pytest.raises(RevokedError):
        run_graph(
            nodes,
            [edge("s -> e"), edge("s -> f")],
            stored=stored,
            library=library,
            branches=SlowToLook,
            tell_late=late.append,
        )
    assert {(row.node, row.status) for row in late} == {("e", "completed"), ("f", "completed")}
    assert stored.steps["e", 0].status == stored.steps["f", 0].status == "running"


def test_a_late_result_that_cannot_be_told_of_hides_neither_the_others_nor_the_lost_claim(
    monkeypatch,
):
    nodes = [node("s", "start"), *(node(each, "effect") for each in "efg")]
    stored, library, late = StoredRun(), TestLibrary(), []
    act = library.effects.act

    def act_late(call: Any, attempt: Any) -> Any:
        outcome = act(call, attempt)
        stored.claim()  # by another worker
        return outcome

    settle, settled = TopologicalScheduler.settle, []

    def settle_with_a_fault(self: Any, end: Any) -> Any:
        settled.append(end.node)
        if len(settled) == 3:  # behind the start, and the effect that finds the claim lost
            raise KeyError("a fault of ours")
        return settle(self, end)

    def tell(row: StepRow) -> None:
        late.append(row.node)
        if len(late) == 1:
            raise KeyError("a fault of ours")

    monkeypatch.setattr(TopologicalScheduler, "settle", settle_with_a_fault)
    library.put(replace(library.find("effect", 1), behave=act_late))
    with pytest.raises(RevokedError):
        run_graph(
            nodes,
            [edge(f"s -> {each}") for each in "efg"],
            stored=stored,
            library=library,
            branches=SlowToLook,
            tell_late=tell,
        )
    assert set(late) == {"e", "f", "g"}
