"""What an expression cannot reach, and what it leaves to nobody."""

from contextlib import suppress
from typing import Any

import pytest

from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.sandbox import Limits, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve

NAMES = (
    {"fetch", "XMLHttpRequest", "WebSocket", "setTimeout", "setInterval", "setImmediate", "std"}
    | {"require", "module", "exports", "process", "global", "Buffer", "Deno", "os", "scriptArgs"}
    | {"importScripts", "host", "luxon", "jmespath"}
)
SCOPE = Scope(items=[{"json": {"n": 1}}, {"json": {"n": 2}}])


def values_of(code: str, sandbox: Sandbox, limits: Limits | None = None) -> list[Any]:
    compiled = compile_params({"v": f"={{{{ {code} }}}}"})
    resolved = resolve(compiled, SCOPE, sandbox, limits or Limits())
    return [params.get("v", "undefined") for params in resolved.params]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_there_is_no_such_name(name: str, sandbox: Sandbox) -> None:
    # Libraries are loaded, and still no name but those of the language leads to them.
    code = f"[DateTime.utc(2000).year, ''.toJsonString(), typeof {name}][2]"
    assert values_of(code, sandbox) == ["undefined"] * 2


@pytest.mark.parametrize(
    "code",
    [
        "(() => {}).constructor('return typeof host + typeof process')()",
        "[].map.constructor('return typeof host + typeof process')()",
        "DateTime.constructor('return typeof host + typeof process')()",
        "$jmespath.constructor('return typeof host + typeof process')()",
        "[''.toJsonString(), ''.ｔoInt.constructor('return typeof host + typeof process')()][1]",
        "(0, eval)('typeof host + typeof process')",
        "$evaluateExpression('{{ typeof host + typeof process }}')",
    ],
)
def test_a_function_made_of_text_reaches_no_further(code: str, sandbox: Sandbox) -> None:
    assert values_of(code, sandbox) == ["undefinedundefined"] * 2


BENT = [
    "Object.prototype.get = Object.prototype.then = () => 1",
    "Array.prototype.map = Array.prototype.push = Array.prototype.join = () => 'bent'",
    "String.prototype.slice = String.prototype.replace = () => 'bent'",
    "Map.prototype.get = () => 'bent', Reflect.apply = () => 'bent'",
    "JSON.stringify = JSON.parse = () => 'bent'",
    "DateTime.fromISO = () => 'bent', Date.prototype.toString = () => 'bent'",
    "delete Object.prototype.ｔoJsonString, ''.toJsonString",
    "Object.defineProperty(globalThis, '$json', {get: () => 'bent'})",
    "Object.freeze(globalThis)",
]
PROBE = """[[$json.n].map(x => x + 1), DateTime.fromISO('2024-03-15').toISODate(),
    `${new Date(0)}`.slice(0, 3), 'a'.toJsonString(), new Date(0).toLocaleDateString('en-CA')]"""


@pytest.mark.parametrize("code", BENT)
def test_what_is_bent_is_straight_in_the_next_call(code: str, sandbox: Sandbox) -> None:
    with suppress(ExpressionError):  # it may fail by what it did
        values_of(code, sandbox)
    assert values_of(PROBE, sandbox) == [
        [[n + 1], "2024-03-15", "Thu", '"a"', "1970-01-01"] for n in (1, 2)
    ]


@pytest.mark.parametrize(
    "code",
    [
        "'a'.repeat(1e5).extractEmail()",
        "'<'.repeat(1e5).removeTags().length > 1",
        "'a.'.repeat(1e3).isDomain()",
        "'*'.repeat(1e3).removeMarkdown()",
        "(1e308).round(300)",
        "(2n ** 4000n).toLocaleString().length",
        "Array.from({length: 1e4}, (_, i) => i).chunk(1).length",
    ],
)
def test_methods_end_soon_whatever_they_are_given(code: str, sandbox: Sandbox) -> None:
    values_of(code, sandbox, Limits(wall_s=5))  # the limit would raise


def test_a_greedy_method_is_stopped(sandbox: Sandbox) -> None:
    with pytest.raises(JavaScriptError) as caught:
        values_of("'x'.repeat(2e7).hash('sha512')", sandbox, Limits(wall_s=0.5))
    assert caught.value.code in ("js_timeout", "js_memory")


@pytest.mark.parametrize("kind", ["part", "zone", "locale", "names", "node", "items", "nonsense"])
def test_needs_that_nobody_has_are_refused_and_not_met(kind: str, sandbox: Sandbox) -> None:
    # Whoever could forge the answer asks for what no prelude would.
    class Forging(Sandbox):
        def call(self, *args: Any, **kwargs: Any) -> Any:
            return {"needs": [[kind, {"a": 1}, None, -1, "/-1"], [kind, 5], [kind]]}

    with pytest.raises(JavaScriptError):
        values_of("1 + 1", Forging(size=1))


@pytest.mark.parametrize("missing", [[2], [-1], ["0"], [None], [[]]])
def test_an_answer_that_no_prelude_gives_is_refused(missing: list[Any], sandbox: Sandbox) -> None:
    class Forging(Sandbox):
        def call(self, *args: Any, **kwargs: Any) -> Any:
            return {"values": [1, 2], "undefined": missing}

    with pytest.raises(JavaScriptError, match="cannot be read"):
        values_of("1 + 1", Forging(size=1))


def test_what_the_prelude_fails_with_is_told_without_its_places(sandbox: Sandbox) -> None:
    code = (
        "Object.keys = () => { throw new Error('bent') }, (() => { try { $('X' + 1) } catch {} })()"
    )
    with pytest.raises(ExpressionError) as caught:
        values_of(code, sandbox)
    assert caught.value.message == "v, item 0: Error: bent"
