"""Dates in expressions: luxon, in the time zone of the workflow."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.expressions import child
from apps.expressions.errors import JavaScriptError
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve
from apps.expressions.zones import table_of

NOW = datetime(2024, 3, 15, 22, 30, tzinfo=UTC)


def value_of(code: str, sandbox: Sandbox, timezone: str = "Europe/Riga") -> Any:
    scope = Scope(items=[{"json": {"d": "2024-07-01T12:00:00Z"}}], now=NOW, timezone=timezone)
    resolved = resolve(compile_params({"v": f"={{{{ {code} }}}}"}), scope, sandbox)
    return resolved.params[0].get("v", "undefined")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("$now", "2024-03-16T00:30:00.000+02:00"),
        ("$today", "2024-03-16T00:00:00.000+02:00"),
        ("$now.toISO()", "2024-03-16T00:30:00.000+02:00"),
        ("`${$now}`", "2024-03-16T00:30:00.000+02:00"),
        ("$now.zoneName", "Europe/Riga"),
        ("DateTime.fromISO($json.d).toFormat('yyyy-MM-dd HH:mm')", "2024-07-01 15:00"),
        ("DateTime.fromISO($json.d).setZone('America/New_York').hour", 8),
        ("DateTime.fromISO($json.d).setZone(['America', 'New_York'].join('/')).hour", 8),
        ("DateTime.fromISO($json.d).setZone('america/new_york').hour", 8),
        ("DateTime.fromISO($json.d).setZone('America/Nowhere').isValid", False),
        ("DateTime.fromISO('2024-03-31T02:30', {zone: 'Europe/Berlin'}).toISO()",
         "2024-03-31T03:30:00.000+02:00"),  # an hour that the clocks leave out
        ("$now.plus({days: 1}).diff($now).as('hours')", 24),
        ("Duration.fromObject({hours: 36}).as('days')", 1.5),
        ("Interval.after($now, {days: 2}).length('days')", 2),
        ("globalThis['Date' + 'Time'].utc(2000).toISO()", "2000-01-01T00:00:00.000Z"),
        ("(DateTime = 1, DateTime)", 1),
        ("$jmespath({a: [{b: 1}, {b: 2}]}, 'a[].b')", [1, 2]),
    ],
)  # fmt: skip
def test_values_of_dates(code: str, expected: Any, sandbox: Sandbox) -> None:
    assert value_of(code, sandbox) == expected


ZONES = [
    "America/New_York",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
]


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_are_those_of_the_zone_at_every_moment(zone: str, sandbox: Sandbox) -> None:
    code = f"""Array.from({{length: 900}}, (_, i) => DateTime.fromMillis(
        -2e12 + i * 6.7e9, {{zone: '{zone}'}}).toFormat('yyyy-MM-dd HH:mm:ss'))"""
    expected = [
        datetime.fromtimestamp(-2e9 + i * 6.7e6, UTC).astimezone(ZoneInfo(zone)) for i in range(900)
    ]
    assert value_of(code, sandbox) == [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in expected]


def test_a_name_that_is_no_zone_has_no_table() -> None:
    names = ("", "Nowhere", "../etc/passwd", "é", "a" * 99)
    assert [table_of(name) for name in names] == ["null"] * 5
    assert table_of("UTC") == "[0]"


def test_a_table_is_made_once_for_all_spellings_of_its_zone() -> None:
    assert table_of("europe/BERLIN") is table_of("Europe/Berlin")


def test_zones_are_many_and_still_not_without_end(sandbox: Sandbox) -> None:
    spellings = """Array.from({length: 64}, (_, i) => [..."europe/berlin"].map(
        (c, place) => i >> place & 1 ? c.toUpperCase() : c).join("")).map(
        (zone) => { try { return DateTime.fromMillis(0, {zone}).offset } catch {} })"""
    with pytest.raises(JavaScriptError, match="It uses over 60 time zones"):
        value_of(spellings, sandbox)


def test_what_names_no_zone_is_not_counted(sandbox: Sandbox) -> None:
    scope = Scope(items=[{"json": {"n": n}} for n in range(70)])
    code = "DateTime.fromMillis(0, {zone: `A/b${$json.n}`}).isValid"
    resolved = resolve(compile_params({"v": f"={{{{ {code} }}}}"}), scope, sandbox)
    assert [params["v"] for params in resolved.params] == [False] * 70


def test_asking_for_ever_more_zones_is_stopped(sandbox: Sandbox) -> None:
    greedy = """Array.from({length: 2000}, (_, i) => {
        try { DateTime.fromMillis(0, {zone: `A/b${i}`}) } catch {} })"""
    with pytest.raises(JavaScriptError, match="too many"):
        value_of(greedy, sandbox)


def test_a_library_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = child.JSHOST.parent
    for name in ("jshost.py", "confine.py"):
        shutil.copy(folder / name, tmp_path)
    shutil.copytree(folder / "prelude", tmp_path / "prelude")
    monkeypatch.setattr(child, "JSHOST", tmp_path / "jshost.py")
    sandbox = Sandbox(size=1)
    try:
        assert value_of("1 + 1", sandbox) == 2
        with pytest.raises(JavaScriptError, match="luxon") as caught:
            value_of("$now", sandbox)
        assert caught.value.code == "js_library"
    finally:
        sandbox.close()
