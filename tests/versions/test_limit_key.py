"""The key of a concurrency limit: read at the door, so it can neither fail nor take long."""

import tracemalloc
from typing import Any
from uuid import uuid4

import pytest

from apps.engine.graph import Concurrency
from apps.versions.limit_key import MAX_KEY, limit_key_of
from apps.versions.validate import validate
from tests.graphs import chain


def told_of(key: str) -> list[tuple[str, str]]:
    graph = chain("start", "end", concurrency={"limit": 1, "key": key})
    return [(fault.path, fault.code) for fault in validate(graph, uuid4()).errors]


def key_of(template: str, given: Any) -> str:
    return limit_key_of(Concurrency(1, template), [{"json": given}])


@pytest.mark.parametrize(
    "key",
    ["one", "=one", "={{ $json.a }}", "={{ $json['a b'][0].c }}", "=c-{{ $json.a }}/{{$json.b}}"],
)
def test_text_and_paths_of_the_first_item_are_keys(key: str) -> None:
    assert told_of(key) == []


@pytest.mark.parametrize(
    "key",
    [
        "={{ $json.a. }}",  # no JavaScript
        "={{ $json.a",  # never closed
        "={{ }}",
        "={{ $json.a.toLowerCase() }}",
        "={{ (() => { for (;;); })() }}",
        "={{ $('start').item.json.a }}",  # nothing has run
        "={{ $workflow.name }}",
        "=ok {{ $json.a }} {{ $now }}",
    ],
)
def test_anything_else_is_a_fault(key: str) -> None:
    assert told_of(key) == [("settings.concurrency.key", "not_a_path")]


@pytest.mark.parametrize(
    ("template", "given", "key"),
    [
        ("={{ $json.a }}", {"a": "Ada"}, "Ada"),
        ("={{ $json.a }}", {"a": 7}, "7"),
        ("={{ $json.a }}", {"a": True}, "true"),
        ("={{ $json.a }}", {"a": [1, "x"]}, "1,x"),
        ("=c-{{ $json.a }}/{{ $json.b }}", {"a": 1, "b": "x"}, "c-1/x"),
        ("one", {}, "one"),
        ("={{ $json.a }}", {"a": None}, ""),
        ("={{ $json.a.b }}", {}, ""),
        ("={{ $json.a[0] }}", {"a": "\U0001f600"}, "\ufffd"),  # half a character
        ("={{ $json.a }}", {"a": "a\x00\ud83d"}, "a\ufffd\ufffd"),
        ("={{ $json.a }}", {"a": "x" * 1_000}, "x" * MAX_KEY),
        ("={{ $json.a.toLowerCase() }}", {"a": "x"}, ""),  # of a version from before the rule
    ],
)
def test_a_key_is_the_text_of_what_it_names(template: str, given: Any, key: str) -> None:
    assert key_of(template, given) == key


def test_a_run_that_begins_with_no_items_has_an_empty_key() -> None:
    assert limit_key_of(Concurrency(1, "={{ $json.a }}"), []) == ""


def test_a_long_value_that_is_named_again_and_again_takes_its_own_memory_at_most() -> None:
    given = {"a": "x" * 1_000_000}
    tracemalloc.start()
    key = key_of("=" + "{{$json.a}}" * 100, given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert key == "x" * MAX_KEY
    assert peak < 5_000_000
