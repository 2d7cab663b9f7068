"""Plain paths, and what is left to JavaScript."""

from typing import Any

import pytest

from apps.expressions.errors import ExpressionError
from apps.expressions.history import MemoryHistory
from apps.expressions.path import parse_path
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.values import UNDEFINED

DATA = {
    "a": {"b": [10, {"c": "deep"}], "null": None},
    "a b": 1,
    "text": "añ😀z",
    "list": [1, 2, 3],
    "0": "zero",
    "length": 7,
    "big": 2**70 + 1,
}
SCOPE = Scope(
    items=[{"json": DATA}, {"json": {}}],
    history=MemoryHistory(
        {"X": [{"json": {"n": 1}}, {"json": {"n": 2}}], "Y z": [{"json": {"n": 3}}]},
        not_run=frozenset({"Later"}),
    ),
    run_index=4,
    workflow={"id": "w", "name": "Flow"},
)


# Each is answered in Python, and JavaScript gives the same.
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$json.a.b[0]", 10),
        ("$json.a.b[1].c", "deep"),
        ("$json['a b']", 1),
        ('$json["a"].b["0"]', 10),
        ("$json.a.b[9]", UNDEFINED),
        ("$json.missing.deeper", UNDEFINED),
        ("$json?.a?.b?.[1]?.c", "deep"),
        ("$json.a.null", None),
        ("$json.a.null.x", UNDEFINED),
        ("$json.list.length", 3),
        ("$json.length", 7),
        ("$json[0]", "zero"),
        ("$json.text.length", 5),
        ("$json.text[1]", "ñ"),
        ("$json.text[9]", UNDEFINED),
        ("$json.list['01']", UNDEFINED),
        ("$input.item.json.list[2]", 3),
        ("$input.first().json.length", 7),
        ("$input.last().json.length", UNDEFINED),
        ("$('X').item.json.n", 1),
        ("$('X').first().json.n", 1),
        ('$("X").last().json.n', 2),
        ('$node["X"].json.n', 1),
        ("$node.X.json.n", 1),
        ("$node['X'].data.n", 1),
        ("$('Y z').first().json.n", 3),
        ("$itemIndex", 0),
        ("$runIndex", 4),
        ("$workflow.name", "Flow"),
        ("$binary", {}),
    ],
)
def test_a_plain_path_means_what_it_means_in_javascript(
    source: str, expected: Any, sandbox: Sandbox
) -> None:
    path = parse_path(f" {source} ")
    assert path is not None
    assert path.values(SCOPE, [0])[0] == expected
    in_javascript = resolve(compile_params({"v": f"={{{{ ({source}) }}}}"}), SCOPE, sandbox)
    assert in_javascript.params[0].get("v", UNDEFINED) == expected


def test_integers_keep_all_their_digits() -> None:
    path = parse_path("$json.big")
    assert path is not None
    assert path.values(SCOPE, [0])[0] == 2**70 + 1


@pytest.mark.parametrize(
    "source",
    [
        "$json.constructor",
        "$json.a.toString",
        "$json['__proto__']",
        "$json.hasOwnProperty",
        "$json.a + 1",
        "$json.a\n",
        "$json.a()",
        "$json[-1]",
        "$json[a]",
        "$json['a\\'b']",
        "$json..a",
        "$jsonx",
        "$('X').item.json.n\n.x",
        "$('X').all()",
        "$('X').json",
        "$node.constructor.json",
        "$now",
        "json.a",
    ],
)
def test_all_else_is_left_to_javascript(source: str) -> None:
    parsed = parse_path(source)
    assert parsed is None or source != source.strip()  # outer space means nothing


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("$('Nobody').item.json.n", "expression_unknown_node"),
        ("$node['Nobody'].json.n", "expression_unknown_node"),
        ("$('Later').first().json.n", "expression_no_data"),
        ("$('Y z').item.json.n", "expression_no_lineage"),
        ("$node['Y z'].json.n", "expression_no_data"),
    ],
)
def test_a_path_to_nowhere_fails_as_it_does_in_javascript(
    source: str, code: str, sandbox: Sandbox
) -> None:
    for template in (f"={{{{ {source} }}}}", f"={{{{ ({source}) }}}}"):
        with pytest.raises(ExpressionError) as caught:
            resolve(compile_params({"v": template}), SCOPE, sandbox)
        assert (caught.value.code, caught.value.path) == (code, "v")
        assert caught.value.message.startswith("v")
