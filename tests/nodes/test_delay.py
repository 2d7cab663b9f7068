"""Delay: until when it waits, and what it passes on."""

from datetime import timedelta
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.outcomes import Done, Wait
from tests.nodes.twins import (
    NOW,
    MemoryAttempt,
    make_call,
    outputs_of,
    run_step,
    sources_of,
    type_of,
)


@pytest.mark.parametrize(
    ("params", "wait_s"),
    [
        ({"seconds": "={{ $json.n }}"}, 90),  # of the first item
        ({"seconds": 0.5}, 0.5),
        ({"seconds": 3_660 * 86_400}, 3_660 * 86_400),
        ({"until": "2026-03-01T14:30:00"}, 1800),  # Riga is two hours ahead of UTC
        ({"until": "2026-03-01T12:30:00Z"}, 1800),
        ({"until": "={{ $now.plus(90, 'seconds').toISO() }}"}, 90),
    ],
)
def test_a_delay_waits_until_a_moment(params: dict[str, Any], wait_s: float) -> None:
    outcome = run_step(type_of("delay"), params, [{"n": 90}, {"n": 7}]).outcome
    assert outcome == Wait("delay", NOW + timedelta(seconds=wait_s))


@pytest.mark.parametrize("params", [{"seconds": 0}, {"until": "2026-03-01T12:00:00Z"}])
def test_a_moment_that_is_here_is_not_waited_for(params: dict[str, Any]) -> None:
    given = outputs_of("delay", params, [{"n": 1}, Item({"n": 2}, {"f": {"id": "x"}})])["main"]
    assert sources_of(given) == [[0], [1]]
    assert [item.binary for item in given] == [None, {"f": {"id": "x"}}]


def test_a_delay_that_is_over_passes_its_items_on() -> None:
    for takes in ([{"n": 1}, {"n": 2}], []):
        call = make_call(type_of("delay"), {"seconds": 5}, takes)
        outcome = type_of("delay").resume(call, MemoryAttempt())
        assert isinstance(outcome, Done)
        assert [item.json for item in outcome.outputs["main"]] == takes
        assert sources_of(outcome.outputs["main"]) == [[place] for place in range(len(takes))]


def test_a_delay_of_more_than_ten_years_is_refused() -> None:
    with pytest.raises(NodeError, match="ten years") as failure:
        run_step(type_of("delay"), {"until": "2999-01-01"})
    assert failure.value.code == "too_late"


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, ""),
        ({"seconds": 1, "until": "2026-03-01"}, ""),
        ({"seconds": -1}, "seconds"),
        ({"seconds": 1e12}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"seconds": "1"}, "seconds"),
        ({"until": "soon"}, "until"),
        ({"until": 5}, "until"),
    ],
)
def test_what_is_no_time_is_a_fault(params: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in type_of("delay").check(params)] == [path]


@pytest.mark.parametrize("when", ["soon", None, [], {}, "", -1, 1e300])
def test_a_time_of_an_item_that_is_none_is_a_named_error(when: Any) -> None:
    for name in ("seconds", "until"):
        with pytest.raises(NodeError) as failure:
            run_step(type_of("delay"), {name: "={{ $json.when }}"}, [{"when": when}])
        assert failure.value.code in ("invalid_params", "too_late")


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31T23:59:59-12:00"])
def test_a_moment_at_the_end_of_all_time_is_a_named_error(until: str) -> None:
    with pytest.raises(NodeError) as failure:
        outputs_of("delay", {"until": until})
    assert failure.value.code in ("invalid_date", "invalid_params", "too_late")
