"""The executor on a memory journal: what a run records, and what it gives."""

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
