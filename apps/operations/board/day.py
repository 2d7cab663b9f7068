"""How runs ended within the last day, from what the workers have counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from apps.operations.board.count import bound_s
from apps.operations.models import RunStat
from apps.runs.states import RunStatus

POINT = timedelta(minutes=30)
POINTS = 48


@dataclass(frozen=True, slots=True)
class Ended:
    """How the runs of some time ended, and after how long."""

    starts_at: datetime
    ends_at: datetime
    by_status: Counter[str] = field(default_factory=Counter)
    by_took: Counter[int] = field(default_factory=Counter)
    """By `RunStat.took`, of those that ever started."""

    @property
    def count(self) -> int:
        return self.by_status.total()

    @property
    def failure_rate(self) -> float | None:
        return self.by_status[RunStatus.FAILED] / self.count if self.count else None

    @property
    def p95_s(self) -> float | None:
        return percentile_s(self.by_took, 0.95)


def percentile_s(by_took: Mapping[int, int], share: float) -> float | None:
    """What that share of them took at most, about: within what is counted as the same, times are
    taken to lie evenly."""
    wanted = sum(by_took.values()) * share
    passed = 0
    for took, count in sorted(by_took.items()):
        if passed + count >= wanted:
            return bound_s(took - 1 + (wanted - passed) / count)
        passed += count
    return None


def day_of(workspaces: Sequence[UUID], now: datetime) -> list[Ended]:
    """The last day of these workspaces by half hours, the latest of which may not be over."""
    since_s = now.timestamp()
    last = datetime.fromtimestamp(since_s - since_s % POINT.total_seconds(), UTC)
    first = last - (POINTS - 1) * POINT
    day = [Ended(first + n * POINT, first + (n + 1) * POINT) for n in range(POINTS)]
    stats = RunStat.objects.filter(workspace__in=workspaces, starts_at__gte=first)
    rows = stats.order_by().values_list("starts_at", "status", "took").annotate(Sum("count"))
    for starts_at, status, took, count in rows:
        # Of what ended while we look there may be more already.
        ended = day[min((starts_at - first) // POINT, POINTS - 1)]
        ended.by_status[status] += count
        if took:
            ended.by_took[took] += count
    return day


def whole(day: Sequence[Ended]) -> Ended:
    """All of it as one."""
    total = Ended(day[0].starts_at, day[-1].ends_at)
    for each in day:
        total.by_status.update(each.by_status)
        total.by_took.update(each.by_took)
    return total
