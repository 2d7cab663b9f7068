"""Dates written and read by a pattern of luxon's tokens (`dd LLL yyyy`), in English."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from apps.expressions.zones import find_zone

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MAX_PATTERN = 500

MACROS = {
    "D": "M/d/yyyy",
    "DD": "LLL d, yyyy",
    "DDD": "LLLL d, yyyy",
    "DDDD": "EEEE, LLLL d, yyyy",
    "t": "h:mm a",
    "tt": "h:mm:ss a",
    "T": "HH:mm",
    "TT": "HH:mm:ss",
    "f": "M/d/yyyy, h:mm a",
    "ff": "LLL d, yyyy, h:mm a",
    "F": "M/d/yyyy, h:mm:ss a",
    "FF": "LLL d, yyyy, h:mm:ss a",
}
_TOKENS = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|([^A-Za-z']+|')")

_BLANKS = re.compile(r"(?:\\\s)+", re.ASCII)
"""As they stand escaped in an expression, of which all of them must be one part."""


def _offset(moment: datetime, form: str) -> str:
    minutes = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    if form == "Z":
        return f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}"
    return f"{sign}{hours:02}{':' if form == 'ZZ' else ''}{rest:02}"


def _zone_name(moment: datetime) -> str:
    return getattr(moment.tzinfo, "key", None) or moment.tzname() or ""


WRITERS: dict[str, Callable[[datetime], str]] = {
    "S": lambda m: str(m.microsecond // 1000),
    "SSS": lambda m: f"{m.microsecond // 1000:03}",
    "u": lambda m: f"{m.microsecond // 1000:03}",
    "uu": lambda m: f"{m.microsecond // 10_000:02}",
    "uuu": lambda m: str(m.microsecond // 100_000),
    "s": lambda m: str(m.second),
    "ss": lambda m: f"{m.second:02}",
    "m": lambda m: str(m.minute),
    "mm": lambda m: f"{m.minute:02}",
    "h": lambda m: str(m.hour % 12 or 12),
    "hh": lambda m: f"{m.hour % 12 or 12:02}",
    "H": lambda m: str(m.hour),
    "HH": lambda m: f"{m.hour:02}",
    "a": lambda m: "AM" if m.hour < 12 else "PM",
    "Z": lambda m: _offset(m, "Z"),
    "ZZ": lambda m: _offset(m, "ZZ"),
    "ZZZ": lambda m: _offset(m, "ZZZ"),
    "ZZZZ": lambda m: m.tzname() or "",
    "z": _zone_name,
    "d": lambda m: str(m.day),
    "dd": lambda m: f"{m.day:02}",
    "E": lambda m: str(m.isoweekday()),
    "EEE": lambda m: DAYS[m.weekday()][:3],
    "EEEE": lambda m: DAYS[m.weekday()],
    "EEEEE": lambda m: DAYS[m.weekday()][0],
    "M": lambda m: str(m.month),
    "MM": lambda m: f"{m.month:02}",
    "MMM": lambda m: MONTHS[m.month - 1][:3],
    "MMMM": lambda m: MONTHS[m.month - 1],
    "MMMMM": lambda m: MONTHS[m.month - 1][0],
    "y": lambda m: str(m.year),
    "yy": lambda m: f"{m.year % 100:02}",
    "yyyy": lambda m: f"{m.year:04}",
    "yyyyyy": lambda m: f"{m.year:06}",
    "G": lambda m: "AD",
    "GG": lambda m: "Anno Domini",
    "kk": lambda m: f"{m.isocalendar().year % 100:02}",
    "kkkk": lambda m: f"{m.isocalendar().year:04}",
    "W": lambda m: str(m.isocalendar().week),
    "WW": lambda m: f"{m.isocalendar().week:02}",
    "o": lambda m: str(m.timetuple().tm_yday),
    "ooo": lambda m: f"{m.timetuple().tm_yday:03}",
    "q": lambda m: str((m.month + 2) // 3),
    "qq": lambda m: f"{(m.month + 2) // 3:02}",
    "X": lambda m: str(epoch_ms(m) // 1000),
    "x": lambda m: str(epoch_ms(m)),
}
WRITERS |= {token.replace("E", "c"): WRITERS[token] for token in ("E", "EEE", "EEEE", "EEEEE")}
WRITERS |= {"L" * count: WRITERS["M" * count] for count in range(1, 6)}


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, exact."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def check_letters(pattern: str) -> str:
    """The pattern. Raises PatternError where its letters are those of moment (`YYYY-MM-DD`), which
    luxon takes for text, or for a whole date.
    """
    tokens = {token for _, token, _, _ in _TOKENS.findall(pattern)}
    has_parts = any(token[0] in "yYML" for token in tokens if token)
    if tokens & {"YYYY", "YY"} or ("DD" in tokens and has_parts):
        raise PatternError("Years are “yyyy” and days “dd” here, in luxon's letters.")
    return pattern


def write_date(moment: datetime, pattern: str) -> str:
    """The moment by a pattern. A run of letters that is no token stays as it is."""
    written = []
    for quoted, token, _, other in _TOKENS.findall(pattern):
        if token in MACROS:
            written.append(write_date(moment, MACROS[token]))
        elif token in WRITERS:
            written.append(WRITERS[token](moment))
        else:
            written.append(token or other or quoted.replace("''", "'"))
    return "".join(written)


def told_time(moment: datetime, zone: tzinfo) -> str:
    """The moment as people read it, with its zone: `2 March 2026, 09:00 (Europe/Riga)`."""
    return write_date(moment.astimezone(zone), "d MMMM yyyy, HH:mm (z)")


def _one_of(names: list[str], length: int | None = None) -> str:
    return "|".join(name[:length] for name in names)


READERS = {
    "S": r"\d{1,3}",
    "SSS": r"\d{3}",
    "u": r"\d{1,9}",
    "a": r"[AaPp]\.?[Mm]\.?",
    "Z": r"[+-]\d{1,2}(?::\d\d)?",
    "ZZ": r"[+-]\d\d:\d\d|Z",
    "ZZZ": r"[+-]\d{4}|Z",
    "z": r"[A-Za-z_+-]+(?:/[A-Za-z0-9_+-]+){0,2}",
    "y": r"\d{1,4}",
    "yy": r"\d\d",
    "yyyy": r"\d{4}",
    "MMM": _one_of(MONTHS, 3),
    "MMMM": _one_of(MONTHS),
    "EEE": _one_of(DAYS, 3),
    "EEEE": _one_of(DAYS),
    "o": r"\d{1,3}",
    "ooo": r"\d{3}",
    "X": r"-?\d{1,12}(?:\.\d{1,9})?",
    "x": r"-?\d{1,15}",
}
for _token in ("s", "m", "h", "H", "d", "M"):
    READERS |= {_token: r"\d\d?", _token * 2: r"\d\d"}
READERS |= {"L" * count: READERS["M" * count] for count in range(1, 5)}
READERS |= {"ccc": READERS["EEE"], "cccc": READERS["EEEE"]}


class PatternError(ValueError):
    """A pattern by which nothing can be read; the message says which of its parts."""


def read_date(text: str, pattern: str, zone: tzinfo) -> datetime | None:
    """The moment that the text tells by the pattern, None where it tells none.

    What the pattern leaves out is the beginning of that; without an offset it is in `zone`. Raises
    PatternError.
    """
    match = re.fullmatch(_expression(pattern), text.strip()[:1_000], re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    told = {name[:-1]: value for name, value in match.groupdict().items()}
    try:
        return _moment(told, zone)
    except (ValueError, OverflowError):
        return None


def _expression(pattern: str) -> str:
    parts: list[str] = []
    seen: set[str] = set()
    for quoted, token, _, other in _TOKENS.findall(pattern):
        if token in MACROS:
            raise PatternError(f"“{token}” only writes dates; name the parts one by one.")
        if token and token not in READERS:
            raise PatternError(f"“{token}” is no part of a date; other text goes into 'quotes'.")
        if token:
            name = {"L": "M", "c": "E", "u": "S"}.get(token[0], token[0])
            if name in seen:
                raise PatternError(f"“{token}” tells again what stands there already.")
            seen.add(name)
            parts.append(f"(?P<{name}_>{READERS[token]})")
        else:
            parts.append(re.escape(other or quoted.replace("''", "'")))
    return _BLANKS.sub(r"\\s++", "".join(parts))


def _moment(told: dict[str, str], zone: tzinfo) -> datetime:
    if "x" in told or "X" in told:
        seconds = int(told["x"]) / 1000 if "x" in told else float(told["X"])
        return datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    year = int(told.get("y", "1970"))
    if len(told.get("y", "")) == 2:
        year += 1900 if year > 60 else 2000
    hour = int(told.get("H") or told.get("h") or 0)
    if "a" in told and "h" in told:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if told["a"][0] in "pP" else 0)
    moment = datetime(
        year,
        _month(told.get("M", "1")),
        int(told.get("d", "1")),
        hour,
        int(told.get("m", "0")),
        int(told.get("s", "0")),
        int(told.get("S", "0")[:3].ljust(3, "0")) * 1000,
        _zone(told, zone),
    )
    if "o" in told:
        moment = moment.replace(month=1, day=1) + timedelta(int(told["o"]) - 1)
        if moment.year != year:
            raise ValueError
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return [name[:3].lower() for name in MONTHS].index(text[:3].lower()) + 1


def _zone(told: dict[str, str], zone: tzinfo) -> tzinfo:
    if "z" in told:
        named = find_zone(told["z"])
        if named is None:
            raise ValueError
        return named
    offset = told.get("Z", "")
    if not offset:
        return zone
    if offset in "Zz":
        return UTC
    hours, _, minutes = offset[1:].partition(":")
    if len(hours) == 4:
        hours, minutes = hours[:2], hours[2:]
    delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-delta if offset[0] == "-" else delta)
