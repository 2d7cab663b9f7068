"""Many items, which go over to JavaScript in parts where that changes nothing."""

from typing import Any

import pytest

from apps.expressions import evaluate
from apps.expressions.errors import ExpressionError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "PART_VALUES", 4)


def values(sandbox: Sandbox, count: int, *sources: str) -> list[Any]:
    params = {str(number): source for number, source in enumerate(sources)}
    scope = Scope(items=[{"json": {"n": n}} for n in range(count)])
    return [list(each.values()) for each in resolve(compile_params(params), scope, sandbox).params]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_parts_give_what_the_whole_gives(sandbox: Sandbox, count: int) -> None:
    wanted = [[n + 1, f"a{n * 2}"] for n in range(count)]
    assert values(sandbox, count, "={{ $json.n + 1 }}", "=a{{ $json.n * 2 }}") == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("={{ $input.all().length + $json.n }}", [6, 7, 8, 9, 10, 11]),
        ("={{ $itemIndex * 1 }}", [0, 1, 2, 3, 4, 5]),
        ("={{ $input.first().json.n + $input.last().json.n }}", [5] * 6),
        ("={{ globalThis.$input.all().length }}", [6] * 6),
        (
            "={{ $evaluateExpression('{{ $json.n }}', 2) + '' + $json.n }}",
            [f"2{n}" for n in range(6)],
        ),
    ],
)
def test_what_looks_at_other_items_sees_them_all(
    sandbox: Sandbox, source: str, wanted: list[Any]
) -> None:
    assert values(sandbox, 6, source) == [[value] for value in wanted]


def test_large_items_go_over_in_smaller_parts(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "PART_VALUES", 1_000)
    monkeypatch.setattr(evaluate, "PART_BYTES", 30)
    asked = []
    ask = evaluate.ask
    monkeypatch.setattr(evaluate, "ask", lambda *given: asked.append(0) or ask(*given))
    assert values(sandbox, 6, "={{ $json.n + 1 }}") == [[n] for n in range(1, 7)]
    assert len(asked) == 6


def test_more_items_than_one_call_can_hold_are_evaluated(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [{"json": {"text": "x" * 20_000}}] * 1_500
    compiled = compile_params({"v": "={{ $json.text.length + 1 }}"})
    monkeypatch.setattr(evaluate, "PART_VALUES", 100)
    resolved = resolve(compiled, Scope(items=items), sandbox, Limits(10, 32))
    assert [each["v"] for each in resolved.params] == [20_001] * 1_500


@pytest.mark.parametrize(
    "code", ["'x'.repeat(1e6)", "[{a: 'x'.repeat(1e6)}]", "({['x'.repeat(1e6)]: $json.n})"]
)
def test_what_all_parts_make_together_is_bounded(sandbox: Sandbox, code: str) -> None:
    compiled = compile_params({"v": f"={{{{ {code} }}}}"})
    scope = Scope(items=[{"json": {"n": n}} for n in range(400)])
    with pytest.raises(ExpressionError, match="What is made for all items is over 64 MB"):
        resolve(compiled, scope, sandbox, Limits(memory_mb=16))
