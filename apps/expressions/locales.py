"""How languages write dates and numbers: CLDR's data, as the sandbox's `Intl` reads them."""

import json
import re
import threading
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_global
from babel.localedata import LocaleDataDict
from babel.plural import to_javascript

from apps.expressions.zones import find_zone

TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")
EXTENSION = re.compile(r"-([a-z]|[A-Z])-.*")
# What stands between date and time in long dates. Babel does not read it out of CLDR.
AT_TIME: Final = {
    "ca": "{1}, 'a' 'les' {0}",
    "cs": "{1} 'v' {0}",
    "da": "{1} 'kl'. {0}",
    "de": "{1} 'um' {0}",
    "el": "{1} 'στις' {0}",
    "en": "{1} 'at' {0}",
    "es": "{1} 'a' 'las' {0}",
    "fi": "{1} 'klo' {0}",
    "fr": "{1} 'à' {0}",
    "he": "{1} 'בשעה' {0}",
    "id": "{1} 'pukul' {0}",
    "it": "{1} 'alle' 'ore' {0}",
    "nb": "{1} 'kl'. {0}",
    "nl": "{1} 'om' {0}",
    "no": "{1} 'kl'. {0}",
    "pt": "{1} 'às' {0}",
    "ro": "{1} 'la' {0}",
    "ru": "{1} 'в' {0}",
    "sv": "{1} 'kl'. {0}",
    "uk": "{1} 'о' {0}",
}
# Where Babel's CLDR and that of JavaScript engines differ.
GLUE: Final = {
    "da": {"medium": "{1}, {0}", "short": "{1}, {0}"},
    "fi": {"medium": "{1} 'klo' {0}", "short": "{1} 'klo' {0}"},
    "id": {"medium": "{1}, {0}", "short": "{1}, {0}"},
    "pt": {"medium": "{1}, {0}", "short": "{1}, {0}"},
    "es": {"full": "{1}, {0}"},
}
SKELETONS: Final = {"en_CA": {"yMd": "y-MM-dd", "yM": "y-MM"}}
GROUPS_FROM_FIVE_DIGITS: Final = frozenset(
    {"es", "es_ES", "pl", "pl_PL", "pt_PT", "et", "et_EE", "lv", "lv_LV", "bg", "bg_BG"}
)
NARROW_SPACE: Final = "\u202f"
NO_NAME: Final = "∅∅∅"
UNITS: Final = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
WIDTHS: Final = ("", "-short", "-narrow")
_babel = threading.Lock()
"""Held while Babel looks for locales, which it does in a dict that is emptied here."""


class _OwnLocale(Locale):
    """A locale with data that it shares with no other.

    Babel keeps whatever it has read and resolves aliases in place, in the dicts that locales
    inherit from one another: who is read first would decide for those who come later.
    """

    @cached_property
    def _data(self) -> LocaleDataDict:
        localedata._cache.clear()
        try:
            data: dict[Any, Any] = localedata.load(str(self))
            return LocaleDataDict(data)
        finally:
            localedata._cache.clear()


def locale_data(tag: str) -> str:
    """What `Intl` needs of a locale, as JSON; null where there is no such locale."""
    locale = _find(tag)
    return _written(locale) if locale else "null"


def zone_names(key: str) -> str:
    """The names of a time zone in a locale, asked for as `zone|locale`; as JSON."""
    name, _, tag = key.partition("|")
    locale, zone = _find(tag), find_zone(name)
    return _names_written(locale, zone.key if zone else "") if locale else "{}"


@lru_cache(maxsize=64)
def _written(locale: str) -> str:
    return json.dumps(_described(_read(locale)), separators=(",", ":"))


@lru_cache(maxsize=256)
def _names_written(identifier: str, zone: str) -> str:
    locale = _read(identifier)
    zone = get_global("zone_aliases").get(zone, zone)
    zone = "Etc/UTC" if zone in ("UTC", "Etc/GMT", "Zulu", "Etc/Zulu") else zone
    names = _plain(locale.meta_zones.get(get_global("meta_zones").get(zone, ""), {}))
    for width, own in _plain(locale.time_zones.get(zone, {})).items():
        if isinstance(own, dict):
            names[width] = {**names.get(width, {}), **own}
    names = {width: {k: v for k, v in own.items() if v != NO_NAME} for width, own in names.items()}
    if zone == "Etc/UTC":
        names["short"] = {"standard": "UTC"}
    told = {**names, "gmt": locale.zone_formats["gmt"]}
    return json.dumps(told, separators=(",", ":"))


def _find(tag: str) -> str | None:
    """What Babel calls the locale of a tag, or that of its language."""
    tag = EXTENSION.sub("", tag)
    if not TAG.fullmatch(tag):
        return None
    language, _, _ = tag.partition("-")
    for known in (tag, language):
        try:
            with _babel:
                return str(Locale.parse(known, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return None


@lru_cache(maxsize=2)
def _read(identifier: str) -> Locale:
    with _babel:
        locale = _OwnLocale.parse(identifier)
        assert locale._data, "read now, under the lock"
        return locale


def _described(locale: Locale) -> dict[str, Any]:
    data = locale._data  # what has no accessor is read from here
    glue = {style: str(pattern) for style, pattern in _plain(locale.datetime_formats).items()}
    if at_time := AT_TIME.get(locale.language):
        glue |= {"full": at_time, "long": at_time}
    glue |= GLUE.get(locale.language, {})
    return {
        "tag": str(locale).replace("_", "-"),
        "months": _lists(locale.months, range(1, 13)),
        "days": _lists(locale.days, (6, 0, 1, 2, 3, 4, 5)),
        "eras": {width: list(_plain(names).values()) for width, names in locale.eras.items()},
        "periods": _periods(locale),
        "dates": _patterns(locale.date_formats),
        "times": _patterns(locale.time_formats),
        "glue": glue,
        "skeletons": _skeletons(locale),
        "numbers": _numbers(locale),
        "plural": to_javascript(locale.plural_form),
        "ordinal": to_javascript(locale.ordinal_form),
        "lists": _plain(locale.list_patterns),
        "relative": {
            name: _plain(data["date_fields"].get(name, {}))
            for name in (unit + width for unit in UNITS for width in WIDTHS)
        },
        "units": {
            unit: _plain(data["unit_patterns"].get(f"duration-{unit}", {}))
            for unit in (*UNITS, "millisecond")
        },
    }


def _numbers(locale: Locale) -> dict[str, Any]:
    symbols = locale.number_symbols
    return {
        "symbols": _plain(symbols.get("latn") or symbols.get(locale.default_numbering_system, {})),
        "decimal": locale.decimal_formats[None].pattern,
        "percent": locale.percent_formats[None].pattern,
        "currency": locale.currency_formats["standard"].pattern,
        "accounting": locale.currency_formats["accounting"].pattern,
        "currencies": {
            code: symbol for code, symbol in locale.currency_symbols.items() if code != symbol
        },
        "compact": {
            form: {size: pattern.pattern for size, pattern in sizes.items()}
            for form, sizes in _plain(locale.compact_decimal_formats["short"]).items()
        },
        "groupsFrom": 5 if str(locale) in GROUPS_FROM_FIVE_DIGITS else 4,
    }


def _lists(contexts: Mapping[str, Any], order: Any) -> dict[str, dict[str, list[str]]]:
    return {
        context: {width: [names[place] for place in order] for width, names in widths.items()}
        for context, widths in contexts.items()
        if all(len(names) >= len(list(order)) for names in widths.values())
    }


def _periods(locale: Locale) -> list[str]:
    names = {**_plain(locale.day_periods["format"]["wide"])}
    names.update(_plain(locale.day_periods["format"]["abbreviated"]))
    return [
        names.get(period, period.upper()).replace(NARROW_SPACE, "\xa0") for period in ("am", "pm")
    ]


def _patterns(formats: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(pattern) for name, pattern in formats.items()}


def _skeletons(locale: Locale) -> dict[str, str]:
    skeletons = _patterns(locale.datetime_skeletons) | SKELETONS.get(str(locale), {})
    if NARROW_SPACE not in str(locale.time_formats["short"]):
        return skeletons
    # Of these Babel keeps the forms for programs that know no narrow space.
    return {name: text.replace(" a", f"{NARROW_SPACE}a") for name, text in skeletons.items()}


def _plain(value: Any) -> Any:
    """Babel's dicts look through aliases; JSON wants what is behind them."""
    if hasattr(value, "items"):
        return {key: _plain(entry) for key, entry in value.items()}
    return value
