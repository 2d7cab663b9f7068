"""The workers' part: runs that ended are counted, five minutes of them at each turn.

A span is counted anew from its rows, in one transaction with how far all are counted: who is killed
has counted it or not, and of two workers one finds the other at it. Runs themselves are not
written to, nor is anything where they end.
"""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    Count,
    FloatField,
    Func,
    QuerySet,
    SmallIntegerField,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Ceil, Greatest, Ln, TruncMinute

from apps.operations.models import RunStat, RunStatProgress
from apps.runs import sql
from apps.runs.filters import TOOK
from apps.runs.models import Run

SPAN = timedelta(minutes=5)
LAG = timedelta(minutes=1)
"""So long after its end a span is counted: some ends are written later than they were."""
LOOKED_BACK = timedelta(hours=1)
"""Of so much that was counted it is asked with each span whether an end was written later still."""
KEPT_FOR = timedelta(days=2)
AGAIN_S = 0.25
"""Until the next turn, where there are more or another worker is at them."""
STEPS_A_DOUBLING = 2


class Seconds(Func):
    """A duration as a number."""

    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
        return self.as_sql(compiler, connection, template=template)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s) / 1000000.0)")


BUCKET = Case(
    When(started_at=None, then=Value(0)),
    default=Cast(
        Greatest(
            Ceil(
                Ln(Greatest(Seconds(TOOK) * 1000.0, Value(1.0)))
                * Value(STEPS_A_DOUBLING / math.log(2))
            ),
            Value(1.0),
        ),
        SmallIntegerField(),
    ),
    output_field=SmallIntegerField(),
)
"""`RunStat.took` of a run."""


def bound_s(took: float) -> float:
    """The longest time that is counted under it, in seconds."""
    return float(2 ** (took / STEPS_A_DOUBLING)) / 1000


def count_ended() -> int:
    """Count what ended in the next span that is over; gives how many runs."""
    if until_next_s() != AGAIN_S:
        return 0
    # Before the transaction, in which SQLite lets nobody else write.
    late = _with_late_ends(RunStatProgress.objects.get(pk=RunStatProgress.ONLY).counted_until)
    with transaction.atomic():
        progress = RunStatProgress.objects.select_for_update(skip_locked=True).first()
        if progress is None:
            return 0
        start = _next_span(progress.counted_until)
        if start is None or not _is_over(start, sql.database_now()):
            return 0
        found = sum(_count(span) for span in (*late, start))
        progress.counted_until = start + SPAN
        progress.save(update_fields=["counted_until"])
    return found


def _count(start: datetime) -> int:
    """Count a span anew; gives how many runs."""
    ended = _ended(start, start + SPAN).order_by()
    found = list(ended.values_list("workspace", "status", BUCKET).annotate(Count("pk")))
    RunStat.objects.filter(starts_at=start).delete()
    RunStat.objects.bulk_create(
        [
            RunStat(workspace_id=workspace, starts_at=start, status=status, took=took, count=n)
            for workspace, status, took, n in found
        ],
        batch_size=500,
    )
    return sum(n for *_, n in found)


def _with_late_ends(counted_until: datetime) -> list[datetime]:
    """Of the spans counted last those in which more runs ended than were counted: whoever ended
    them has a clock that is behind, or stood still before it wrote so."""
    since = counted_until - LOOKED_BACK
    by_minute = _ended(since, counted_until).order_by().annotate(minute=TruncMinute("finished_at"))
    ended: Counter[datetime] = Counter()
    for minute, count in by_minute.values_list("minute").annotate(Count("pk")):
        ended[_span_of(minute)] += count
    stats = RunStat.objects.filter(starts_at__gte=since, starts_at__lt=counted_until)
    known = dict(stats.order_by().values_list("starts_at").annotate(Sum("count")))
    return [span for span, count in ended.items() if count > known.get(span, 0)]


def _ended(since: datetime, until: datetime) -> QuerySet[Run]:
    """Without trials: what they say of a draft is nothing of what goes on."""
    return Run.objects.filter(finished_at__gte=since, finished_at__lt=until, is_trial=False)


def until_next_s() -> float | None:
    """Seconds until a turn is wanted, if it is."""
    now = sql.database_now()
    progress, _ = RunStatProgress.objects.get_or_create(
        pk=RunStatProgress.ONLY, defaults={"counted_until": _span_of(now - KEPT_FOR)}
    )
    start = _next_span(progress.counted_until)
    if start is None:
        return None
    return AGAIN_S if _is_over(start, now) else (start + SPAN + LAG - now).total_seconds()


def delete_old_stats(now: datetime) -> int:
    """Delete what was counted long ago; gives how many rows."""
    return RunStat.objects.filter(starts_at__lt=now - KEPT_FOR).delete()[0]


def _next_span(counted_until: datetime) -> datetime | None:
    """The first span from then on in which a run ended; those between need not be counted."""
    ended = Run.objects.filter(finished_at__gte=counted_until).order_by("finished_at")
    first = ended.values_list("finished_at", flat=True).first()
    return None if first is None else _span_of(first)


def _span_of(moment: datetime) -> datetime:
    since = moment.timestamp()
    return datetime.fromtimestamp(since - since % SPAN.total_seconds(), UTC)


def _is_over(start: datetime, now: datetime) -> bool:
    return start + SPAN + LAG <= now
