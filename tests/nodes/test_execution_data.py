"""Execution Data: what its example cannot say."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.engine.outcomes import Done
from apps.nodes.inner import KeepValues
from tests.nodes.twins import jsons_of, outputs_of, run_step, sources_of, type_of


def kept(values: Any, *takes: Json) -> list[dict[str, str]]:
    outcome = run_step(type_of("execution_data"), {"values": values}, takes).outcome
    assert isinstance(outcome, Done)
    return [dict(each.values) for each in outcome.writes if isinstance(each, KeepValues)]


def test_values_are_kept_as_text() -> None:
    values = {"a": "x", "b": True, "c": 1.0, "d": 12345678901234567890, "e": None}
    assert kept(values, {}) == [
        {"a": "x", "b": "true", "c": "1", "d": "12345678901234567890", "e": ""}
    ]


def test_templates_tell_of_the_first_item_and_all_items_pass() -> None:
    params = {"values": {"id": "={{ $json.id }}"}}
    takes = [{"id": 1}, {"id": 2}]
    assert kept(params["values"], *takes) == [{"id": "1"}]
    assert jsons_of("execution_data", params, takes) == takes
    assert sources_of(outputs_of("execution_data", params, takes)["main"]) == [[0], [1]]


@pytest.mark.parametrize("takes", [[], [{}]])
def test_what_a_template_does_not_give_is_not_kept(takes: list[Json]) -> None:
    assert kept({"id": "={{ $json.id }}"}, *takes) == []
    assert kept({"id": "={{ $json.id }}", "shop": "Riga"}, *takes) == [{"shop": "Riga"}]


TOO_MUCH = [
    {"n" * 51: "x"},
    {" ": "x"},
    {f"n{place}": "x" for place in range(21)},
    {"flowforge.error_of": "x"},
]


@pytest.mark.parametrize("values", [{"a": "x" * 513}, *TOO_MUCH])
def test_what_cannot_be_kept_is_a_fault(values: Any) -> None:
    faults = type_of("execution_data").check({"values": values})
    assert [(fault.path, fault.code) for fault in faults] == [("values", "invalid_value")]


@pytest.mark.parametrize("values", TOO_MUCH)
def test_names_that_cannot_be_kept_are_a_fault_beside_templates_too(values: Any) -> None:
    values = {**values, "id": "={{ $json.id }}"}
    assert [fault.path for fault in type_of("execution_data").check({"values": values})] == [
        "values"
    ]


@pytest.mark.parametrize("template", ["={{ [1] }}", "={{ 'x'.repeat(513) }}"])
def test_what_a_template_gives_and_cannot_be_kept_is_a_named_error(template: str) -> None:
    with pytest.raises(NodeError, match="values") as failure:
        kept({"a": template}, {})
    assert failure.value.code == "invalid_params"


def test_as_much_as_may_be_is_kept() -> None:
    values = {f"{place:050}": "x" * 512 for place in range(20)}
    assert kept(values, {}) == [values]


def test_values_that_are_no_object_are_a_fault() -> None:
    check = type_of("execution_data").check
    assert [fault.code for fault in check({})] == ["missing"]
    assert [fault.path for fault in check({"values": {"a": [1]}})] == ["values.a"]
