"""The real node types in the real engine, on memory twins."""

from collections.abc import Sequence
from typing import Any

import pytest

from apps.engine.graph import Edge, Node
from apps.engine.items import Item
from apps.engine.ports import NodeSpec
from apps.nodes.context import Services, bound
from apps.nodes.outside import postgres
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.registry import library
from tests.engine.library import TestLibrary
from tests.engine.runs import Ran, edge, node, run_graph
from tests.nodes.databases import SLEEPING, Database
from tests.nodes.outside import CredentialsByType
from tests.nodes.servers import Reply, serving
from tests.services import wait_for


class RealLibrary(TestLibrary):
    """The product's node types where the engine's tests have their own."""

    def find(self, type: str, version: int) -> NodeSpec | None:
        return library().find(type, version)

    def types(self) -> Sequence[str]:
        return library().types()


def run(nodes: Sequence[Node], edges: Sequence[Edge], *values: Any) -> Ran:
    return run_graph(nodes, edges, [Item(json) for json in values], library=RealLibrary())


def jsons(ran: Ran, node: str, output: str = "main", iteration: int = 0) -> list[Any]:
    return [item["json"] for item in ran.output(node, iteration)[output]]


def set_field(name: str, value: Any) -> dict[str, Any]:
    return {"assignments": [{"name": name, "type": "number", "value": value}], "include": "none"}


def gt(left: str, right: int) -> dict[str, Any]:
    operator = {"type": "number", "operation": "gt"}
    return {
        "conditions": {
            "conditions": [{"leftValue": left, "operator": operator, "rightValue": right}]
        }
    }


def test_a_run_reads_back_through_its_lineage() -> None:
    nodes = [
        node("hook", "webhook", params={"path": "x"}),
        node("double", "transform", params={
            "mode": "each", "code": "return $json.n > 1 ? { m: $json.n * 2 } : null"
        }),
        node("big", "condition", params=gt("={{ $json.m }}", 4)),
        node("tell", "set_fields", params=set_field("n", "={{ $('hook').item.json.n }}")),
    ]  # fmt: skip
    edges = [edge("hook -> double"), edge("double -> big"), edge("big.true -> tell")]
    ran = run(nodes, edges, {"n": 1}, {"n": 2}, {"n": 3})
    assert ran.status == "completed"
    assert jsons(ran, "big", "false") == [{"m": 4}]
    assert jsons(ran, "tell") == [{"n": 3}]


@pytest.mark.parametrize("source", ["$('hook').item.json.n", "($('hook').item.json.n)"])
def test_what_was_made_of_all_items_looks_back_at_none(source: str) -> None:
    nodes = [
        node("hook", "webhook", params={"path": "x"}),
        node("all", "aggregate", params={"mode": "items"}),
        node("split", "split_out", params={"split": ["data"]}),
        node("tell", "set_fields", params=set_field("n", f"={{{{ {source} }}}}")),
    ]
    edges = [edge("hook -> all"), edge("all -> split"), edge("split -> tell")]
    error = run(nodes, edges, {"n": 1}, {"n": 2}).stored.error
    assert error["code"] == "expression_no_lineage"
    assert "several items of “hook”" in error["message"]
    assert ".first()" in error["hint"]
    assert jsons(run(nodes, edges, {"n": 1}), "tell") == [{"n": 1}]


COST = "={{ $('hook').item.json.rate * $json.n }}"


def test_items_that_come_of_one_large_item_look_back_at_it_cheaply() -> None:
    nodes = [
        node("hook", "webhook", params={"path": "x"}),
        node("split", "transform", params={
            "code": "return numberList(1, 1500).map((n) => ({ json: { n }, pairedItem: 0 }))"
        }),
        node("cost", "set_fields", params=set_field("c", COST)),
    ]  # fmt: skip
    edges = [edge("hook -> split"), edge("split -> cost")]
    ran = run(nodes, edges, {"rate": 2, "rest": "x" * 100_000})
    assert ran.status == "completed", ran.stored.error
    assert jsons(ran, "cost")[-1] == {"c": 3000}


def test_an_expression_may_ask_whether_a_node_of_another_trigger_has_run() -> None:
    said = "={{ $('b').isExecuted ? 1 : $('b').params.path === 'x' ? 2 : 3 }}"
    nodes = [
        node("a", "manual"),
        node("b", "webhook", params={"path": "x"}),
        node("tell", "set_fields", params=set_field("said", said)),
    ]
    ran = run(nodes, [edge("a -> tell"), edge("b -> tell")], {})
    assert ran.status == "completed", ran.stored.error
    assert jsons(ran, "tell") == [{"said": 2}]


def test_a_node_of_another_trigger_has_no_items() -> None:
    first = set_field("n", "={{ $('b').first().json.n }}")
    nodes = [node("a", "manual"), node("b", "manual"), node("tell", "set_fields", params=first)]
    ran = run(nodes, [edge("a -> tell"), edge("b -> tell")], {})
    assert ran.stored.error["code"] == "expression_no_data"


def test_the_log_of_a_step_has_what_its_code_said_before_it_threw() -> None:
    code = "console.warn('nearly'); throw new Error('no')"
    nodes = [node("start", "manual"), node("code", "transform", params={"code": code})]
    ran = run(nodes, [edge("start -> code")], {})
    step = ran.stored.steps["code", 0]
    assert (step.status, [line["text"] for line in step.log]) == ("failed", ["nearly"])


def test_a_loop_collects_what_its_body_made_of_every_batch() -> None:
    nodes = [
        node("start", "manual"),
        node("loop", "loop", params={"batch_size": 2}),
        node("square", "set_fields", params=set_field("q", "={{ $json.n * $json.n }}")),
        node("end", "set_fields", params=set_field("from", "={{ $('start').item.json.n }}")),
    ]
    edges = [edge("start -> loop"), edge("loop.loop -> square"), edge("square -> loop")]
    ran = run(nodes, [*edges, edge("loop.done -> end")], {"n": 1}, {"n": 2}, {"n": 3})
    assert ran.status == "completed"
    assert jsons(ran, "loop", "done", iteration=2) == [{"q": 1}, {"q": 4}, {"q": 9}]
    assert jsons(ran, "end") == [{"from": 1}, {"from": 2}, {"from": 3}]


def test_an_effect_sends_its_keys_and_its_failure_can_be_routed() -> None:
    with serving(lambda seen: Reply(404 if "2" in seen.path else 200, body=b"ok")) as server:
        allowed = Services(egress=EgressPolicy([f"127.0.0.1:{server.port}"]))
        nodes = [
            node("start", "manual"),
            node("call", "http_call", params={"url": f"={server.url}/{{{{ $json.n }}}}"},
                 on_error="route"),
            node("ok", "no_operation"),
            node("bad", "no_operation"),
        ]  # fmt: skip
        edges = [edge("start -> call"), edge("call -> ok"), edge("call.error -> bad")]
        with bound(allowed):
            good = run(nodes, edges, {"n": 1})
            bad = run(nodes, edges, {"n": 2})
    assert jsons(good, "ok")[0]["body"] == "ok"
    assert good.statuses()["bad"] == "skipped"
    assert "404" in str(jsons(bad, "bad"))
    keys = [seen.header("Idempotency-Key") or "" for seen in server.seen]
    assert all(key.endswith(":call:0:0:0") for key in keys)


def test_branches_meet_again_in_a_merge() -> None:
    nodes = [
        node("start", "manual"),
        node("left", "set_fields", params=set_field("a", "={{ $json.n }}")),
        node("right", "set_fields", params=set_field("b", "={{ $json.n + 1 }}")),
        node("merge", "merge", params={"mode": "combine", "combine_by": "position"}),
    ]
    edges = [
        edge("start -> left"),
        edge("start -> right"),
        edge("left -> merge.input_1"),
        edge("right -> merge.input_2"),
    ]
    assert jsons(run(nodes, edges, {"n": 1}), "merge") == [{"a": 1, "b": 2}]


def test_a_delay_suspends_the_run_and_stop_ends_it() -> None:
    waiting = run(
        [node("start", "manual"), node("wait", "delay", params={"seconds": 60})],
        [edge("start -> wait")],
        {},
    )
    assert (waiting.status, waiting.statuses()["wait"]) == ("waiting", "waiting")
    stopped = run(
        [node("start", "manual"), node("stop", "stop_and_error", params={"message": "no"})],
        [edge("start -> stop")],
        {},
    )
    assert stopped.status == "failed"
    assert (stopped.stored.steps["stop", 0].error or {})["code"] == "stopped"


def test_a_run_goes_on_behind_a_step_all_of_whose_items_failed() -> None:
    number = set_field("n", "={{ $json.text }}")
    nodes = [
        node("hook", "webhook", params={"path": "x"}),
        node("read", "set_fields", params=number, on_error="continue"),
        node("next", "no_operation"),
    ]
    edges = [edge("hook -> read"), edge("read -> next")]
    ran = run(nodes, edges, {"text": "a"}, {"text": "b"})
    assert ran.status == "completed"
    assert ran.statuses()["read"] == "failed"
    told = [item["error"]["message"] for item in jsons(ran, "next")]
    assert ["'a'" in told[0], "'b'" in told[1]] == [True, True]


def rows_of(**params: Any) -> dict[str, Any]:
    return {"credential": "db", "table": "t", **params}


def run_on(database: Database, nodes: Sequence[Node], edges: Sequence[Edge], *values: Any) -> Ran:
    vault = CredentialsByType({"postgres": database.values})
    with bound(Services(egress=database.policy, credentials=vault)):
        return run(nodes, edges, *values)


def test_a_statement_that_outlives_its_step_is_stopped_on_its_server(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CANCEL_S", 10.0)  # the machine may be busy with tests
    database = Database(postgres_url)
    sql = rows_of(operation="execute", sql="SELECT pg_sleep(60)")
    nodes = [node("start", "manual"), node("sleep", "postgres", params=sql, timeout_s=0.5)]
    ran = run_on(database, nodes, [edge("start -> sleep")], {})
    assert ran.status == "failed"
    assert "timeout" in str(ran.stored.error)
    wait_for(lambda: database.execute(SLEEPING) == [(0,)])


def test_each_turn_of_a_loop_writes_exactly_once(postgres_url: str) -> None:
    keys = "CREATE TABLE flowforge_writes (key text PRIMARY KEY, result jsonb, at timestamptz)"
    database = Database(postgres_url, f"CREATE TABLE t (n int); {keys}")
    nodes = [
        node("start", "manual"),
        node("loop", "loop", params={"batch_size": 2}),
        node("write", "postgres", params=rows_of(exactly_once=True)),
    ]
    edges = [edge("start -> loop"), edge("loop.loop -> write"), edge("write -> loop")]
    ran = run_on(database, nodes, edges, {"n": 1}, {"n": 2}, {"n": 3})
    assert ran.status == "completed", ran.stored.error
    assert database.execute("SELECT n FROM t ORDER BY n") == [(1,), (2,), (3,)]
    assert database.execute("SELECT count(*) FROM flowforge_writes") == [(3,)]
