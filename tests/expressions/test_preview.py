"""What an editor shows of a template: its value and type, or what is wrong and where."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.expressions.errors import JavaScriptError
from apps.expressions.history import MemoryHistory
from apps.expressions.limits import Limits
from apps.expressions.preview import Position, Preview, PreviewError, preview
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope

SCOPE = Scope(
    items=[{"json": {"name": "Ada", "n": 1}}, {"json": {"name": "Bob", "n": 2}}],
    history=MemoryHistory({"Start": [{"json": {"id": 7}}]}, not_run=frozenset({"Later"})),
    now=datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
)


def shown(text: str, sandbox: Sandbox, index: int = 0, scope: Scope = SCOPE) -> Preview:
    return preview(text, scope, sandbox, Limits(wall_s=0.5), index)


@pytest.mark.parametrize(
    ("text", "value", "type"),
    [
        ("plain text", "plain text", "string"),
        ("={{ $json.name }}", "Ada", "string"),
        ("={{ $json.n + 1 }}", 2, "number"),
        ("={{ $json.n / 2 }}", 0.5, "number"),
        ("={{ $json.n > 0 }}", True, "boolean"),
        ("={{ null }}", None, "null"),
        ("={{ $json.missing }}", None, "undefined"),
        ("={{ undefined }}", None, "undefined"),
        ("={{ }}", None, "undefined"),
        ("={{ [1, $json.n] }}", [1, 1], "array"),
        ("={{ ({ a: $json.n }) }}", {"a": 1}, "object"),
        ("={{ new Date(0) }}", "1970-01-01T00:00:00.000Z", "date"),
        ("={{ '1970-01-01T00:00:00.000Z' }}", "1970-01-01T00:00:00.000Z", "string"),
        ("=Hello {{ $json.name }}", "Hello Ada", "string"),
        ("=Hello {{ $json.name.length }} and {{ }}", "Hello 3 and ", "string"),
    ],
)
def test_a_value_is_shown_with_its_type(text: str, value: Any, type: str, sandbox: Sandbox) -> None:
    told = shown(text, sandbox)
    assert (told.value, told.type) == (value, type)
    assert (told.rounded, told.swallowed) == (False, None)


@pytest.mark.parametrize("text", ["={{ $json.name }}", "={{ $json.name.slice() }}"])
def test_the_item_that_is_asked_for_is_shown(text: str, sandbox: Sandbox) -> None:
    assert [shown(text, sandbox, index).value for index in (0, 1)] == ["Ada", "Bob"]


def test_only_that_item_is_evaluated(sandbox: Sandbox) -> None:
    text = "={{ $json.n === 1 ? (() => { for (;;); })() : $itemIndex }}"
    assert shown(text, sandbox, 1).value == 1


def test_an_integer_that_javascript_rounded_is_told(sandbox: Sandbox) -> None:
    scope = Scope(items=[{"json": {"big": 2**60 + 1}}])
    assert shown("={{ $json.big + 0 }}", sandbox, scope=scope).rounded
    exact = shown("={{ $json.big }}", sandbox, scope=scope)
    assert (exact.value, exact.rounded) == (2**60 + 1, False)
    assert not shown("={{ null }}", sandbox, scope=scope).rounded


@pytest.mark.parametrize(
    ("text", "value", "place", "word"),
    [
        ("={{ $json.missing.trim() }}", None, 4, "TypeError"),
        ("=a {{ 1 }} b {{ JSON.parse('x') }}", "a 1 b ", 21, "SyntaxError"),
        ("={{\n  $json.n + [1].map(x => gone.x) }}", None, 24, "ReferenceError"),
    ],
)
def test_an_error_that_gave_undefined_is_told_with_its_place(
    text: str, value: Any, place: int, word: str, sandbox: Sandbox
) -> None:
    told = shown(text, sandbox)
    assert told.value == value
    assert told.swallowed is not None
    assert told.swallowed.message.startswith(word)
    assert told.swallowed.position is not None
    assert told.swallowed.position.character == place


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("={{ $json.n +  }}", "expression_syntax", None),
        ("=ä\n{{ $json.name }} {{ 1 + ) }}", "expression_syntax", Position(27, 2, 25)),
        ("=😀{{ '😀ä' + ) }}", "expression_syntax", Position(12, 1, 13)),
        ("={{ '😀ä' + $('Nobody') }}", "expression_unknown_node", Position(11, 1, 12)),
        ("={{ 'a'.toTitleCase() + $('Nobody') }}", "expression_unknown_node", Position(24, 1, 25)),
        ("={{ $json.n", "expression_syntax", Position(1, 1, 2)),
        ("={{ const a = 1; a b }}", "expression_syntax", Position(19, 1, 20)),
        ("={{ $('Nobody').item.json.x }}", "expression_unknown_node", Position(4, 1, 5)),
        ("={{ 1 + $('Nobody').first().json.x }}", "expression_unknown_node", Position(8, 1, 9)),
        ("=a{{ 1 }}{{ 2 + $('Later').first() }}", "expression_no_data", Position(27, 1, 28)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    text: str, code: str, position: Position | None, sandbox: Sandbox
) -> None:
    with pytest.raises(PreviewError) as caught:
        shown(text, sandbox)
    [fault] = caught.value.faults
    assert fault.code == code
    if position:
        assert fault.position == position


def test_every_code_that_does_not_parse_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(PreviewError) as caught:
        shown("={{ 1 + }} {{ 2 }} {{ 3 ) }}", sandbox)
    places = [fault.position.character for fault in caught.value.faults if fault.position]
    assert len(places) == 2
    assert places[0] <= 9
    assert places[1] > 22


def test_a_preview_without_end_is_ended(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        shown("={{ (() => { for (;;); })() }}", sandbox)
    assert caught.value.code == "js_timeout"


def test_a_text_without_end_is_not_made(sandbox: Sandbox) -> None:
    scope = Scope(items=[{"json": {"t": "x" * 1_000_000}}])
    with pytest.raises(PreviewError, match="is over 2 MB"):
        preview("=" + "{{ $json.t }}" * 3, scope, sandbox, Limits(memory_mb=2))


@pytest.mark.parametrize("text", ["={{ $json.n +\n }}", "={{ [1].map(x => }}", "={{ const a = }}"])
def test_what_ends_too_soon_is_not_blamed_for_what_nobody_wrote(
    text: str, sandbox: Sandbox
) -> None:
    with pytest.raises(PreviewError, match=r"^it ends too soon$"):
        shown(text, sandbox)
