"""Filter: what it keeps, and what becomes of the rest; test_condition.py has the settings."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from tests.nodes.twins import going_on, outputs_of, sources_of

FILES = {"f": {"id": "x"}}
OVER_ONE = {
    "conditions": {
        "conditions": [
            {
                "leftValue": "={{ $json.n }}",
                "operator": {"type": "number", "operation": "gt"},
                "rightValue": 1,
            }
        ]
    }
}


def test_what_is_kept_and_what_is_not_bear_their_files_and_their_lineage() -> None:
    takes = [{"n": 0}, Item({"n": 2}, FILES), {"n": 3}, Item({"n": 1}, FILES)]
    outputs = outputs_of("filter", OVER_ONE, takes)
    assert sources_of(outputs["main"]) == [[1], [2]]
    assert [item.binary for item in outputs["main"]] == [FILES, None]
    assert sources_of(outputs["discarded"]) == [[0], [3]]
    assert [item.binary for item in outputs["discarded"]] == [None, FILES]


def test_no_items_give_none() -> None:
    assert outputs_of("filter", OVER_ONE, []) == {"main": [], "discarded": []}


def test_an_item_that_fails_stops_the_step_and_says_which_it_is() -> None:
    with pytest.raises(NodeError, match="item 1") as failure:
        outputs_of("filter", OVER_ONE, [{"n": 2}, {"n": "x"}])
    assert failure.value.code == "type_mismatch"


@pytest.mark.parametrize(("on_error", "output"), [("continue", "discarded"), ("route", "error")])
def test_an_item_that_fails_is_never_kept(on_error: Any, output: str) -> None:
    outcome = going_on("filter", OVER_ONE, on_error, [{"n": 2}, {"n": "x"}])
    assert sources_of(outcome.outputs["main"]) == [[0]]
    [failed] = outcome.outputs[output]
    assert failed.json["error"]["code"] == "type_mismatch"


def test_conditions_of_static_values_are_for_every_item() -> None:
    operator = {"type": "number", "operation": "equals"}
    same = {"leftValue": 1, "operator": operator, "rightValue": 1}
    params = {"conditions": {"conditions": [same]}}
    assert sources_of(outputs_of("filter", params, [{}, {}])["main"]) == [[0], [1]]
