"""The graphs of the last day as bars, which a template draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.operations.board.day import Ended, whole
from apps.operations.board.lists import NO_TRIALS, THAT_STARTED, asked, list_of
from apps.runs.admin.show import duration
from apps.runs.states import RunStatus

HEIGHT = 100.0
"""Of the tallest bar; a bar is one wide."""
LEAST = 2.0
"""What is not nothing is seen, however small it is."""
KINDS = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)
NOTHING = "–"
ALL: dict[str, str] = {}
THAT_FAILED = {"status__exact": RunStatus.FAILED.value}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar, from its upper end down."""

    kind: str
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    parts: Sequence[Part]
    told: str
    link: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    value: str
    """Of the whole day."""
    top: str
    """What the tallest bar comes to."""
    bars: Sequence[Bar]
    kinds: Sequence[str] = ()
    """What the colours of its bars mean, where there are several."""


@dataclass(frozen=True, slots=True)
class Row:
    """A half hour as a table tells it."""

    time: str
    link: str
    counts: Sequence[int]
    failure_rate: str
    p95: str


def charts_of(day: Sequence[Ended]) -> list[Chart]:
    total = whole(day)
    most = max(each.count for each in day)
    return [
        Chart(
            "Runs ended",
            f"{total.count:,}",
            f"{most:,}",
            [_bar(each, _told(each), _stacked(each, most)) for each in day],
            [str(kind.label) for kind in KINDS],
        ),
        _simple(day, "Failure rate", "failed", lambda each: each.failure_rate, rate, THAT_FAILED),
        _simple(day, "95 % took at most", "took", lambda each: each.p95_s, took, THAT_STARTED),
    ]


def rows_of(day: Sequence[Ended]) -> list[Row]:
    """The same as a table, the latest first; without the times in which nothing ended."""
    return [
        Row(
            _time(each),
            _link(each),
            [each.by_status[kind] for kind in KINDS],
            rate(each.failure_rate),
            took(each.p95_s),
        )
        for each in reversed(day)
        if each.count
    ]


def rate(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.1%}"


def took(seconds: float | None) -> str:
    return NOTHING if seconds is None else duration(seconds)


def _simple(
    day: Sequence[Ended],
    title: str,
    kind: str,
    value_of: Callable[[Ended], float | None],
    write: Callable[[float | None], str],
    counted: dict[str, str],
) -> Chart:
    """A chart of bars of one kind."""
    values = [value_of(each) or 0.0 for each in day]
    most = max(values)
    bars = [
        _bar(
            each, f"{_time(each)}: {write(value_of(each))}", _parts([(kind, value)], most), counted
        )
        for each, value in zip(day, values, strict=True)
    ]
    return Chart(title, write(value_of(whole(day))), write(most or None), bars)


def _stacked(ended: Ended, most: int) -> list[Part]:
    return _parts([(kind.value, ended.by_status[kind]) for kind in KINDS], most)


def _parts(values: Sequence[tuple[str, float]], most: float) -> list[Part]:
    """From the ground up."""
    parts, top = [], HEIGHT
    for kind, value in values:
        if not value:
            continue
        height = max(value / most * HEIGHT, LEAST)
        top = max(top - height, 0.0)
        parts.append(Part(kind, round(top, 2), round(height, 2)))
    return parts


def _bar(ended: Ended, told: str, parts: Sequence[Part], counted: dict[str, str] = ALL) -> Bar:
    return Bar(parts, told, _link(ended, counted))


def _told(ended: Ended) -> str:
    counts = ", ".join(f"{ended.by_status[kind]:,} {kind.label.lower()}" for kind in KINDS)
    return f"{_time(ended)}: {counts}"


def _time(ended: Ended) -> str:
    return f"{ended.starts_at:%H:%M}–{ended.ends_at:%H:%M}"


def _link(ended: Ended, counted: dict[str, str] = ALL) -> str:
    """The list of the runs that ended then, of which the graphs tell."""
    span = {"finished_after": asked(ended.starts_at), "finished_before": asked(ended.ends_at)}
    return list_of({**span, **counted, **NO_TRIALS})
