"""What became of slots is forgotten after a while."""

from datetime import timedelta

import pytest

from apps.runs.models import Run
from apps.runs.tidy import tidy
from apps.triggers.models import ScheduleFire
from apps.triggers.schedules import forget
from apps.triggers.schedules.fire import fire_due
from tests.triggers.scheduled import START, at, live, outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_start")]


def test_what_became_of_slots_is_forgotten_after_90_days_but_not_what_is_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forget, "AT_ONCE", 2)
    skips, queues = (live(cron="*/5 * * * *", overlap=overlap) for overlap in ("skip", "queue"))
    for minute in range(5, 35, 5):
        fire_due(at(f"10:{minute:02}:00"))
    ScheduleFire.objects.update(fired_at=START - timedelta(days=90, seconds=1))
    skips.fires.filter(slot=at("10:30:00")).update(fired_at=START - timedelta(days=89))
    assert tidy()["schedule_fires"] == 6
    assert outcomes(skips) == [("10:30:00", "overlapped")]
    assert {outcome for _, outcome in outcomes(queues)} == {"queued"}
    assert Run.objects.count() == 2
