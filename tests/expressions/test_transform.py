"""A Transform node's code: what it sees, what it may return, how it fails."""

import re
from contextlib import suppress
from typing import Any

import pytest

from apps.expressions import child
from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.history import MemoryHistory
from apps.expressions.limits import DEFAULT_LIMITS, Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import TransformResult, check_code, transform
from apps.expressions.values import UNDEFINED

SCOPE = Scope(
    items=[{"json": {"n": 1}}, {"json": {"n": 2}}],
    history=MemoryHistory({"X": [{"json": {"a": "x0"}}, {"json": {"a": "x1"}}]}),
)


def all_of(code: str, sandbox: Sandbox, limits: Limits | None = None) -> TransformResult:
    return transform(code, SCOPE, sandbox, mode="all", limits=limits or Limits(wall_s=2))


def each_of(code: str, sandbox: Sandbox) -> TransformResult:
    return transform(code, SCOPE, sandbox, mode="each")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return items.map(item => item.json.n)", [1, 2]),
        ("return $input.all().length + $input.first().json.n + $input.last().json.n", 5),
        ("const items = $input.all(); return items[1].json", {"n": 2}),
        ("return $json", {"n": 1}),  # in mode all: the first item's
        ("return $('X').all().map(item => item.json.a)", ["x0", "x1"]),
        ("const name = 'X'; return $(name).first().json.a", "x0"),
        ("return null", None),
        ("return", UNDEFINED),
        ("", UNDEFINED),
        ("return () => 1", UNDEFINED),
        ("return {a: undefined, b: () => 1, c: [undefined]}", {"c": [None]}),
        ("return new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("return -0", 0),
        ("return [NaN, 1/0, 1e21, 0.1]", [None, None, 1e21, 0.1]),
        ("return await 5", 5),
        ("return await Promise.all([1, Promise.resolve(2)])", [1, 2]),
        ("return (async () => { await null; return 6 })()", 6),
        ("return {then(done) { done(7) }}", 7),
        ("// nothing to see\nreturn 1 // here", 1),
        ("return '\\ud800\\u0000'", "\ud800\x00"),
        ("return typeof require + typeof process + typeof setTimeout", "undefined" * 3),
        ("function helper() { return 8 } return helper()", 8),
        ("'use strict'; return 9", 9),
    ],
)
def test_what_code_returns(code: str, expected: Any, sandbox: Sandbox) -> None:
    assert all_of(code, sandbox).value == expected


def test_mode_each_runs_for_every_item(sandbox: Sandbox) -> None:
    code = (
        "if ($json.n === 2) return; return {n: $json.n * 2, i: $itemIndex, x: $('X').item.json.a}"
    )
    assert each_of(code, sandbox).value == [{"n": 2, "i": 0, "x": "x0"}, UNDEFINED]


def test_mode_each_awaits_one_item_after_the_other(sandbox: Sandbox) -> None:
    code = "const n = $json.n; await null; return [n, $json.n, $input.item.json.n]"
    assert each_of(code, sandbox).value == [[1, 1, 1], [2, 2, 2]]


def test_mode_each_without_items_gives_nothing(sandbox: Sandbox) -> None:
    assert transform("return 1", Scope(items=[]), sandbox, mode="each").value == []


def said(code: str, sandbox: Sandbox, limits: Limits = DEFAULT_LIMITS) -> list[tuple[str, str]]:
    """What code tells its console, whatever becomes of it."""
    lines: list[tuple[str, str]] = []
    with suppress(JavaScriptError, ExpressionError):
        transform(
            code,
            SCOPE,
            sandbox,
            mode="all",
            limits=limits,
            log=lambda level, text: lines.append((level, text)),
        )
    return lines


def test_console_goes_to_the_log(sandbox: Sandbox) -> None:
    code = "console.log('a', 1, {b: [2]}); console.warn(undefined); console.error(new Error('no'))"
    lines = [("info", 'a 1 {"b":[2]}'), ("warn", "undefined"), ("error", "Error: no")]
    assert said(code, sandbox) == lines


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("const o = {a: [1]}; o.self = o; o.a.push(o.a); console.log(o)",
         [("info", '{"a":[1,"[circular]"],"self":"[circular]"}')]),
        ("const twice = {}; console.log([twice, twice])", [("info", "[{},{}]")]),
        ("console.log(new Map([['a', new Set([1])]]), 10n, {n: 10n}, [new TypeError('no')])",
         [("info", '[["a",[1]]] 10n {"n":"10n"} ["TypeError: no"]')]),
        ("const m = new Map(); m.set('m', m); console.log(m)", [("info", '[["m","[circular]"]]')]),
        ("console.log({get a() { throw 1 }})", [("info", "[unreadable]")]),
        ("console.dir({a: 1}, {depth: 0}); console.table([1], ['a'])",
         [("info", '{"a":1}'), ("info", "[1]")]),
        ("console.assert(1, 'x'); console.assert(0, 'y')", [("error", "Assertion failed y")]),
        ("console.count(); console.count('a'); console.count(); console.countReset()",
         [("info", "default: 1"), ("info", "a: 1"), ("info", "default: 2")]),
        ("console.group('g'); console.groupCollapsed(); console.groupEnd(); console.clear()",
         [("info", "g"), ("info", "")]),
    ],
)  # fmt: skip
def test_console_shows_what_it_is_given(
    code: str, lines: list[tuple[str, str]], sandbox: Sandbox
) -> None:
    assert said(code, sandbox) == lines


def test_console_tells_how_long_something_took(sandbox: Sandbox) -> None:
    lines = said("console.time('a'); console.timeLog('a', 1); console.timeEnd('a')", sandbox)
    assert [re.sub(r"\d+ ms", "n ms", text) for _, text in lines] == ["a: n ms 1", "a: n ms"]


@pytest.mark.parametrize(
    "end",
    [
        "throw new Error('x')",
        "return await Promise.reject(1)",
        "return $('Nobody').first()",
        "return '0'.repeat(2e6)",
        "return {toJSON() { return '0'.repeat(2e6) }}",
        "for (;;);",
        "await new Promise(() => {})",
        "const all = []; for (;;) all.push('0'.repeat(1e6) + all.length)",
    ],
)
def test_what_code_said_before_it_failed_goes_to_the_log(
    end: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "GRACE_S", 10)  # the engine gives up first, also on a busy machine
    limits = Limits(wall_s=3, output_mb=1)
    assert said(f"console.log('here'); {end}", sandbox, limits) == [("info", "here")]


def test_what_code_says_goes_to_the_log_once_though_it_is_run_again(sandbox: Sandbox) -> None:
    code = "console.log('here'); const name = 'X'; return $(name).first().json.a"
    assert said(code, sandbox) == [("info", "here")]


def test_console_is_bounded(sandbox: Sandbox) -> None:
    lines = said("for (let i = 0; i < 1e4; i++) console.log('x'.repeat(1e4)); return 1", sandbox)
    assert (len(lines), max(len(text) for _, text in lines)) == (200, 2000)
    assert lines[-1][1] == "More output was left out."


def test_an_error_tells_line_column_and_item(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError, match=r"TypeError: .* \(line 2\)") as caught:
        each_of("const x = $json.n\nif (x === 2) null.boom", sandbox)
    error = caught.value
    assert (error.code, error.line, error.item_index) == ("js_error", 2, 1)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("return 1 +\n  'ä ö'.nothing('x')", "TypeError: nothing is not a function (line 2)"),
        ("const f = 5; f(1)", "TypeError: f is not a function (line 1)"),
        ("return $json.n?.gone()", "TypeError: gone is not a function (line 1)"),
        # What is called here is something else than what stands there.
        ("return [1].map(5)", "TypeError: not a function (line 1)"),
        ("return $json['gone'](1)", "TypeError: not a function (line 1)"),
    ],
)
def test_what_is_no_function_is_named(code: str, message: str, sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        all_of(code, sandbox)
    assert caught.value.message == message
    assert caught.value.hint is None


def test_a_method_that_only_expressions_have_is_told_as_such(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError, match="toTitleCase is not a function") as caught:
        all_of("return 'a'.toTitleCase()", sandbox)
    assert caught.value.hint is not None
    assert "Expressions have" in caught.value.hint


def test_an_error_after_an_await_tells_its_item(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError, match="no way") as caught:
        each_of("await null; if ($itemIndex) throw new Error('no way')", sandbox)
    assert caught.value.item_index == 1


@pytest.mark.parametrize(
    "thrown",
    ["{code: 0}", "'text'", "null", "undefined", "Symbol('s')", "{get message() { throw 1 }}"],
)
def test_anything_may_be_thrown(thrown: str, sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        all_of(f"throw {thrown}", sandbox)
    assert caught.value.code == "js_error"


@pytest.mark.parametrize(
    "code",
    [
        "return ]",
        "a b",
        "}); globalThis.x = 1; (function () { return 2",
        "} + function () {",
        "} [x] = {",
        "}, other() {",
        "}}; ({ body() {",
        "return 1 }",
        "/*",
        "return `",
        "} //",
    ],
)
def test_what_is_no_body_by_itself_does_not_run(code: str, sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        all_of(code, sandbox)
    assert caught.value.code == "js_syntax"
    [fault] = check_code([code], sandbox)
    assert fault is not None
    assert fault.code == "js_syntax"


def test_syntax_errors_tell_the_line(sandbox: Sandbox) -> None:
    assert [fault and fault.line for fault in check_code(["return 1", "\n\na b"], sandbox)] == [
        None,
        3,
    ]


def test_unknown_nodes_are_named(sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError, match="no node named 'Nobody'"):
        all_of("return $('Nobody').all()", sandbox)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for (;;);", "js_timeout"),
        ("for (;;) try { for (;;); } catch {}", "js_timeout"),
        ("await (async () => { for (;;) await null })()", "js_timeout"),
        ("return (async () => { try { for (;;); } catch { return 1 } })()", "js_timeout"),
        ("return new Promise(() => {})", "js_timeout"),
        ("Array.prototype.every.call({length: 2**53-1}, () => true)", "js_timeout"),
        ("return /^(a|a)*$/.test('a'.repeat(40) + 'b')", "js_timeout"),
        ("throw {toString() { for (;;); }, get message() { for (;;); }}", "js_timeout"),
        ("Error.prototype.toString = () => { for (;;); }; for (;;);", "js_timeout"),
        ("const a = []; for (;;) a.push('x'.repeat(1e6) + a.length)", "js_memory"),
        ("let s = 'x'; for (;;) s += s", "js_error"),
        ("const a = []; for (;;) a.push(new ArrayBuffer(1e7))", "js_memory"),
        ("return 'x'.repeat(3e6)", "js_output_too_large"),
        ("let o = {}; for (let i = 0; i < 300; i++) o = {o}; return o", "js_output_too_large"),
        ("const o = {}; o.o = o; return o", "js_error"),
        ("const f = () => f() + 1; return f()", "js_error"),
    ],
)
def test_limits_have_names_of_their_own(code: str, expected: str, sandbox: Sandbox) -> None:
    limits = Limits(wall_s=0.3 if expected == "js_timeout" else 5, memory_mb=64, output_mb=1)
    with pytest.raises(JavaScriptError) as caught:
        all_of(code, sandbox, limits)
    assert caught.value.code == expected
    assert all_of("return 1", sandbox).value == 1


CLONED = """
  const a = {d: new Date(0), m: new Map([[1, {x: 1}]]), s: new Set([2]), l: [1, , 3], r: /x/gi};
  a.self = a;
  const b = structuredClone(a);
  a.m.get(1).x = 2; a.l.push(4);
  return [b.self === b, b.d.getTime(), b.m.get(1).x, [...b.s], b.l.length, 1 in b.l, `${b.r}`];
"""


def test_data_are_cloned_whole_and_apart(sandbox: Sandbox) -> None:
    told = transform(CLONED, Scope(items=[]), sandbox, mode="all").value
    assert told == [True, 0, 1, [2], 3, False, "/x/gi"]


def test_what_is_no_data_is_not_cloned(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError, match="A function cannot be cloned"):
        transform("structuredClone({f() {}})", Scope(items=[]), sandbox, mode="all")


def test_base64_is_there(sandbox: Sandbox) -> None:
    code = "return [btoa('abc'), atob('YWJj')]"
    assert transform(code, Scope(items=[]), sandbox, mode="all").value == ["YWJj", "abc"]
