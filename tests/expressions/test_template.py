"""Templates in parameters: types, text, names, errors."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.engine.ports import Previous
from apps.expressions import pieces
from apps.expressions.errors import ExpressionError, JavaScriptError
from apps.expressions.history import MemoryHistory
from apps.expressions.limits import Limits
from apps.expressions.lookup import Lookup
from apps.expressions.pieces import Pieces
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import check, compile_params, resolve

HISTORY = MemoryHistory(
    {
        "X": [{"json": {"n": 1}, "binary": {"f": {"fileName": "a.txt"}}}, {"json": {"n": 2}}],
        "it's": [{"json": {"n": 3}}],
    },
    not_run=frozenset({"Later"}),
)


def scope(*data: dict[str, Any]) -> Scope:
    return Scope(
        items=[{"json": entry} for entry in data or ({},)],
        history=HISTORY,
        now=datetime(2024, 3, 15, 22, 30, tzinfo=UTC),
        timezone="Europe/Riga",
    )


def value_of(template: Any, sandbox: Sandbox, *data: dict[str, Any]) -> Any:
    """The value for the first item; "undefined" where the template gives none."""
    resolved = resolve(compile_params({"v": template}), scope(*data), sandbox)
    return resolved.params[0].get("v", "undefined")


# What a template gives for {"n": 1, "s": "Ab", "o": {"x": [1, null]}}
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ $json.n }}", "{{ $json.n }}"),  # no equals sign: text as it stands
        ("=text", "text"),
        ("=", ""),
        ("={{ $json.n }}", 1),
        ("={{ $json.n }} ", "1 "),
        ("= {{ $json.n }}", " 1"),
        ("={{ $json.n + 1 }}", 2),
        ("={{$json.n+1}}{{$json.s}}", "2Ab"),
        ("={{ $json.s.toLowerCase() }}!", "ab!"),
        ("={{ $json.o }}", {"x": [1, None]}),
        ("=a {{ $json.o }} b", "a [object Object] b"),
        ("=a {{ $json.o.x }} b", "a 1, b"),
        ("=a {{ [1, [2, null]] }} b", "a 1,2, b"),
        ("={{ $json.gone }}", "undefined"),
        ("=[{{ $json.gone }}]", "[]"),
        ("=[{{ $json.gone.deeper }}{{ null }}{{ undefined }}]", "[]"),
        ("={{ null }}", None),
        ("={{ {a: {b: 1}} }}", {"a": {"b": 1}}),
        ("={{ }}", "undefined"),
        ("=a{{ }}b", "ab"),
        ("={{ 1; }}", 1),
        ("={{ const a = 20; a + 1 }}", 21),
        ("={{ /* why */ 1 // because\n }}", 1),
        ("={{ 1, 2 }}", 2),
        ("={{ NaN }}", None),
        ("=x{{ NaN }}", "x"),
        ("={{ new Date(0) }}", "1970-01-01T00:00:00.000Z"),
        ("={{ $now }}", "2024-03-16T00:30:00.000+02:00"),
        ("={{ $today }}", "2024-03-16T00:00:00.000+02:00"),  # midnight in Riga
        ("={{ 12345678901234567890n }}", "12345678901234567890"),
        # JavaScript's own errors give undefined
        ("={{ $json.gone.deeper.x() }}", "undefined"),
        ("={{ nobody }}", "undefined"),
        ("=a{{ JSON.parse('{') }}b", "ab"),
        ("={{ (() => { throw 1 })() }}", "undefined"),
        # names and functions of the language
        ("={{ [$vars.x ?? 1, $env.X || 2, $prevNode] }}", [1, 2, {}]),
        ("={{ $input.item.json.n + $input.all().length + $itemIndex }}", 2),
        ("={{ $('X').all().map(item => item.json.n) }}", [1, 2]),
        ("={{ $('X').item.binary.f.fileName }}", "a.txt"),
        ("={{ $('X').first(0, 0).json.n }}", 1),
        ("={{ $('X').itemMatching(0).json.n }}", 1),
        ("={{ $('Later').isExecuted }}", False),
        ("={{ $('X').isExecuted && $node['X'].runIndex }}", 0),
        ("={{ $items('X').length }}", 2),
        ("={{ $items().length }}", "undefined"),  # there is no node before
        ("={{ $evaluateExpression('a {{ $json.n + 1 }}') }}", "a 2"),
        ("={{ $evaluateExpression('={{ $json.o.x }}')[0] + $evaluateExpression('x') }}", "1x"),
        ("={{ $evaluateExpression('{{ ) }}') }}", "undefined"),
        ("={{ new Date('on the #5') > 0 && new Date('5 March 2024').getDate() }}", 5),
        ("={{ new Date(0).constructor === Date && new Date(0) instanceof Date }}", True),
        ("={{ class D extends Date {}; new D(0) instanceof D }}", True),
        (r"=a\\n{{ 1 }}\\n", r"a\n1\\n"),
        ("={{ $item(0).$node['X'].json.n }}", 1),
        ("={{ $('it\\'s').first().json.n }}", 3),
        ("={{ $('X' + '').last().json.n }}", 2),  # the name is computed
        ("={{ $if($json.n > 0, 'yes', 'no') }}", "yes"),
        ("={{ $if(false, 1) }}", False),
        ("={{ $ifEmpty('', 'none') + $ifEmpty([], 1) + $ifEmpty(0, 5) }}", "none10"),
        ("={{ [$min(3, 1), $max(3, 1), $not(0)] }}", [1, 3, True]),
        ("={{ numberList(1, 3).concat(numberList(2, 1)) }}", [1, 2, 3, 2, 1]),
        ("={{ zip(['a'], [1]) }}", {"a": 1}),
    ],
)
def test_values_of_templates(template: str, expected: Any, sandbox: Sandbox) -> None:
    data = {"n": 1, "s": "Ab", "o": {"x": [1, None]}}
    assert value_of(template, sandbox, data) == expected


def test_every_item_has_parameters_of_its_own(sandbox: Sandbox) -> None:
    compiled = compile_params({"a": "={{ $json.n }}", "b": ["={{ $json.n * 2 }}", "fixed"]})
    resolved = resolve(compiled, scope({"n": 1}, {"n": 2}), sandbox)
    assert list(resolved.params) == [{"a": 1, "b": [2, "fixed"]}, {"a": 2, "b": [4, "fixed"]}]


@pytest.mark.parametrize(
    "code",
    [
        "$json.tags.reverse()",
        "$json.tags\n.sort((a, b) => b - a)",
        "$json.tags = 5",
        "($json.tags[0]++, 1)",
        "delete $json.tags",
        "Object.assign($input.item.json, {tags: 5})",
        "($json.all ??= $input.all()).map(item => item.json.tags.push(9))",
    ],
)
def test_an_item_is_the_same_for_each_parameter(code: str, sandbox: Sandbox) -> None:
    read = "={{ [$json.tags, $input.all()[$itemIndex].json.tags] }}"
    compiled = compile_params({"a": f"={{{{ {code} }}}}", "b": read, "c": read})
    resolved = resolve(compiled, scope({"tags": [1, 2]}), sandbox)
    assert [resolved.params[0][name] for name in ("b", "c")] == [[[1, 2], [1, 2]]] * 2


def test_a_changed_item_is_as_it_came_for_those_behind_it(sandbox: Sandbox) -> None:
    compiled = compile_params({"v": "={{ $json.n += $input.first().json.n }}"})
    resolved = resolve(compiled, scope({"n": 1}, {"n": 2}), sandbox)
    assert [params["v"] for params in resolved.params] == [2, 3]


def test_parameters_without_templates_are_static(sandbox: Sandbox) -> None:
    compiled = compile_params({"a": "=plain", "b": {"c": 1}})
    assert compiled.is_static
    assert resolve(compiled, scope({}, {}), sandbox).params == [{"a": "plain", "b": {"c": 1}}] * 2


def test_compiling_leaves_the_given_parameters_alone() -> None:
    params = {"a": {"b": ["=text"]}}
    assert compile_params(params).params == {"a": {"b": ["text"]}}
    assert params == {"a": {"b": ["=text"]}}


def test_code_is_never_a_template() -> None:
    assert compile_params({"code": "={{ 1 }}"}, code_fields={"code"}).is_static


def test_undefined_leaves_an_object_and_is_null_in_a_list(sandbox: Sandbox) -> None:
    compiled = compile_params({"o": {"a": "={{ $json.x }}", "b": 1}, "l": ["={{ nobody }}"]})
    assert list(resolve(compiled, scope(), sandbox).params) == [{"o": {"b": 1}, "l": [None]}]


def test_no_items_need_no_parameters(sandbox: Sandbox) -> None:
    compiled = compile_params({"a": "={{ $json.n + 1 }}", "b": "={{ $json.n }}"})
    assert list(resolve(compiled, Scope(items=[]), sandbox).params) == []


def test_data_that_look_like_templates_are_never_evaluated(sandbox: Sandbox) -> None:
    data = {"a": "={{ 7*7 }}", "b": "`${7*7}`"}
    assert value_of("={{ $json.a + $json.b }}", sandbox, data) == "={{ 7*7 }}`${7*7}`"


def test_text_travels_unharmed(sandbox: Sandbox) -> None:
    text = "\x00 \ud800 \u2028 😀 \\ \" ' {{ }} </script>"
    assert value_of("={{ $json.a + '' }}", sandbox, {"a": text}) == text


def test_rounding_is_told(sandbox: Sandbox) -> None:
    compiled = compile_params({"v": "={{ $json.n + '' }}"})
    assert resolve(compiled, scope({"n": 2**53 + 1}), sandbox).rounded
    assert not resolve(compiled, scope({"n": 2**53}), sandbox).rounded
    assert not resolve(compiled, scope({"n": "12345678901234567890"}), sandbox).rounded


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("null", False),
        ("$now.year", False),
        ("$if(true, 1, 'a')", False),
        ("$json.n === 1", True),
        ("$input.item.json.n + 0", True),
        ("$('X').first().json.n + $itemIndex", True),
        ("eval('$' + 'json')", True),
        ("$json.f + ''", False),
        ("`${$json?.f} ${$now.year}`", False),
        ("$json.f + $json.n", True),
        ("$json.f + $json['n']", True),
        ("$json.valueOf().n + ''", True),
        ("$json.toJsonString()", True),
        ("$json.o.n + ''", True),
    ],
)
def test_rounding_is_told_only_of_what_is_looked_at(
    code: str, is_told: bool, sandbox: Sandbox
) -> None:
    compiled = compile_params({"v": f"={{{{ {code} }}}}", "w": "={{ 1 + 1 }}"})
    data = {"n": 2**53 + 1, "f": 1, "o": {"n": 2**53 + 1}}
    assert resolve(compiled, scope({"f": 2}, data), sandbox).rounded == is_told


def test_what_one_expression_leaves_is_gone_in_the_next_call(sandbox: Sandbox) -> None:
    poison = "={{ globalThis.x = 1, Array.prototype.map = () => 'evil', JSON.stringify = null, 2 }}"
    assert value_of(poison, sandbox) == 2
    assert value_of("={{ [typeof globalThis.x, [1].map(x => x)] }}", sandbox) == ["undefined", [1]]


def test_parameters_too_deep_are_refused() -> None:
    params: dict[str, Any] = {}
    for _ in range(5_000):
        params = {"a": params}
    with pytest.raises(ExpressionError, match="over 100 deep"):
        compile_params(params)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("={{ $('Nobody').all() }}", "expression_unknown_node"),
        ("={{ $('Later').all() }}", "expression_no_data"),
        ("={{ $('X').all(3) }}", "expression_no_data"),
        ("={{ $node['Nobody'].json.a + 1 }}", "expression_unknown_node"),
        ("={{ $now.toISO }}", "expression_failed"),  # a function that nobody called
        ("={{ $json.a + }}", "expression_syntax"),
        ("={{ ) + ( }}", "expression_syntax"),
        ("={{ 1 }); evil(); ({ a }}", "expression_syntax"),
    ],
)
def test_errors_of_the_language_fail_with_the_place(
    template: str, code: str, sandbox: Sandbox
) -> None:
    with pytest.raises(ExpressionError) as caught:
        resolve(compile_params({"list": [{"v": template}]}), scope(), sandbox)
    assert (caught.value.code, caught.value.path) == (code, "list[0].v")


@pytest.mark.parametrize("code", ["$('Later').first().json.n", "$('Later').all().length + 1"])
def test_a_node_that_has_not_run_comes_with_a_hint(code: str, sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError) as caught:
        resolve(compile_params({"v": f"={{{{ {code} }}}}"}), scope(), sandbox)
    assert caught.value.hint is not None
    assert ".isExecuted" in caught.value.hint


def test_the_item_without_lineage_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError, match=r"v, item 2: Item 2 .* 'X'") as caught:
        resolve(compile_params({"v": "={{ $('X').item.json.n + 1 }}"}), scope({}, {}, {}), sandbox)
    assert caught.value.item_index == 2


def test_an_endless_expression_is_stopped(sandbox: Sandbox) -> None:
    compiled = compile_params({"v": "={{ (() => { for (;;); })() }}"})
    with pytest.raises(JavaScriptError) as caught:
        resolve(compiled, scope(), sandbox, Limits(wall_s=0.2))
    assert caught.value.code == "js_timeout"


def test_reaching_for_ever_more_nodes_is_stopped(sandbox: Sandbox) -> None:
    greedy = "={{ Array.from({length: 2000}, (_, i) => { try { $('n' + i) } catch {} }) }}"
    with pytest.raises(JavaScriptError, match="too many"):
        resolve(compile_params({"v": greedy}), scope(), sandbox)


def test_check_finds_every_template_that_does_not_parse(sandbox: Sandbox) -> None:
    first = compile_params({"a": "={{ 1 + }}", "b": "={{ $json.fine }} {{ [1,2 }}"})
    second = compile_params({"ok": "={{ 1 + 1 }}", "c": ["=text {{ $json.a"]})
    faults = check([first, second], sandbox)
    assert [[(fault.path, fault.position) for fault in found] for found in faults] == [
        [("a", 8), ("b", 26)],
        [("c[0]", 6)],
    ]
    assert all(fault.message for found in faults for fault in found)


def test_checking_runs_nothing(sandbox: Sandbox) -> None:
    loops = ["={{ (() => { for (;;); })() }}", "={{ for (;;); }}", "={{ 1; for (;;); }}"]
    assert check([compile_params({"v": loop}) for loop in loops], sandbox) == [[], [], []]


def test_a_whole_graph_is_checked_in_one_call(sandbox: Sandbox) -> None:
    many = [compile_params({"v": f"={{{{ $json.a + {index} }}}}"}) for index in range(10_000)]
    assert not any(check(many, sandbox))


def test_the_nodes_that_stand_in_the_source_are_loaded_beforehand() -> None:
    source = """$('A').item.json + $( "B" ).all() + $node['C'].json + $node.D.json
        + $items("E") + $(`F`) + $('G\\'s') + $("H" + x) + my$('I')"""
    lookup = Lookup(MemoryHistory(), 1, Pieces())
    lookup.expect([source])
    loaded = json.loads(lookup.written()).keys()
    assert loaded >= {"A", "B", "C", "D", "E", "F", "G's"}
    assert "H" not in loaded


class CountingHistory(MemoryHistory):
    """Counts how often it is asked for items."""

    asked = 0

    def items(self, node: str, output: int | None, run: int) -> Any:
        CountingHistory.asked += 1
        return super().items(node, output, run)


def test_no_more_is_loaded_than_a_request_may_hold(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MAX_REQUEST_BYTES", 10_000)
    history = CountingHistory({f"N{n}": [{"json": {"t": "x" * 4_000}}] for n in range(9)})
    template = "={{ [" + ", ".join(f"$('N{n}').all()" for n in range(9)) + "].length }}"
    scope = Scope(items=[{"json": {}}], history=history)
    with pytest.raises(JavaScriptError) as caught:
        resolve(compile_params({"v": template}), scope, sandbox)
    assert (caught.value.code, CountingHistory.asked) == ("js_memory", 3)


def test_a_template_sees_the_node_before_and_what_it_knows(sandbox: Sandbox) -> None:
    history = MemoryHistory({"X": [{"json": {"n": 1}}]}, came_from=Previous("X", 1, 2))
    seen = Scope(items=[{"json": {"n": 5}}], history=history, environment={"A": "b"})
    template = "={{ [$prevNode, $input.params, $input.context, $items()[0].json.n, $env.A] }}"
    [params] = resolve(compile_params({"v": template}), seen, sandbox).params
    assert params["v"] == [{"name": "X", "outputIndex": 1, "runIndex": 2}, {}, {}, 5, "b"]


@pytest.mark.parametrize("items", [1, 40])
def test_a_long_text_that_is_named_again_and_again_fails_the_step(
    sandbox: Sandbox, items: int
) -> None:
    scope = Scope(items=[{"json": {"t": "x" * 110_000}}] * items)
    compiled = compile_params({"v": "=a" + "{{ $json.t }}" * (40 // items)})
    with pytest.raises(
        ExpressionError, match="v: What is made for all items is over 4 MB"
    ) as caught:
        resolve(compiled, scope, sandbox, Limits(memory_mb=1))
    assert caught.value.code == "expression_failed"
    assert len(resolve(compiled, scope, sandbox, Limits(memory_mb=2)).params) == items


@pytest.mark.parametrize("asked", ["params", "context"])
def test_a_step_without_a_node_before_it_says_so(sandbox: Sandbox, asked: str) -> None:
    with pytest.raises(ExpressionError, match="There is no node before this one") as caught:
        resolve(compile_params({"v": f"={{{{ $input.{asked} }}}}"}), Scope([{"json": {}}]), sandbox)
    assert caught.value.code == "expression_no_data"
