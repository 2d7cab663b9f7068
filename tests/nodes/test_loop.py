"""Loop: its batches, one by one; in the engine it runs in test_with_engine.py."""

from collections.abc import Sequence
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Outputs, Paired
from apps.engine.outcomes import Done, LoopBatch
from tests.nodes.twins import outputs_of, run_step, sources_of, type_of


def loop_over(position: int, collected: Sequence[Item] = (), count: int = 3) -> Outputs:
    items = [Item({"n": n}, {"f": {"id": f"{n}"}}) for n in range(count)]
    batch = LoopBatch(items, position, collect=lambda: list(collected))
    ran = run_step(type_of("loop"), {"batch_size": 2}, [{"returned": True}], batch=batch)
    assert isinstance(ran.outcome, Done)
    return ran.outcome.outputs


def numbers(items: Items) -> list[Any]:
    return [item.json["n"] for item in items]


def test_a_loop_gives_batch_after_batch() -> None:
    assert numbers(loop_over(0)["loop"]) == [0, 1]
    outputs = loop_over(2)
    assert numbers(outputs["loop"]) == [2]
    assert sources_of(outputs["loop"]) == [[2]]
    assert outputs["loop"][0].binary == {"f": {"id": "2"}}
    assert "done" not in outputs


def test_a_loop_that_is_through_gives_what_came_back() -> None:
    outputs = loop_over(4, [Item({"x": 1}), Item({"x": 2}, None, (Paired(7),))])
    assert [item.json["x"] for item in outputs["done"]] == [1, 2]
    assert sources_of(outputs["done"]) == [[(1, 0)], [(1, 1)]]
    assert "loop" not in outputs


def test_items_that_came_back_with_an_error_are_among_the_others() -> None:
    failed = Item({}).with_error(NodeError("odd", "No."))
    assert [item.json.get("error", {}).get("code") for item in loop_over(3, [failed])["done"]] == [
        "odd"
    ]


def test_a_loop_without_items_is_through_at_once() -> None:
    assert outputs_of("loop", {}, []) == {"done": []}
    assert loop_over(0, count=0) == {"done": []}


def test_a_batch_is_of_one_item_where_nothing_else_is_said() -> None:
    assert numbers(outputs_of("loop", {}, [{"n": 1}, {"n": 2}])["loop"]) == [1]


def test_a_batch_may_be_larger_than_the_input() -> None:
    takes = [{"n": 1}, {"n": 2}]
    assert numbers(outputs_of("loop", {"batch_size": 1_000_000}, takes)["loop"]) == [1, 2]


@pytest.mark.parametrize("size", [0, -1, 1_000_001, 1.5, "2", True, None])
def test_a_batch_of_no_such_size_is_a_fault(size: Any) -> None:
    assert [fault.path for fault in type_of("loop").check({"batch_size": size})] == ["batch_size"]
