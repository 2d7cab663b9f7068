"""Expressions that fail for one item of several."""

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from tests.nodes.test_item_errors import codes, run

WHOLE = {"assignments": [{"name": "n", "type": "number", "value": "={{ $json.text.toNumber() }}"}]}
"""An expression that fails for a text that is no number."""


def test_an_expression_that_fails_for_an_item_leaves_the_others_theirs() -> None:
    takes = [{"text": "1"}, {"text": "one"}, {"text": "3"}]
    outcome, _ = run("set_fields", WHOLE, takes, "continue")
    items = outcome.outputs["main"]
    assert [item.json.get("n") for item in items] == [1, None, 3]
    assert codes(items) == [None, "expression_failed", None]
    routed, _ = run("set_fields", WHOLE, takes, "route")
    assert [item.json["n"] for item in routed.outputs["main"]] == [1, 3]
    assert codes(routed.outputs["error"]) == ["expression_failed"]


def test_an_expression_that_fails_stops_a_step_that_is_to_stop() -> None:
    with pytest.raises(NodeError, match="item 1") as error:
        run("set_fields", WHOLE, [{"text": "1"}, {"text": "one"}], "stop")
    assert error.value.code == "expression_failed"


def test_the_first_of_several_expressions_that_fail_is_told() -> None:
    values = ["={{ $json.a.toNumber() }}", "={{ $json.b.toNumber() }}", "={{ $json.b + '!' }}"]
    assignments = [
        {"name": f"n{place}", "type": "string", "value": value}
        for place, value in enumerate(values)
    ]
    takes = [{"a": "x", "b": "y"}, {"a": "1", "b": "2"}, {"a": "1", "b": "z"}]
    outcome, _ = run("set_fields", {"assignments": assignments}, takes, "continue")
    told = [item.json.get("error", {}).get("message", "") for item in outcome.outputs["main"]]
    assert [message.partition(",")[0] for message in told] == [
        "assignments[0].value",
        "",
        "assignments[1].value",
    ]
    assert outcome.outputs["main"][1].json["n2"] == "2!"


def test_a_path_that_fails_for_an_item_leaves_the_others_theirs() -> None:
    field = {"name": "n", "type": "string", "value": "=So {{ $('Start').item.json.n }}"}
    nodes = {"Start": [{"n": "a"}]}
    takes: list[Json] = [{"k": 1}, {"k": 2}]
    outcome, _ = run("set_fields", {"assignments": [field]}, takes, "continue", nodes=nodes)
    items = outcome.outputs["main"]
    assert [item.json.get("n") for item in items] == ["So a", None]
    assert codes(items) == [None, "expression_no_lineage"]


def test_an_expression_that_does_not_parse_fails_the_step() -> None:
    wrong = {"assignments": [{"name": "n", "type": "string", "value": "={{ 1 + }}"}]}
    with pytest.raises(NodeError) as error:
        run("set_fields", wrong, [{}, {}], "continue")
    assert error.value.code == "expression_syntax"
