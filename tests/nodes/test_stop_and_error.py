"""Stop and Error: what it tells of the end."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Json
from tests.nodes.twins import MemoryAttempt, make_call, run_step, type_of


def told(params: dict[str, Any], *takes: Json) -> str:
    with pytest.raises(NodeError) as failure:
        run_step(type_of("stop_and_error"), params, takes)
    assert failure.value.code == "stopped"
    return failure.value.message


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"message": "gone"}, "gone"),
        ({"message": {"a": 1}}, '{"a":1}'),
        ({"reason": "gone"}, '{"reason":"gone"}'),
        ({}, "{}"),
        ("gone", "gone"),
        ([1, "a"], '[1,"a"]'),
        (0, "0"),
        (False, "false"),
    ],
)
def test_the_error_may_be_any_value(error: Any, message: str) -> None:
    assert told({"error": error}).replace(" ", "") == message
    assert told({"error": "={{ $json.error }}"}, {"error": error}).replace(" ", "") == message


def test_a_message_is_told_before_an_error() -> None:
    assert told({"message": "this", "error": "that"}) == "this"


def test_the_first_of_several_items_is_told() -> None:
    assert told({"message": "=No {{ $json.id }}"}, {"id": 1}, {"id": 2}) == "No 1"


def test_it_stops_without_items_too() -> None:
    assert told({"message": "no"}) == "no"


def test_it_stops_where_its_node_goes_on_after_errors_too() -> None:
    for on_error in ("continue", "route"):
        node = Node("n1", "stop_and_error", "Stop", {"message": "no"}, on_error=on_error)
        call = make_call(type_of("stop_and_error"), {"message": "no"}, [{}, {}], node=node)
        with pytest.raises(NodeError, match="no"):
            type_of("stop_and_error").prepare(call).run(MemoryAttempt())


def test_a_long_error_is_told_in_part() -> None:
    assert told({"error": "x" * 20_000}) == "x" * 10_000


@pytest.mark.parametrize(
    ("params", "path"),
    [({}, ""), ({"message": ""}, "message"), ({"message": "x" * 10_001}, "message")],
)
def test_nothing_to_tell_is_a_fault(params: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("stop_and_error").check(params)] == [path]
