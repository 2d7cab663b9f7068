"""Next slots follow the rules of time zones, also where these change."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.runs import sql
from apps.triggers.models import Schedule
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.reckon import reckon_anew
from apps.triggers.tasks import reckon
from tests.factories import make_schedule

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
EIGHT_IN_RIGA = datetime(2026, 3, 3, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "database_now", lambda: NOW)


def in_riga(next_run_at: datetime, **fields: object) -> Schedule:
    """Fires at eight; what is stored was told when Riga was elsewhere."""
    rule = {"cron": "0 8 * * *", "timezone": "Europe/Riga"} | fields.pop("rule", {})
    return make_schedule(due_at=next_run_at, rule=rule, **fields)


@pytest.mark.parametrize("hours", [-1, 1], ids=["earlier", "later"])
def test_a_slot_that_the_old_rules_told_is_moved(hours: int) -> None:
    schedule = in_riga(EIGHT_IN_RIGA + timedelta(hours=hours), rule={"jitter_s": 60})
    assert reckon_anew() == 1
    schedule.refresh_from_db()
    assert schedule.next_run_at == EIGHT_IN_RIGA
    assert schedule.due_at == plan_of(schedule).due_at(EIGHT_IN_RIGA)
    assert reckon_anew() == 0


@pytest.mark.parametrize(
    ("next_run_at", "fields"),
    [
        (NOW - timedelta(seconds=5), {}),
        (EIGHT_IN_RIGA + timedelta(hours=1), {"paused_at": NOW}),
        (EIGHT_IN_RIGA + timedelta(hours=1), {"is_live": False}),
        (EIGHT_IN_RIGA + timedelta(hours=1), {"rule": {"cron": "no cron"}}),
    ],
    ids=["due", "paused", "not live", "broken"],
)
def test_what_is_due_or_does_not_fire_stays(
    next_run_at: datetime, fields: dict[str, object]
) -> None:
    schedule = in_riga(next_run_at, **fields)
    reckon()
    schedule.refresh_from_db()
    assert schedule.next_run_at == next_run_at
