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


def test_a_schema_is_judged_when_it_is_saved() -> None:
    schema = {"properties": {"email": {"type": "strin"}}}
    faults = type_of("manual").check({"input_schema": schema})
    assert [fault.path for fault in faults] == ["input_schema.properties.email.type"]
