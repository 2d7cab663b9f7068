"""Hostile JavaScript ends as it must, and leaves nothing behind."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from tests.expressions.hostile import (
    BOMBS,
    CLEAN,
    HASTY,
    PATIENT,
    PROBE,
    SNIPPETS,
    Snippet,
    outcome_of,
)


@pytest.fixture(scope="module")
def alone() -> Iterator[Sandbox]:
    """A pool of one process, which so serves the probe after the snippet, if it lives."""
    sandbox = Sandbox(size=1)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_a_snippet_ends_as_it_must_and_leaves_nothing(snippet: Snippet, alone: Sandbox) -> None:
    outcome, told = outcome_of(snippet.code, alone, snippet.limits)
    assert outcome in snippet.ends, told
    assert not re.search(r"root:|/home|Traceback", str(told))
    assert outcome_of(PROBE, alone) == ("value", CLEAN)


def test_a_bomb_says_that_it_was_memory(alone: Sandbox) -> None:
    _, told = outcome_of(BOMBS[0].code, alone, BOMBS[0].limits)
    assert told == "The JavaScript needed more than 64 MB of memory."


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("=a {{ ({[Symbol.toPrimitive]() { for (;;); }}) }}", "js_timeout"),
        ("=a {{ ({toString() { throw {get message() { for (;;); }} }}) }}", "js_timeout"),
        ("={{ (() => { throw new Proxy({}, {get() { for (;;); }}) })() }}", "js_timeout"),
        ("={{ new Proxy({}, {ownKeys() { for (;;); }}) }}", "js_timeout"),
        ("={{ ({toJSON() { for (;;); }}) }}", "js_timeout"),
        ("={{ /^(a+)+$/.test('a'.repeat(40) + '!') }}", "js_timeout"),
        ("={{ 'x'.repeat(2 ** 26).split('') }}", "js_memory"),
        ("=a {{ 'x'.repeat(5e6) }}", "js_output_too_large"),
    ],
)
def test_a_hostile_expression_ends_as_it_must(expression: str, code: str, alone: Sandbox) -> None:
    scope = Scope(items=[{"json": {}}, {"json": {}}])
    limits = HASTY if code == "js_timeout" else PATIENT
    with pytest.raises(JavaScriptError) as caught:
        resolve(compile_params({"value": expression}), scope, alone, limits)
    assert caught.value.code == code
    assert outcome_of(PROBE, alone) == ("value", CLEAN)


def test_an_item_that_spoils_the_names_spoils_them_for_no_other_step(alone: Sandbox) -> None:
    spoil = "={{ Object.defineProperty(globalThis, '$json', {get: () => 1}) && $json }}"
    scope = Scope(items=[{"json": {"n": n}} for n in range(3)])
    with suppress(ExpressionError):
        resolve(compile_params({"value": spoil}), scope, alone, PATIENT)
    told = resolve(compile_params({"value": "={{ $json.n + 0 }}"}), scope, alone, PATIENT)
    assert [params["value"] for params in told.params] == [0, 1, 2]


@pytest.mark.parametrize("throw", ["throw null", "return Promise.reject(null)"])
def test_null_may_be_thrown_and_is_not_taken_for_a_lack_of_memory(
    throw: str, alone: Sandbox
) -> None:
    assert outcome_of(throw, alone) == ("js_error", "null")
