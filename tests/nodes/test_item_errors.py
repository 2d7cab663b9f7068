"""A node that goes on after errors: the items that fail bear them, the others pass."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError, Retry
from apps.engine.items import Item, Items, Json, Paired
from apps.engine.outcomes import Done
from apps.expressions.limits import Limits
from apps.nodes.context import Services, StepContext, bound
from apps.nodes.contract import Answer, Example, node
from apps.nodes.params import NoParams
from apps.nodes.registry import library
from tests.nodes.outside import CredentialsByType
from tests.nodes.twins import (
    MemoryAttempt,
    StubHttp,
    going_on,
    make_call,
    outputs_of,
    sources_of,
)

NUMBER = {"assignments": [{"name": "n", "type": "number", "value": "={{ $json.text }}"}]}


def run(
    type: str,
    params: dict[str, Json],
    takes: list[Json],
    on_error: OnError,
    *,
    retries_left: int = 0,
    retry_on: tuple[str, ...] = (),
    nodes: dict[str, list[Json]] | None = None,
) -> tuple[Done, MemoryAttempt]:
    spec = library().find(type, 1)
    assert spec is not None
    node = Node(
        "n1", type, "Step", params, on_error=on_error, retry=Retry(count=3, on=list(retry_on))
    )
    call = make_call(spec, params, takes, node=node, retries_left=retries_left, nodes=nodes)
    attempt = MemoryAttempt()
    outcome = spec.prepare(call).run(attempt)
    assert isinstance(outcome, Done)
    return outcome, attempt


def codes(items: Items) -> list[Any]:
    return [item.json.get("error", {}).get("code") for item in items]


def test_an_item_that_fails_goes_on_with_its_error_in_its_place() -> None:
    takes = [{"text": "1"}, {"text": "one"}, {"text": "3"}]
    outcome, attempt = run("set_fields", NUMBER, takes, "continue")
    items = outcome.outputs["main"]
    assert [item.json.get("n") for item in items] == [1, None, 3]
    assert items[1].json["text"] == "one"
    assert codes(items) == [None, "invalid_params", None]
    assert [pair.item for item in items for pair in item.paired or ()] == [0, 1, 2]
    assert outcome.error is None
    assert attempt.lines[0][1].startswith("1 of 3 items failed.")


def test_items_that_fail_leave_by_the_output_for_errors() -> None:
    outcome, _ = run("set_fields", NUMBER, [{"text": "1"}, {"text": "one"}], "route")
    assert [item.json for item in outcome.outputs["main"]] == [{"text": "1", "n": 1}]
    assert codes(outcome.outputs["error"]) == ["invalid_params"]


def test_the_step_has_failed_where_every_item_did() -> None:
    outcome, _ = run("set_fields", NUMBER, [{"text": "a"}, {"text": "b"}], "route")
    assert outcome.error is not None
    assert outcome.error.code == "invalid_params"
    assert len(outcome.outputs["error"]) == 2


def test_one_failed_item_fails_a_step_that_is_to_stop() -> None:
    with pytest.raises(NodeError):
        run("set_fields", NUMBER, [{"text": "1"}, {"text": "one"}], "stop")


CALL = {"url": "https://api.test/"}
BUSY = [Answer(200, {}), Answer(503, {})]


def test_an_error_that_is_tried_again_fails_the_attempt_while_retries_are_left() -> None:
    with bound(Services(transport=StubHttp(BUSY))), pytest.raises(NodeError) as failure:
        run("http_call", CALL, [{}, {}], "continue", retries_left=1)
    assert failure.value.code == "http_status"


@pytest.mark.parametrize(
    "more",
    [
        {"retries_left": 0},  # the last attempt
        {"retries_left": 1, "retry_on": ("timeout",)},  # another error is waited for
    ],
)
def test_an_error_that_is_not_tried_again_is_the_items_own(more: Any) -> None:
    with bound(Services(transport=StubHttp(BUSY))):
        outcome, _ = run("http_call", CALL, [{}, {}], "continue", **more)
    assert codes(outcome.outputs["main"]) == [None, "http_status"]


SLACK: dict[str, Json] = {"credential": "c", "channel": "C0123456789", "text": "Hi"}
SENT = Answer(200, {"ok": True, "channel": "C0123456789", "ts": "1.1"})


@pytest.fixture
def bot() -> CredentialsByType:
    return CredentialsByType({"slack": {"bot_token": "xoxb-1"}})


@pytest.mark.parametrize("retries_left", [0, 1])
def test_what_is_done_once_is_not_tried_again_where_an_item_was_done(
    bot: CredentialsByType, retries_left: int
) -> None:
    http = StubHttp([SENT, Answer(503, {})])
    with bound(Services(transport=http, credentials=bot)):
        outcome, attempt = run("slack", SLACK, [{}, {}], "continue", retries_left=retries_left)
    assert [code is None for code in codes(outcome.outputs["main"])] == [True, False]
    assert any("would be done again" in text for _, text in attempt.lines) == bool(retries_left)


def test_a_step_that_stops_asks_for_no_retry_where_an_item_was_done(bot: CredentialsByType) -> None:
    http = StubHttp([SENT, Answer(503, {})])
    with (
        bound(Services(transport=http, credentials=bot)),
        pytest.raises(NodeError) as failure,
    ):
        run("slack", SLACK, [{}, {}], "stop", retries_left=1)
    assert not failure.value.retryable


def test_what_is_done_once_is_tried_again_where_nothing_was_done(bot: CredentialsByType) -> None:
    http = StubHttp([Answer(503, {})])
    with (
        bound(Services(transport=http, credentials=bot)),
        pytest.raises(NodeError) as failure,
    ):
        run("slack", SLACK, [{}, {}], "continue", retries_left=1)
    assert failure.value.retryable


def halves(items: Items, params: list[NoParams], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Gives half of each even number, twice; there is none of odd ones."""
    try:
        for item in items:
            n = item.json["n"]
            ctx.log("info", f"{n}")
            error = NodeError("odd", "An odd number has no half.")
            yield error if n % 2 else [Item({"n": n // 2})] * 2
    finally:
        ctx.log("info", "closed")


HALVES = node(
    type="halves", label="", group="actions", icon="", each="results", examples=[Example()]
)(halves)


def run_halves(numbers: list[int], on_error: OnError) -> tuple[Done, MemoryAttempt]:
    node = Node("n1", "halves", "Step", {}, on_error=on_error)
    attempt = MemoryAttempt()
    call = make_call(HALVES, {}, [{"n": n} for n in numbers], node=node)
    outcome = HALVES.prepare(call).run(attempt)
    assert isinstance(outcome, Done)
    return outcome, attempt


def test_a_function_of_all_items_says_what_came_of_each() -> None:
    outcome, _ = run_halves([2, 3, 4], "continue")
    items = outcome.outputs["main"]
    assert codes(items) == [None, None, "odd", None, None]
    assert [pair.item for item in items for pair in item.paired or ()] == [0, 0, 1, 2, 2]
    assert outcome.error is None


def test_a_function_of_all_items_is_left_where_the_first_fails() -> None:
    attempt = MemoryAttempt()
    call = make_call(HALVES, {}, [{"n": 2}, {"n": 3}, {"n": 4}])
    with pytest.raises(NodeError, match="no half") as failure:
        HALVES.prepare(call).run(attempt)
    # Also while somebody holds the error, and with it the step's frames.
    assert [text for _, text in attempt.lines] == ["2", "3", "closed"], failure


def test_a_step_has_not_failed_if_one_item_came_to_nothing() -> None:
    nothing: list[Json] = [{"n": 1}]

    def pick(items: Items, params: list[NoParams], ctx: StepContext) -> Iterator[Items | NodeError]:
        """Gives nothing for the first item and fails for the second."""
        yield []
        yield NodeError("no", "No.")

    type = node(
        type="pick", label="", group="actions", icon="", each="results", examples=[Example()]
    )(pick)
    step = Node("n1", "pick", "Step", {}, on_error="continue")
    outcome = type.prepare(make_call(type, {}, nothing * 2, node=step)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    assert outcome.error is None


def error_of(type: str, params: dict[str, Json], takes: list[Json]) -> NodeError:
    with pytest.raises(NodeError) as failure:
        run(type, params, takes, "stop")
    return failure.value


DATE = {"operation": "format", "value": "={{ $json.text }}"}


@pytest.mark.parametrize(("type", "params"), [("set_fields", NUMBER), ("date_time", DATE)])
def test_the_error_that_stops_a_step_says_which_item_it_is_of(
    type: str, params: dict[str, Json]
) -> None:
    takes: list[Json] = [{"text": "2026"}, {"text": "2026"}, {"text": "one"}]
    assert error_of(type, params, takes).message.startswith("Item 2: ")
    assert "tem 0" not in error_of(type, params, takes[2:]).message  # which else?


def test_an_error_that_says_its_item_says_it_once() -> None:
    params = {"assignments": [{"name": "n", "value": "={{ $('Nobody').item.json.n }}"}]}
    assert not error_of("set_fields", params, [{}, {}]).message.startswith("Item")


def test_the_item_is_all_that_is_added_to_an_error() -> None:
    answers = [Answer(200, {}), Answer(429, {}, {"Retry-After": "7"})]
    with bound(Services(transport=StubHttp(answers))):
        error = error_of("http_call", CALL, [{}, {}])
    assert error.message.startswith("Item 1: ")
    assert (error.code, error.retryable, error.retry_after_s) == ("http_status", True, 7)


def test_the_log_says_what_was_done_before_an_item_failed() -> None:
    spec, attempt = library().find("http_call", 1), MemoryAttempt()
    assert spec is not None
    with bound(Services(transport=StubHttp(BUSY))), pytest.raises(NodeError):
        spec.prepare(make_call(spec, CALL, [{}, {}, {}])).run(attempt)
    [(level, line)] = attempt.lines
    assert level == "warn"
    assert line.startswith("1 of 3 items were done before item 1 failed; they are not undone")


def test_nothing_is_said_of_what_nothing_was_done_before() -> None:
    spec, attempt = library().find("http_call", 1), MemoryAttempt()
    assert spec is not None
    with bound(Services(transport=StubHttp(BUSY[1:]))), pytest.raises(NodeError):
        spec.prepare(make_call(spec, CALL, [{}, {}])).run(attempt)
    assert attempt.lines == []


@pytest.mark.parametrize(
    ("type", "params", "good", "bad", "code"),
    [
        ("set_fields", NUMBER, {"text": "1"}, {"text": "one"}, "invalid_params"),
        ("markdown", {"value": "={{ $json.v }}"}, {"v": "a"}, {"v": 5}, "no_text"),
        ("xml", {"value": "={{ $json.v }}"}, {"v": "<a/>"}, {"v": "<a>"}, "invalid_xml"),
        ("split_out", {"split": "={{ $json.v }}"}, {"v": ["v"]}, {"v": 5}, "invalid_params"),
        (
            "jwt",
            {"operation": "decode", "token": "={{ $json.v }}"},
            {"v": "e30.e30."},
            {"v": "e30"},
            "invalid_token",
        ),
    ],
)
def test_one_item_of_several_that_fails_leaves_the_others_their_work(
    type: str, params: dict[str, Json], good: Json, bad: Json, code: str
) -> None:
    outcome = going_on(type, params, "route", [good, bad, good])
    assert sources_of(outcome.outputs["main"]) == [[0], [2]]
    assert sources_of(outcome.outputs["error"]) == [[1]]
    assert outcome.outputs["error"][0].json["error"]["code"] == code
    with pytest.raises(NodeError, match=r"^Item 1: ") as failure:
        outputs_of(type, params, [good, bad, good])
    assert failure.value.code == code


THROWS = "if ($json.n === 2) throw new Error('no'); return $json"
GIVES_NO_OBJECT = "return $json.n === 2 ? 5 : $json"
REJECTS = "await null; if ($json.n === 2) throw new Error('no'); return $json"
MAPS_NO_OBJECT = {"language": "json", "mapping": "={{ $json.n === 2 ? 5 : $json }}"}
TAKES: list[Json] = [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"code": THROWS}, "js_error"),
        ({"code": REJECTS}, "js_error"),
        ({"code": GIVES_NO_OBJECT}, "no_object"),
        ({"code": "return $json.n === 2 ? { json: 5 } : $json"}, "no_object"),
        ({"code": "return $json.n === 2 ? 10n : $json"}, "no_object"),
        ({"code": "const o = {}; o.o = o; return $json.n === 2 ? o : $json"}, "js_error"),
        ({"code": "return $json.n === 2 ? $('X').item : $json"}, "expression_unknown_node"),
        (MAPS_NO_OBJECT, "no_object"),
    ],
)
@pytest.mark.parametrize("on_error", ["route", "continue"])
def test_an_item_whose_code_fails_leaves_the_others_theirs(
    params: dict[str, Json], code: str, on_error: OnError
) -> None:
    outcome, _ = run("transform", {"mode": "each", **params}, TAKES, on_error)
    items = outcome.outputs["main"]
    if on_error == "route":
        assert sources_of(items) == [[0], [2]]
        [failed] = outcome.outputs["error"]
    else:
        assert codes(items) == [None, code, None]
        failed = items[1]
    assert (failed.json["n"], failed.json["error"]["code"], failed.paired) == (
        2,
        code,
        (Paired(1),),
    )
    assert outcome.error is None


@pytest.mark.parametrize("params", [{"code": THROWS}, {"code": GIVES_NO_OBJECT}, MAPS_NO_OBJECT])
def test_code_that_stops_a_step_says_which_item_it_failed_for(params: dict[str, Json]) -> None:
    of_each: dict[str, Json] = {"mode": "each", **params}
    assert error_of("transform", of_each, TAKES).message.startswith("Item 1: ")
    assert "tem 0" not in error_of("transform", of_each, TAKES[1:2]).message


def test_code_that_fails_for_every_item_fails_the_step() -> None:
    outcome, _ = run("transform", {"mode": "each", "code": "null.x"}, TAKES, "route")
    assert outcome.error is not None
    assert outcome.error.code == "js_error"
    assert len(outcome.outputs["error"]) == 3


def test_code_over_all_items_fails_for_all_of_them() -> None:
    with pytest.raises(NodeError, match=r"^Error: no \(line 1\)$"):
        run("transform", {"code": "throw new Error('no')"}, TAKES, "route")


@pytest.mark.parametrize(
    ("code", "error", "wall_s"),
    [
        ("for (;;);", "js_timeout", 1),
        ("const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)", "js_memory", 60),
        ("throw new Error('x'.repeat(2000))", "js_output_too_large", 60),
    ],
)
def test_limits_of_code_are_those_of_all_items_together(code: str, error: str, wall_s: int) -> None:
    limits = Limits(wall_s=wall_s, memory_mb=64, output_mb=1)
    many: list[Json] = [{"n": 1}, *[{"n": 2}] * 2_000]
    params: dict[str, Json] = {"mode": "each", "code": f"if ($json.n === 2) {{ {code} }}"}
    with bound(Services(code_limits=limits)), pytest.raises(NodeError) as failure:
        run("transform", params, many, "continue")
    assert failure.value.code == error
