"""The figures of the status board: what is going on, and whether it goes well.

Each is bounded, and found by an index, however many runs there are.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from apps.operations.board.beat import last_tick, what_to_do
from apps.operations.board.lists import NO_TRIALS, THAT_STARTED, asked, list_of
from apps.operations.models import Alert
from apps.runs.admin.show import duration
from apps.runs.models import DEFAULT_QUEUE, Hold, Run, Worker
from apps.runs.next_up import oldest_next
from apps.runs.states import RunStatus, WorkerState
from apps.triggers.models import Schedule
from apps.triggers.schedules.states import ScheduleState, with_state
from apps.workspaces.constants import Constant

MOST = 10_000
"""So many are counted; where there are more, that is said."""
LATELY = timedelta(hours=1)
DAY = timedelta(days=1)
WITHOUT_TRIALS = "without trials of drafts"
OLD = timedelta(minutes=5)
"""No run should wait so long for a worker."""
SLOW_MS = 250.0
"""Nothing is brisk where each question takes so long."""
RATE_OF_CONCERN = 0.05
"""Of failures among the runs that ended lately."""


@dataclass(frozen=True, slots=True)
class Figure:
    title: str
    value: str
    link: str = ""
    """The list of what was counted."""
    note: str = ""
    is_bad: bool = False


def figures_of(workspaces: Sequence[UUID], *, of_installation: bool) -> list[Figure]:
    """The figures of these workspaces; those of the installation itself only where asked for."""
    found = [
        *_runs(workspaces),
        *_lately(workspaces),
        _late_schedules(workspaces),
        _open_alerts(workspaces, of_installation=of_installation),
        _paused(workspaces, of_installation=of_installation),
    ]
    return [*found, *_installation()] if of_installation else found


def _runs(workspaces: Sequence[UUID]) -> list[Figure]:
    runs = Run.objects.filter(workspace__in=workspaces)
    day = (timezone.now() - DAY).replace(second=0, microsecond=0)
    failed = _count(
        runs.filter(status=Constant(RunStatus.FAILED), finished_at__gte=day, is_trial=False)
    )
    since = {"status__exact": "failed", "finished_after": asked(day), **NO_TRIALS}
    counts = [
        Figure(
            "Failed in 24 hours",
            _many(failed),
            list_of(since),
            WITHOUT_TRIALS,
            is_bad=failed > 0,
        ),
        *(
            Figure(
                str(status.label).capitalize(),
                _many(_count(runs.filter(status=Constant(status)))),
                list_of({"status__exact": status.value}),
            )
            for status in (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PENDING)
        ),
    ]
    return [*counts, _oldest_pending(workspaces)]


def _oldest_pending(workspaces: Sequence[UUID]) -> Figure:
    """Of those that nobody holds: what waits by somebody's wish is no reason to worry."""
    made_at = oldest_next(DEFAULT_QUEUE, workspaces)
    age = timezone.now() - made_at if made_at else None
    return Figure(
        "Oldest pending",
        "–" if age is None else duration(max(age.total_seconds(), 0)),
        list_of({"status__exact": "pending"}),
        "of those that wait for a worker",
        is_bad=age is not None and age > OLD,
    )


def _lately(workspaces: Sequence[UUID]) -> list[Figure]:
    """Of the last hour, or of the newest runs in it, where there were very many."""
    now = timezone.now()
    since = (now - LATELY).replace(second=0, microsecond=0)
    ended = Run.objects.filter(workspace__in=workspaces, finished_at__gte=since)
    columns = ("status", "is_trial", "started_at", "finished_at")
    rows = ended.order_by("-finished_at").values_list(*columns)[:MOST]
    found = [(status, is_trial, start, end) for status, is_trial, start, end in rows if end]
    is_cut = len(found) == MOST
    if is_cut:
        since = found[-1][3].replace(microsecond=0)
    span_s = (now - since).total_seconds()
    lasted = duration(span_s) if is_cut else "hour"
    note = f"of the last {lasted}"
    judged = [status for status, is_trial, *_ in found if not is_trial]
    took = sorted((end - start).total_seconds() for *_, start, end in found if start)
    rate = judged.count(RunStatus.FAILED) / len(judged) if judged else 0.0
    lately = {"finished_after": asked(since)}
    return [
        Figure(
            "Runs a minute",
            _rate(len(found) * 60 / max(span_s, 1)),
            list_of(lately),
            f"{len(found):,} in the last {lasted}",
        ),
        Figure(
            "Failure rate",
            f"{rate:.1%}" if judged else "–",
            list_of({"status__exact": "failed", **lately, **NO_TRIALS}),
            f"{note}, {WITHOUT_TRIALS}",
            is_bad=rate > RATE_OF_CONCERN,
        ),
        Figure(
            "95 % took at most",
            duration(took[(len(took) * 95 - 1) // 100]) if took else "–",
            list_of({**lately, **THAT_STARTED}),
            note,
        ),
    ]


def _rate(a_minute: float) -> str:
    """So exact that a single one in an hour is not told as none."""
    return f"{a_minute:.1f}" if a_minute >= 1 else f"{a_minute:.2f}" if a_minute else "0"


def _late_schedules(workspaces: Sequence[UUID]) -> Figure:
    live = Schedule.objects.filter(workspace__in=workspaces, is_live=True)
    late = _count(with_state(live).filter(state=ScheduleState.LATE))
    page = f"{reverse('admin:triggers_schedule_changelist')}?state={ScheduleState.LATE}"
    return Figure("Late schedules", _many(late), page, is_bad=late > 0)


def _open_alerts(workspaces: Sequence[UUID], *, of_installation: bool) -> Figure:
    theirs = Q(workspace__in=workspaces)
    alerts = Alert.objects.filter(theirs | Q(workspace=None) if of_installation else theirs)
    fire = _count(alerts.filter(resolved_at=None))
    page = f"{reverse('admin:operations_alert_changelist')}?state=open"
    return Figure("Open alerts", _many(fire), page, is_bad=fire > 0)


def _paused(workspaces: Sequence[UUID], *, of_installation: bool) -> Figure:
    """Of everything, which each page tells of anyway, only where it is asked for."""
    holds = Hold.objects.all()
    count = _count(holds if of_installation else holds.filter(workspace__in=workspaces))
    return Figure("Paused", _many(count), reverse("admin:runs_hold_changelist"), is_bad=count > 0)


def _installation() -> list[Figure]:
    workers = [worker.state for worker in Worker.objects.all()]
    alive = sum(state != WorkerState.SILENT for state in workers)
    counts = {state: workers.count(state) for state in WorkerState if state in workers}
    told = ", ".join(f"{count} {state.label.lower()}" for state, count in counts.items())
    nobody_works = WorkerState.WORKING not in counts
    page = reverse("admin:runs_worker_changelist")
    found = [
        Figure("Workers alive", str(alive), page, told, is_bad=nobody_works),
        _beat(),
        _answer("Database", _ask_database),
    ]
    return [*found, _answer("Redis", _ask_broker)] if settings.BROKER_REDIS_URL else found


def _beat() -> Figure:
    tick = last_tick()
    value = (
        f"{duration(max((timezone.now() - tick.at).total_seconds(), 0))} ago"
        if tick.at
        else "never"
    )
    page = reverse("admin:django_celery_beat_periodictask_changelist")
    note = f"Late: {what_to_do()}." if tick.is_late else ""
    return Figure("Last tick of beat", value, page, note, is_bad=tick.is_late)


def _answer(name: str, ask: Callable[[], object]) -> Figure:
    """How long it takes to answer, or that it does not."""
    started = time.perf_counter()
    try:
        ask()
    except redis.RedisError:
        return Figure(name, "does not answer", is_bad=True)
    lag_ms = (time.perf_counter() - started) * 1000
    return Figure(f"{name} answers in", f"{lag_ms:.1f} ms", is_bad=lag_ms > SLOW_MS)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    with redis.Redis.from_url(settings.BROKER_REDIS_URL, **settings.REDIS_PATIENCE) as client:
        client.ping()


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: MOST + 1].count()


def _many(count: int) -> str:
    return f"{MOST:,}+" if count > MOST else f"{count:,}"
