"""`Intl` and the words that dates and numbers have in a language."""

import json
import subprocess
import sys
from typing import Any

import pytest

from apps.expressions.locales import locale_data, zone_names
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve

SCOPE = Scope(items=[{"json": {"d": "2024-03-05T10:20:30.456Z", "n": 1234567.891}}])
DATE = "new Date($json.d)"


def value_of(code: str, sandbox: Sandbox) -> Any:
    resolved = resolve(compile_params({"v": f"={{{{ {code} }}}}"}), SCOPE, sandbox)
    return resolved.params[0].get("v", "undefined")


# As V8 writes them, with the same data of CLDR.
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("toLocaleString()", "3/5/2024, 10:20:30 AM"),
        ("toLocaleDateString()", "3/5/2024"),
        ("toLocaleTimeString()", "10:20:30 AM"),
        ("toLocaleDateString('en-GB')", "05/03/2024"),
        ("toLocaleDateString('en-CA')", "2024-03-05"),
        ("toLocaleString('de-DE')", "5.3.2024, 10:20:30"),
        ("toLocaleString('fr')", "05/03/2024 10:20:30"),
        ("toLocaleString('sv-SE')", "2024-03-05 10:20:30"),
        ("toLocaleString('ja-JP')", "2024/3/5 10:20:30"),
        ("toLocaleDateString('de', {dateStyle: 'full'})", "Dienstag, 5. März 2024"),
        ("toLocaleDateString('en-US', {dateStyle: 'medium'})", "Mar 5, 2024"),
        ("toLocaleString('es', {dateStyle: 'long', timeStyle: 'short'})",
         "5 de marzo de 2024 a las 10:20"),
        ("toLocaleDateString('en-US', {weekday: 'long', month: 'long', day: 'numeric'})",
         "Tuesday, March 5"),
        ("toLocaleDateString('en-US', {month: '2-digit', day: '2-digit', year: 'numeric'})",
         "03/05/2024"),
        ("toLocaleDateString('pt-BR', {day: '2-digit', month: 'short'})", "05 de mar."),
        ("toLocaleDateString('fr-FR', {weekday: 'short'})", "mar."),
        ("toLocaleTimeString('en-US', {hour: '2-digit', minute: '2-digit'})", "10:20 AM"),
        ("toLocaleTimeString('en-US', {hour12: false})", "10:20:30"),
        ("toLocaleTimeString('de-DE', {hour: 'numeric'})", "10 Uhr"),
        ("toLocaleString('en-US', {timeZone: 'America/New_York', timeZoneName: 'short'})",
         "3/5/2024, 5:20:30 AM EST"),
        ("toLocaleTimeString('en-US', {timeZone: 'Asia/Kolkata', timeStyle: 'short'})", "3:50 PM"),
        ("toLocaleString('xx-XX')", "3/5/2024, 10:20:30 AM"),  # nobody's language
        ("toLocaleString('not a tag')", "undefined"),
        ("toLocaleString('en', {timeZone: 'Nowhere/At_All'})", "undefined"),
        ("toLocaleString('en', {month: 'tall'})", "undefined"),
        ("toString()", "Tue Mar 05 2024 10:20:30 GMT+0000 (Coordinated Universal Time)"),
    ],
)  # fmt: skip
def test_words_of_dates(method: str, expected: str, sandbox: Sandbox) -> None:
    assert value_of(f"{DATE}.{method}", sandbox) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("$json.n.toLocaleString()", "1,234,567.891"),
        ("$json.n.toLocaleString('de-DE')", "1.234.567,891"),
        ("$json.n.toLocaleString('en-IN')", "12,34,567.891"),
        ("(1234).toLocaleString('es-ES')", "1234"),
        ("$json.n.toLocaleString('en-US', {style: 'currency', currency: 'usd'})", "$1,234,567.89"),
        ("(-5).toLocaleString('de', {style: 'currency', currency: 'EUR'})", "-5,00\xa0€"),
        ("(5).toLocaleString('ja-JP', {style: 'currency', currency: 'JPY'})", "￥5"),
        ("(0.256).toLocaleString('en', {style: 'percent', maximumFractionDigits: 1})", "25.6%"),
        ("(1.005).toLocaleString('en', {maximumFractionDigits: 2})", "1.01"),
        ("(7).toLocaleString('en', {minimumIntegerDigits: 2, minimumFractionDigits: 1})", "07.0"),
        ("(123456).toLocaleString('en', {maximumSignificantDigits: 3})", "123,000"),
        ("[1500, 999999, 12].map(n => n.toLocaleString('en', {notation: 'compact'}))",
         ["1.5K", "1M", "12"]),
        ("12345678901234567890n.toLocaleString()", "12,345,678,901,234,567,890"),
        ("99999999999999980000..toLocaleString()", "99,999,999,999,999,980,000"),
        ("(7e20).toLocaleString()", "700,000,000,000,000,000,000"),
        ("(1.5e25).toLocaleString()", "15,000,000,000,000,000,000,000,000"),
        ("(2 ** 53 + 2).toLocaleString()", "9,007,199,254,740,994"),
        ("1234567890123456.7.toLocaleString()", "1,234,567,890,123,456.8"),
        ("(1.23456e-8).toLocaleString('en', {maximumFractionDigits: 20})", "0.0000000123456"),
        ("(7e20).toLocaleString('en', {maximumSignificantDigits: 3})",
         "700,000,000,000,000,000,000"),
        ("[1.005, 0.0999, 999.5].map(n => n.toLocaleString('en', {maximumSignificantDigits: 3}))",
         ["1.01", "0.0999", "1,000"]),
        ("[0, 0.05, 12].map(n => n.toLocaleString('en', {minimumSignificantDigits: 3}))",
         ["0.00", "0.0500", "12.0"]),
        ("[1e22, 5n].map(n => n.toLocaleString('en', {style: 'percent'}))",
         ["1,000,000,000,000,000,000,000,000%", "500%"]),
        ("[-1234.5, 5, -0.001].map(n => n.toLocaleString('en-US', "
         "{style: 'currency', currency: 'USD', currencySign: 'accounting'}))",
         ["($1,234.50)", "$5.00", "($0.00)"]),
        ("(-1234.5).toLocaleString('de', "
         "{style: 'currency', currency: 'EUR', currencySign: 'accounting'})", "-1.234,50\xa0€"),
        ("(-5).toLocaleString('en', {style: 'currency', currency: 'USD', "
         "currencySign: 'accounting', signDisplay: 'never'})", "$5.00"),
        ("(5).toLocaleString('en', {currencySign: 'odd'})", "undefined"),
        ("(-5).toLocaleString('nl', {style: 'currency', currency: 'EUR'})", "€\xa0-5,00"),
        ("(5).format()", "5"),
        ("(5).toLocaleString('en', {minimumFractionDigits: 101})", "undefined"),
        ("(2).toLocaleString('en', {style: 'unit', unit: 'hour', unitDisplay: 'long'})", "2 hours"),
    ],
)  # fmt: skip
def test_words_of_numbers(code: str, expected: Any, sandbox: Sandbox) -> None:
    assert value_of(code, sandbox) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("['b', 'B', 'a', 'é', 'e', 'f', 'Z', '10', '9', '-'].sort((a, b) => a.localeCompare(b))",
         ["-", "10", "9", "a", "b", "B", "e", "é", "f", "Z"]),
        ("['a10', 'a9'].sort(new Intl.Collator('en', {numeric: true}).compare)", ["a9", "a10"]),
        ("'É'.localeCompare('e', 'en', {sensitivity: 'base'})", 0),
        ("'a'.localeCompare('b') + 'a'.localeCompare('a')", -1),
        ("new Intl.ListFormat('en').format(['a', 'b', 'c'])", "a, b, and c"),
        ("new Intl.PluralRules('pl').select(3)", "few"),
        ("new Intl.RelativeTimeFormat('de').format(-3, 'days')", "vor 3 Tagen"),
        ("new Intl.RelativeTimeFormat('en', {numeric: 'auto'}).format(1, 'day')", "tomorrow"),
        ("Intl.DateTimeFormat().resolvedOptions().timeZone", "UTC"),
        ("new Intl.DateTimeFormat('en').formatToParts(0).map(p => p.type).join()",
         "month,literal,day,literal,year"),
    ],
)  # fmt: skip
def test_order_lists_and_plurals(code: str, expected: Any, sandbox: Sandbox) -> None:
    assert value_of(code, sandbox) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("setLocale('fr').toFormat('dd LLLL yyyy')", "05 mars 2024"),
        ("setLocale('de').toFormat('cccc')", "Dienstag"),
        ("toLocaleString(DateTime.DATE_HUGE)", "Tuesday, March 5, 2024"),
        ("toFormat('t')", "10:20\u202fAM"),
        ("set(DateTime.fromFormat('9:05 PM', 't').toObject()).toFormat('HH:mm')", "21:05"),
        ("setZone('Europe/Berlin').toFormat('ZZZZ')", "GMT+1"),
        ("setZone('Europe/Berlin').setLocale('de').toFormat('ZZZZZ')",
         "Mitteleuropäische Normalzeit"),
        ("plus({days: 3}).toRelative({base: DateTime.fromISO($json.d)})", "in 3 days"),
        ("diff(DateTime.fromISO('2024-03-01'), ['days', 'hours']).toHuman()",
         "4 days, 10.342 hours"),
    ],
)  # fmt: skip
def test_words_of_luxon(code: str, expected: str, sandbox: Sandbox) -> None:
    assert value_of(f"DateTime.fromISO($json.d).{code}", sandbox) == expected


def test_what_is_no_locale_has_no_data() -> None:
    assert [locale_data(tag) for tag in ("xx", "", "../en", "e" * 99, "en_US;")] == ["null"] * 5
    assert zone_names("Nowhere|xx") == "{}"


TAGS = ["ja", "sv", "de", "ar", "en-US", "pt-BR", "ru", "zh-Hant", "fi", "he", "ko", "sr-Latn"]


def read_afresh(tags: list[str]) -> dict[str, list[str]]:
    """What a new process tells of these locales, read in this order."""
    code = (
        "import json, sys\n"
        "from apps.expressions.locales import locale_data, zone_names\n"
        "told = {t: [locale_data(t), zone_names(f'Europe/Berlin|{t}')] for t in sys.argv[1:]}\n"
        "print(json.dumps(told))"
    )
    done = subprocess.run([sys.executable, "-c", code, *tags], capture_output=True, check=True)
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


def test_a_locale_is_the_same_whichever_was_read_before() -> None:
    assert read_afresh(TAGS) == read_afresh(TAGS[::-1])
