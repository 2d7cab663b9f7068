"""What texts, numbers, arrays, objects and dates can do in expressions beside JavaScript's own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.expressions.errors import ExpressionError
from apps.expressions.extensions import NAMES, narrow
from apps.expressions.preview import preview
from apps.expressions.rewrite import origin, rewrite
from apps.expressions.sandbox import Limits, Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.transform import transform

UNDEFINED = "undefined"
DATA = {
    "rows": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 1, "n": "a"}],
    "toInt": 7,
    "d": "2024-03-15T10:20:30.000Z",
}
SCOPE = Scope(items=[{"json": DATA}], now=datetime(2024, 3, 15, 12, tzinfo=UTC))


def value_of(code: str, sandbox: Sandbox) -> Any:
    resolved = resolve(compile_params({"v": f"={{{{ {code} }}}}"}), SCOPE, sandbox)
    return resolved.params[0].get("v", UNDEFINED)


TEXTS = [
    ("'Grüße 😀'.base64Encode()", "R3LDvMOfZSDwn5iA"),
    ("'R3LDvMOfZSDwn5iA'.base64Decode()", "Grüße 😀"),
    ("'mail ada@lovelace.org, now'.extractEmail()", "ada@lovelace.org"),
    ("'no mail'.extractEmail()", UNDEFINED),
    ("'https://a.example.com:81/b?c'.extractDomain()", "a.example.com"),
    ("'see docs.example.com/x'.extractDomain()", "docs.example.com"),
    ("'nothing here'.extractDomain()", UNDEFINED),
    ("'(see https://example.com/a.)'.extractUrl()", "https://example.com/a"),
    ("'(https://example.com/a_(b)), c'.extractUrl()", "https://example.com/a_(b)"),
    ("'none'.extractUrl()", UNDEFINED),
    ("'https://example.com/a/b?c#d'.extractUrlPath()", "/a/b"),
    ("'https://example.com'.extractUrlPath()", "/"),
    ("'abc'.hash()", "900150983cd24fb0d6963f7d28e17f72"),
    ("'abc'.hash('SHA256')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("['a.example', '-a.com', 'a', 'bücher.example'].map(x => x.isDomain())",
     [True, False, False, True]),
    ("['ada@x.org', 'ada@x', 'ada x@y.org'].map(x => x.isEmail())", [True, False, False]),
    ("['12', ' 1e3 ', '', '1a', '-.5'].map(x => x.isNumeric())", [True, True, False, False, True]),
    ("['http://a', 'a.com', 'http://a b', 'mailto:a@b.c'].map(x => x.isUrl())",
     [True, False, False, False]),
    ("['', ' '].map(x => [x.isEmpty(), x.isNotEmpty()])", [[True, False], [False, True]]),
    ("'{\"a\": [1]}'.parseJson().a[0]", 1),
    ("'say \"hi\"'.quote()", '"say \\"hi\\""'),
    ("\"it's\".quote(\"'\")", "'it\\'s'"),
    ("'<p>a <b>b</b></p>'.removeTags()", "a b"),
    ("'# Hi\\n\\n* **bold** [link](http://x) ![pic](y)\\n> `code`'.removeMarkdown()",
     "Hi\n\nbold link pic\ncode"),
    ("'Ærøskøbing, Łódź, déjà'.replaceSpecialChars()", "AEroskobing, Lodz, deja"),
    ("['', '0', 'no', 'False', 'off', 'x'].map(x => x.toBoolean())",
     [False, False, False, False, True, True]),
    ("['12.7px', '-5'].map(x => x.toInt())", [12, -5]),
    ("'1f'.toInt(16) + '1.5'.toFloat() + '2'.toNumber()", 34.5),
    ("'HELLO there. and YOU'.toSentenceCase()", "Hello there. And you"),
    ("'Ada Lovelace-Byron (1815)!'.toSnakeCase()", "ada_lovelace_byron_1815"),
    ("'the lord of the rings'.toTitleCase()", "The Lord of the Rings"),
    ("'a&b c'.urlEncode() + 'https://x/?a=b c'.urlEncode(true)", "a%26b%20chttps://x/?a=b%20c"),
    ("'a%26b'.urlDecode()", "a&b"),
    ("'abc'.length() + 'abc'.length", 6),
    ("'a'.toJsonString()", '"a"'),
]  # fmt: skip

NUMBERS = [
    ("(-2.5).abs() + (1.2).ceil() + (1.8).floor()", 5.5),
    ("[1.005.round(2), (-2.5).round(), (1234).round(-2), (1e21).round(2)]", [1.01, -3, 1200, 1e21]),
    ("[1e308.round(300), 1e21.round(-2), 1.6e-7.round(7), 1e-7.round(-2), (1e-7).round(300)]",
     [1e308, 1e21, 2e-7, 0, 1e-7]),
    ("[4, 3, 0].map(n => [n.isEven(), n.isOdd(), n.isInteger()])",
     [[True, False, True], [False, True, True], [True, False, True]]),
    ("[(0).toBoolean(), (2).toBoolean(), true.toInt(), false.toNumber()]", [False, True, 1, 0]),
    ("(0).isEmpty()", False),
    ("(first => [... first()])(() => [1])", [1]),
    ("[5..round(), 7..isOdd(), 5 . abs()]", [5, True, 5]),
    ("(1700000000).toDateTime('s').toISO()", "2023-11-14T22:13:20.000Z"),
    ("(45000).toDateTime('excel').toISODate()", "2023-03-15"),
]  # fmt: skip

ARRAYS = [
    ("[1, 2].append(3, 4)", [1, 2, 3, 4]),
    ("[1, '2'].average() + [].average()", 1.5),
    ("[1, 2, 3].chunk(2)", [[1, 2], [3]]),
    ("[0, '', null, 'nil', false, {a: null, b: 0}].compact()", [0, False, {"b": 0}]),
    ("[1, {a: 1}].difference([{a: 1}])", [1]),
    ("[1, {a: 1}, 1].intersection([{a: 1}, 1])", [1, {"a": 1}]),
    ("[1, 2].union([2, 3])", [1, 2, 3]),
    ("[3, '4'].first() + [3, 4].last()", 7),
    ("[].first()", UNDEFINED),
    ("[[].isEmpty(), [0].isNotEmpty(), [1, 2].length()]", [True, True, 2]),
    ("[2, '10', 3].max() + [2, 10].min()", 12),
    ("[{a: 1}, {b: 2}].merge([{a: 3, c: 4}])", {"a": 1, "b": 2, "c": 4}),
    ("$json.rows.pluck('id')", [1, 2, 1]),
    ("[{a: 1, b: 2, c: 3}, {b: 4}, {}, 5].pluck('a', 'b')", [[1, 2], 4]),
    ("[5].randomItem()", 5),
    ("$json.rows.unique()", [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]),
    ("$json.rows.removeDuplicates('id').length", 2),
    ("[NaN, NaN, '1', 1].unique().length", 3),
    ("[{a: 1, b: 2}].renameKeys('a', 'x')", [{"x": 1, "b": 2}]),
    ("$json.rows.smartJoin('n', 'id')", {"a": 1, "b": 2}),
    ("[1, '2.5'].sum()", 3.5),
    ("Array.from({length: 20000}, (_, i) => ({i})).unique().length", 20000),
]

OBJECTS = [
    ("({a: null, b: {c: '', d: 1}}).compact()", {"b": {"d": 1}}),
    ("[({a: 1}).hasField('a'), ({a: 1}).hasField('toString')]", [True, False]),
    ("({a: 'xy', b: 'z', c: 1}).keepFieldsContaining('x')", {"a": "xy"}),
    ("({a: 'xy', b: 'z'}).removeFieldsContaining('x')", {"b": "z"}),
    ("({a: 1}).merge({a: 2, b: 3})", {"a": 1, "b": 3}),
    ("({a: 1, b: 2}).removeField('a')", {"b": 2}),
    ("({a: 1, 'b c': 'd e'}).urlEncode()", "a=1&b+c=d+e"),
    ("[({}).isEmpty(), ({a: 1}).keys(), ({a: 1}).values()]", [True, ["a"], [1]]),
    ("new Map([[1, 2]]).values().next().value", 2),  # what it has itself
    ("Object.keys({a: 1}).concat(Object.values({a: 2}))", ["a", 2]),
    ("Math.max(1, 2) + Math.round(1.6)", 4),
]

DATES = [
    ("'2024-03-15T23:30-05:00'.toDateTime().toISO()", "2024-03-16T04:30:00.000Z"),
    ("'Fri, 15 Mar 2024 10:20:30 GMT'.toDateTime().toISODate()", "2024-03-15"),
    ("'2024-03-15 10:20'.toDateTime().minute", 20),
    ("'15.03.2024'.toDateTime('dd.MM.yyyy').toISODate()", "2024-03-15"),
    ("'1710498030000'.toDateTime().toISO()", "2024-03-15T10:20:30.000Z"),
    ("['20240315', '2024075', '2024'].map(x => x.toDateTime().ordinal)", [75, 75, 1]),
    ("$json.d.toDateTime().format('dd/MM')", "15/03"),
    ("$json.d.isWeekend()", False),  # a text that is a moment
    ("new Date($json.d).plus(1, 'month').toISOString()", "2024-04-15T10:20:30.000Z"),
    ("$now.minus(30, 'mins').toISO()", "2024-03-15T11:30:00.000Z"),
    ("$now.minus({days: 1}).toISODate()", "2024-03-14"),
    (
        "$now.beginningOf('month').toISODate() + $now.endOfMonth().toISODate()",
        "2024-03-012024-03-31",
    ),
    ("$now.extract('yearDayNumber') + $now.extract('hour')", 87),
    ("$now.diffTo($json.d, 'minutes') | 0", 99),
    ("$now.diffTo('2024-03-14T11:00:00Z', ['days', 'hours'])", {"days": 1, "hours": 1}),
    ("$now.isBetween('2024-03-15', '2024-03-16')", True),
    ("$now.isBetween('2024-03-15', 'soon')", UNDEFINED),
    ("DateTime.now().isInLast(1, 'hours') && !$now.isInLast(1, 'hours')", True),
    ("DateTime.fromISO('2024-07-01', {zone: 'Europe/Riga'}).isDst()", True),
    ("$now.toDate().toISOString()", "2024-03-15T12:00:00.000Z"),
    ("$now.isEmpty()", False),
    ("[new Date(5).toInt(), new Date(5).toFloat(), $now.toInt()]", [5, 5, 1710504000000]),
]

OTHERS = [
    ("$json.toInt", 7),  # a field of that name stays a field
    ("$json.toJsonString().length > 10", True),
    ("$json.gone?.toInt()", UNDEFINED),
    ("$json.gone.toInt()", UNDEFINED),
    ("[1].sum?.()", 1),
    ("[[1].toInt(), ({}).toNumber(), true.toDateTime()].every(x => x === undefined)", True),
    ("[[1].toBoolean(), ({}).toFloat(), [1].toDateTime()].every(x => x === undefined)", True),
    ("'.toInt()' + `.toInt() ${'5'.toInt()}` + /.toInt()/.source", ".toInt().toInt() 5.toInt()"),
    ("'5' . toInt ()", 5),
    ("'5'\n  .toInt() // .sum()", 5),
    ("[['5'.toInt()], {a: '6'.toInt()}.a]", [[5], 6]),
    ("[$json.gone.isEmpty(), null.isNotEmpty(), $json.rows.isEmpty()]", [True, False, False]),
    ("$json.gone.deeper.isEmpty()", UNDEFINED),
    ("$if($json.gone, $json.gone.deeper.x(), 'none')", "none"),
    ("$if(true, 1, nobody())", 1),
    ("[1].map($if)", [0]),
    ("({...$json.rows[0].n, ...null, ...$json.gone, x: 1})", {"0": "a", "x": 1}),
    ("(() => { const {id, ...rest} = $json.rows[0]; return rest })()", {"n": "a"}),
    ("Object.keys(Object.prototype).concat([].keys ? 'k' : 'none')", ["k"]),
]


@pytest.mark.parametrize(
    ("code", "expected"), [*TEXTS, *NUMBERS, *ARRAYS, *OBJECTS, *DATES, *OTHERS]
)
def test_values_of_methods(code: str, expected: Any, sandbox: Sandbox) -> None:
    assert value_of(code, sandbox) == expected


@pytest.mark.parametrize("method", ["sum", "average", "min", "max"])
def test_arithmetic_on_what_is_no_number_fails_the_step(method: str, sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError, match=f"{method}.*numbers"):
        value_of(f"[1, 'x'].{method}()", sandbox)


@pytest.mark.parametrize(
    "code",
    [
        "[1].chunk(0)",
        "[1].union()",
        "[1].difference(5)",
        "[1].merge({})",
        "[{}].smartJoin('a')",
        "[{}].renameKeys('a')",
        "({}).keepFieldsContaining('')",
        "'a'.hash('md17')",
        "'abc'.toNumber()",
        "'12px'.toNumber()",
        "'abc'.toInt()",
        "'abc'.toFloat()",
        "(1.5).isEven()",
        "(1.5).isOdd()",
        "(5).toDateTime('weeks')",
        "'soon'.toDateTime()",
        "'5'.toDateTime('dd.MM.yyyy')",
        "'soon'.toDate()",
        "'{a}'.parseJson()",
        "'%'.urlDecode()",
        "(5).toTitleCase()",
        "[1].toTitleCase()",
        "'a'.sum()",
        "(() => 1).toInt()",
        "$now.diffTo('soon', 'days')",
        "$now.diffTo('2024-03-15', 'eons')",
        "$now.isBetween('2024-03-15')",
        "$now.plus(1, 'eons')",
        "$now.beginningOf('eon')",
    ],
)
def test_a_method_that_is_called_wrongly_fails_the_step(code: str, sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(code, sandbox)
    assert caught.value.code == "expression_failed"


def test_a_wrong_call_is_told_with_the_name_of_the_method(sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionError, match=r"toTitleCase\(\) is for texts, not for numbers\."):
        value_of("(5).toTitleCase()", sandbox)
    with pytest.raises(ExpressionError, match=r"toDateTime\(\): This is no date: soon"):
        value_of("'soon'.toDateTime()", sandbox)


def test_what_a_method_lacks_is_fetched_and_no_wrong_call(sandbox: Sandbox) -> None:
    assert value_of("['2024-03-15'].map(x => x['\uff54oDateTime']().year)[0]", sandbox) == 2024


def test_every_name_is_known_on_both_sides(sandbox: Sandbox) -> None:
    code = (
        "[''.toInt, Object.getOwnPropertyNames(Object.prototype)].flat().filter(n => n > '\\uff40')"
    )
    wide = value_of("''.toJsonString() && " + code, sandbox)
    assert {narrow(name) for name in wide} == NAMES


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n  .toInt() + '.toInt()' + b.c?.sum()", "a\n  .ｔoInt() + '.toInt()' + b.c?.ｓum()"),
        ("$('X').first().json + Math.max(1)", "$('X').first().json + Math.max(1)"),
        (
            "a.b[0](1).isEmpty() && !c.isNotEmpty()",
            "ｇiven(a.b[0](1)).ｉsEmpty() && !ｇiven(c).ｉsNotEmpty()",
        ),
        (
            "`${a.isEmpty()}${(b + c).isEmpty()}`",
            "`${ｇiven(a).ｉsEmpty()}${ｇiven((b + c)).ｉsEmpty()}`",
        ),
        (
            "new Map().isEmpty() + typeof {}.isEmpty()",
            "ｇiven(new Map()).ｉsEmpty() + typeof ｇiven({}).ｉsEmpty()",
        ),
        ("a?.isEmpty() + b.isEmpty", "a?.ｉsEmpty() + b.isEmpty"),
        ("[x.isEmpty(), {a: y.isEmpty()}]", "[ｇiven(x).ｉsEmpty(), {a: ｇiven(y).ｉsEmpty()}]"),
        ("$if(a, f(b, 1), c).x", "((a)?( f(b, 1)):( c)).x"),
        ("$if(a, $if(b, [1, 2], ), )", "((a)?( ((b)?( [1, 2] ):(false)) ):(false))"),
        ("$if(a) + x.$if(b, c) + $if(...d)", "$if(a) + x.$if(b, c) + $if(...d)"),
        (
            "a ? (b).isEmpty() : c ?? (d).isEmpty()",
            "a ? ｇiven((b)).ｉsEmpty() : c ?? ｇiven((d)).ｉsEmpty()",
        ),
        ("({...a.b, c, ...f(d, {e})})", "({...Object(a.b), c, ...Object(f(d, {e}))})"),
        ("({...a, ...{b: [...c.d]}})", "({...a, ...Object({b: [...c.d]})})"),
        ("(({a, ...rest}) => rest)(f(...x.y))", "(({a, ...rest}) => rest)(f(...x.y))"),
    ],
)
def test_what_is_written_is_rewritten_for_the_sandbox(source: str, expected: str) -> None:
    assert rewrite(source) == expected


def test_places_in_what_is_rewritten_lead_back_to_the_source() -> None:
    source = "$if(aa.isEmpty(), {...bb.cc}, dd).ee"
    rewritten = rewrite(source)
    for name in ("aa", "bb", "cc", "dd", "ee"):
        assert source.startswith(name, origin(source, rewritten.index(name)))
    assert [origin("a + b", place) for place in (0, 4)] == [0, 4]


def test_errors_name_methods_as_they_were_written(sandbox: Sandbox) -> None:
    told = preview("={{ $json.gone.toInt() }}", SCOPE, sandbox, Limits())
    assert told.swallowed is not None
    assert "toInt" in told.swallowed.message


def test_code_of_a_transform_has_no_such_methods(sandbox: Sandbox) -> None:
    assert transform("return typeof ''.toInt", SCOPE, sandbox, mode="all").value == "undefined"
