"""The counts of runs that ended: what they come to, and that nothing is counted twice or not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from apps.operations.board import count
from apps.operations.board.count import LAG, bound_s, count_ended, delete_old_stats
from apps.operations.board.day import POINT, Ended, day_of, whole
from apps.operations.models import RunStat, RunStatProgress
from apps.runs.models import Run
from tests.factories import make_run, make_workspace

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 5, 12, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The database's clock, which the test sets."""
    clock = {"now": NOW}
    monkeypatch.setattr(count.sql, "database_now", lambda: clock["now"])
    return clock


def ended(like: Run | None, ago: timedelta, status: str = "completed", took_s: float = 1) -> Run:
    end = NOW - ago
    moments = {"started_at": end - timedelta(seconds=took_s), "finished_at": end}
    return make_run(like and like.version, status, **moments)


def count_all() -> int:
    turns = 0
    while count_ended():
        turns += 1
    return turns


def counted() -> dict[str, int]:
    found: dict[str, int] = {}
    for stat in RunStat.objects.all():
        found[stat.status] = found.get(stat.status, 0) + stat.count
    return found


def day(run: Run, now: datetime = NOW) -> list[Ended]:
    return day_of([run.workspace_id], now)


def test_runs_but_trials_are_counted_by_how_they_ended_a_span_at_a_turn() -> None:
    run = ended(None, timedelta(minutes=31))
    ended(run, timedelta(minutes=31), "failed")
    ended(run, timedelta(hours=5), "cancelled")
    make_run(run.version)
    Run.objects.filter(pk=ended(run, timedelta(minutes=31), "failed").pk).update(is_trial=True)
    assert count_all() == 2, "spans in which nothing ended take no turn"
    assert counted() == {"completed": 1, "failed": 1, "cancelled": 1}


def test_a_span_is_counted_once_it_is_over_and_late_ends_are_written(clock: Any) -> None:
    run = ended(None, timedelta(minutes=2))
    span_ends = datetime(2026, 11, 5, 12, 10, tzinfo=UTC)
    assert run.finished_at is not None
    assert run.finished_at < span_ends
    assert count.until_next_s() == LAG.total_seconds()
    assert count_all() == 0
    clock["now"] = span_ends + LAG
    assert count.until_next_s() == count.AGAIN_S
    assert count_all() == 1


def test_a_span_that_is_counted_anew_comes_to_the_same(clock: Any) -> None:
    run = ended(None, timedelta(minutes=31), took_s=2)
    ended(run, timedelta(minutes=31), "failed")
    count_all()
    before = counted()
    RunStatProgress.objects.update(counted_until=NOW - timedelta(days=1))
    assert count_all() == 1
    assert counted() == before


def test_an_end_that_is_written_after_its_span_was_counted_is_counted_with_the_next(
    clock: Any,
) -> None:
    run = ended(None, timedelta(minutes=42))
    ended(run, timedelta(minutes=42), "failed")
    assert count_all() == 1
    ended(run, timedelta(minutes=41), "failed")
    ended(run, timedelta(minutes=51))  # in a span in which nothing ended before
    assert count_all() == 0, "it waits for whatever ends next"
    ended(run, timedelta(minutes=6))
    assert count_all() == 1
    assert counted() == {"completed": 3, "failed": 2}


def test_what_was_deleted_stays_counted_though_an_end_is_written_late_elsewhere() -> None:
    run = ended(None, timedelta(minutes=42))
    ended(run, timedelta(minutes=31))
    count_all()
    Run.objects.filter(pk=run.pk).delete()
    other = make_run()
    ended(other, timedelta(minutes=32))
    ended(other, timedelta(minutes=6))
    count_all()
    assert counted() == {"completed": 4}


def test_who_fails_half_way_has_counted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ended(None, timedelta(minutes=31))
    with monkeypatch.context() as broken:
        broken.setattr(RunStatProgress, "save", fail)
        with pytest.raises(DatabaseError):
            count_ended()
    assert counted() == {}
    assert count_all() == 1


def fail(*args: Any, **kwargs: Any) -> None:
    raise DatabaseError("the database went away")


def test_what_was_counted_stays_where_its_runs_are_deleted_and_goes_with_its_age() -> None:
    run = ended(None, timedelta(minutes=31))
    count_all()
    Run.objects.all().delete()
    assert whole(day(run)).count == 1
    assert delete_old_stats(NOW + timedelta(days=1)) == 0
    assert delete_old_stats(NOW + timedelta(days=3)) == 1


def test_a_new_installation_of_old_runs_counts_the_last_days_alone() -> None:
    run = ended(None, timedelta(days=3))
    ended(run, timedelta(hours=30))
    assert count_all() == 1


def test_a_day_has_a_point_for_each_half_hour_the_last_of_which_goes_on() -> None:
    run = ended(None, timedelta(minutes=31))
    ended(run, timedelta(minutes=31), "failed")
    ended(run, timedelta(hours=23), "failed")
    ended(run, timedelta(hours=25), "failed")
    count_all()
    points = day(run)
    assert len(points) * POINT == timedelta(days=1)
    assert points[-1].starts_at == datetime(2026, 11, 5, 12, tzinfo=UTC)
    assert points[-2].by_status == {"completed": 1, "failed": 1}
    assert points[-2].failure_rate == 0.5
    assert points[-3].failure_rate is None
    assert whole(points).count == 3


@pytest.mark.parametrize("took_s", [0.0005, 0.02, 1, 3.7, 61, 86_400, 40 * 86_400])
def test_how_long_a_run_took_is_told_within_a_step(took_s: float) -> None:
    ended(None, timedelta(minutes=31), took_s=took_s)
    count_all()
    bound = bound_s(RunStat.objects.get().took)
    assert took_s <= bound * 1.000001
    assert bound <= max(took_s, 0.001) * 2**0.5 * 1.000001


def test_of_twenty_runs_the_slowest_does_not_count_to_the_95_percent() -> None:
    run = ended(None, timedelta(minutes=31), took_s=600)
    for _ in range(19):
        ended(run, timedelta(minutes=31), took_s=1.3)
    count_all()
    p95 = whole(day(run)).p95_s
    assert p95 is not None
    assert 1 < p95 < 2


def test_a_run_that_never_started_has_no_time_that_it_took() -> None:
    run = make_run(None, "cancelled", finished_at=NOW - timedelta(minutes=31))
    count_all()
    assert whole(day(run)).by_status == {"cancelled": 1}
    assert whole(day(run)).p95_s is None


def test_a_workspace_is_told_of_its_own_runs_alone() -> None:
    run = ended(None, timedelta(minutes=31))
    ended(None, timedelta(minutes=31), "failed")
    count_all()
    assert whole(day(run)).by_status == {"completed": 1}
    assert whole(day_of([make_workspace().pk], NOW)).count == 0
