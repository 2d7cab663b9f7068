"""The executor on a memory journal: what a run records, and what it gives."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from apps.engine.branches import Message, ThreadBranches
from apps.engine.graph import GraphSettings
from apps.engine.items import Item
from apps.engine.journal import Signal
from apps.engine.limits import Limits
from tests.engine.runs import edge, node, run_graph


def test_a_condition_runs_one_branch_and_skips_the_other():
    run = run_graph(
        [node("s", "start"), node("c", "split"), node("yes", "add"), node("no", "add")],
        [edge("s -> c"), edge("c.true -> yes"), edge("c.false -> no")],
    )
    assert run.statuses() == {
        "s": "completed",
        "c": "completed",
        "yes": "completed",
        "no": "skipped",
    }


def test_a_loop_gives_its_batches_one_after_another_and_collects_what_comes_back():
    run = run_graph(
        [
            node("s", "start"),
            node("g", "give", params={"count": 3}),
            node("l", "loop"),
            node("b", "add"),
            node("d", "add"),
        ],
        [edge("s -> g"), edge("g -> l"), edge("l.loop -> b"), edge("b -> l"), edge("l.done -> d")],
    )
    assert [item["json"]["n"] for item in run.output("d")["main"]] == [2, 3, 4]
    assert [key for key in run.stored.steps if key[0] == "b"] == [("b", 0), ("b", 1), ("b", 2)]


def test_an_effect_is_durable_as_running_before_it_starts():
    run = run_graph([node("s", "start"), node("e", "effect")], [edge("s -> e")])
    assert run.committed_before_first_effect() == {("s", 0): "completed", ("e", 0): "running"}


def test_a_failed_step_ends_the_run_and_says_why():
    run = run_graph(
        [node("s", "start"), node("f", "fail"), node("x", "add")], [edge("s -> f"), edge("f -> x")]
    )
    assert run.status == "failed"
    assert run.stored.error["code"] == "http_status"
    assert run.statuses() == {"s": "completed", "f": "failed"}


def test_an_error_that_is_routed_leaves_by_the_error_output():
    run = run_graph(
        [node("s", "start"), node("f", "fail", on_error="route"), node("x", "add")],
        [edge("s -> f"), edge("f.error -> x")],
    )
    assert run.status == "completed"
    assert run.output("f")["error"][0]["json"]["error"]["code"] == "http_status"


def test_events_are_numbered_without_a_gap():
    run = run_graph([node("s", "start"), node("e", "effect")], [edge("s -> e")])
    assert [event["event"] for event in run.events()] == [
        "run_started",
        "step_started",
        "step_succeeded",
        "step_started",
        "step_succeeded",
        "run_finished",
    ]
    assert [event["seq"] for event in run.events()] == [1, 2, 3, 4, 5, 6]


def test_no_effect_begins_beside_one_that_fails_the_run_while_it_is_prepared():
    run = run_graph(
        [node("s", "start"), node("e", "effect"), node("f", "effect", params={"refuses": True})],
        [edge("s -> e"), edge("s -> f")],
    )
    assert run.status == "failed"
    assert run.library.effects.started == []
    assert run.statuses() == {"s": "completed", "e": "failed", "f": "failed"}


def test_what_are_no_items_fails_the_step_and_not_the_worker():
    run = run_graph([node("s", "start"), node("b", "nonsense")], [edge("s -> b")])
    assert (run.status, run.stored.error["code"]) == ("failed", "internal_error")


def test_an_error_too_large_beside_its_input_goes_on_alone():
    run = run_graph(
        [node("s", "start"), node("f", "fail", on_error="continue")],
        [edge("s -> f")],
        items=[Item({"text": "x" * 900})],
        limits=Limits(step_output_bytes=1_000),
    )
    assert run.status == "completed"
    (item,) = run.output("f")["main"]
    assert list(item["json"]) == ["error"]


def test_a_disabled_node_passes_its_items_on_with_their_lineage():
    run = run_graph(
        [
            node("s", "start"),
            node("c", "split"),
            node("off", "effect", disabled=True),
            node("r", "recall", params={"node": "s", "item": 1}),
        ],
        [edge("s -> c"), edge("c.true -> off"), edge("off -> r")],
        items=[Item({"n": n}) for n in (1, 2, 3, 4)],
    )
    assert run.output("r")["main"][0]["json"]["seen"] == {"n": 4}
    assert run.library.effects.started == []


def test_a_disabled_loop_leaves_its_body_out():
    run = run_graph(
        [node("s", "start"), node("l", "loop", disabled=True), node("b", "add"), node("d", "add")],
        [edge("s -> l"), edge("l.loop -> b"), edge("b -> l"), edge("l.done -> d")],
    )
    assert run.statuses() == {
        "s": "completed",
        "l": "completed",
        "b": "skipped",
        "d": "completed",
    }


def test_a_loop_that_always_gives_output_ends():
    run = run_graph(
        [node("s", "start"), node("l", "loop", always_output=True), node("b", "drop")],
        [edge("s -> l"), edge("l.loop -> b"), edge("b -> l")],
    )
    assert run.status == "completed"
    assert run.output("l", 1) == {"done": [{"json": {}}]}


def test_a_run_that_makes_too_many_steps_ends_with_a_clear_error():
    run = run_graph(
        [node("s", "start"), node("a", "add"), node("b", "add")],
        [edge("s -> a"), edge("a -> b")],
        settings=GraphSettings(step_budget=1),
    )
    assert (run.status, run.stored.error["code"]) == ("failed", "step_budget")


def test_a_run_past_its_deadline_ends_and_closes_what_is_open():
    run = run_graph(
        [node("s", "start"), node("a", "add")],
        [edge("s -> a")],
        deadline=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert (run.status, run.stored.error["code"]) == ("failed", "deadline")
    assert run.library.effects.started == []


def test_a_run_that_waits_says_for_which_iteration():
    two = node("two", "give", params={"count": 2})
    nodes = [node("s", "start"), two, node("l", "loop"), node("w", "approval")]
    lines = ["s -> two", "two -> l", "l.loop -> w", "w -> l"]
    graph = (nodes, [edge(line) for line in lines])
    stored = run_graph(*graph).stored
    stored.signal(Signal(uuid4(), "decision", {}, step=stored.steps["w", 0].id))
    waits = [
        (event["node"], event["iteration"])
        for event in run_graph(*graph, stored=stored).events()
        if event["event"] == "run_waiting"
    ]
    assert waits == [("w", 0), ("w", 1)]


def test_a_waiting_run_that_is_cancelled_does_not_go_on_before_it_ends():
    graph = ([node("s", "start"), node("w", "approval")], [edge("s -> w")])
    stored = run_graph(*graph).stored
    stored.signal(Signal(uuid4(), "cancel", {}))
    run = run_graph(*graph, stored=stored)
    assert run.status == "cancelled"
    told = [(event["seq"], event["event"]) for event in run.events()][-3:]
    last = run.stored.seq
    assert told == [(last - 2, "run_waiting"), (last - 1, "step_failed"), (last, "run_finished")]


def test_a_run_that_is_marked_as_failed_says_why_and_its_open_steps_did_not_fail():
    graph = ([node("s", "start"), node("w", "approval")], [edge("s -> w")])
    stored = run_graph(*graph).stored
    stored.signal(Signal(uuid4(), "cancel", {"failed_because": "It asked the wrong people."}))
    run = run_graph(*graph, stored=stored)
    assert run.status == "failed"
    last = run.events()[-1]
    assert last["error"]["code"] == "marked_failed"
    assert last["error"]["message"] == "It asked the wrong people."
    assert run.stored.steps["w", 0].error["code"] == "cancelled"


def test_a_pinned_step_gives_its_pins_and_starts_no_effect():
    nodes = [node("s", "start"), node("e", "effect", pinned={"main": [{"json": {"n": 9}}]})]
    run = run_graph(nodes, [edge("s -> e")], use_pins=True)
    assert run.output("e")["main"][0]["json"] == {"n": 9}
    assert run.stored.steps["e", 0].attempts[0]["pinned"] is True
    assert run.library.effects.started == []


def test_pins_count_only_where_they_are_asked_for():
    nodes = [node("s", "start"), node("e", "effect", pinned={"main": [{"json": {"n": 9}}]})]
    run = run_graph(nodes, [edge("s -> e")])
    assert len(run.library.effects.started) == 1


def test_a_node_without_outputs_may_fail_and_the_run_go_on():
    nodes = [node("s", "start"), node("e", "stop", on_error="continue")]
    assert run_graph(nodes, [edge("s -> e")]).status == "completed"


def test_a_node_without_outputs_may_be_disabled():
    nodes = [node("s", "start"), node("e", "stop", disabled=True)]
    assert run_graph(nodes, [edge("s -> e")]).status == "completed"


class BusyBranches(ThreadBranches):
    """All threads are busy for a while."""

    def start(self, work: Callable[[], Message]) -> None:
        def begin_late() -> Message:
            time.sleep(1.2)
            return work()

        super().start(begin_late)


def test_the_clock_of_an_attempt_starts_when_it_begins():
    nodes = [node("s", "start"), node("e", "effect", timeout_s=1)]
    run = run_graph(nodes, [edge("s -> e")], branches=BusyBranches)
    assert run.status == "completed"


def test_an_attempt_that_began_late_times_out_all_the_same():
    nodes = [node("s", "start"), node("e", "effect", timeout_s=0.2, params={"takes_s": 100})]
    began = time.monotonic()
    run = run_graph(nodes, [edge("s -> e")], branches=BusyBranches)
    assert (run.status, run.stored.error["code"]) == ("failed", "timeout")
    assert time.monotonic() - began < 50
