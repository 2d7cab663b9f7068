"""Manual: what started the run becomes its items."""

from apps.engine.items import Item
from tests.nodes.twins import outputs_of, type_of

FILES = {"f": {"id": "x"}}


def test_the_items_that_started_the_run_pass_with_their_files() -> None:
    given = outputs_of("manual", {}, [{"n": 1}, Item({"n": 2}, FILES)])["main"]
    assert [(item.json, item.binary) for item in given] == [({"n": 1}, None), ({"n": 2}, FILES)]


def test_no_items_give_none() -> None:
    assert outputs_of("manual", {}, []) == {"main": []}


def test_any_number_may_stand_in_a_graph_without_params() -> None:
    type = type_of("manual")
    assert type.claims({}) == ()
    assert type.inputs({}) == ()
    assert [fault.code for fault in type.check({"path": "x"})] == ["unknown_param"]
