"""A year of schedules on a simulated clock: two beats, killed at random; every slot fires once."""

import logging
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
import time_machine
from django.utils import timezone

from apps.runs import create, sql
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules import fire as fire_module
from apps.triggers.schedules import runs as runs_module
from apps.triggers.schedules.fire import fire_due
from apps.triggers.schedules.plans import plan_of
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from tests.factories import make_version, make_workflow
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=366)
ZONES = [
    "Europe/Riga",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Santiago",
]
RULES = [
    {"cron": "30 2 * * *"},
    {"rules": [{"unit": "weeks", "every": 1, "on": [7], "at": "01:30"}]},
]


class KilledError(BaseException):
    """The beat's process was killed here."""


class Beats:
    """Ticks at random moments, of which some are killed in the middle."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        self.kills = 0
        for module, name in (
            (runs_module, "insert_runs"),
            (fire_module, "set_next"),
            (create, "wake_queue_on_commit"),
        ):
            monkeypatch.setattr(module, name, self._mortal(getattr(module, name)))

    def _mortal(self, deed):  # type: ignore[no-untyped-def]
        def done(*given):  # type: ignore[no-untyped-def]
            if self.chance.random() < 0.05:
                self.kills += 1
                raise KilledError
            return deed(*given)

        return done

    def tick(self, now: datetime) -> None:
        # What it wrote and did not commit is gone; what it committed before stays.
        with suppress(KilledError):
            fire_due(now)

    def moments(self) -> list[datetime]:
        """Of two beats, each every few hours, sometimes both at once; now and then of none."""
        found, now = [], START
        while now < END:
            found.append(now)
            now += timedelta(hours=self.chance.choice([0, 1, 3, 9, 24]))
        return [*found, END, END, END, END]


def live(zone: str, rule: dict[str, object]) -> Schedule:
    workflow = make_workflow()
    params = {**rule, "timezone": zone, "missed": "all", "missed_most": 1_000}
    nodes = [node("tick", "schedule", params=params), node("end")]
    publish_version(make_version(workflow, graph(nodes, ["tick -> end"])), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    return workflow.schedules.get()


def test_no_slot_of_a_year_is_missed_or_fires_twice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sql, "database_now", timezone.now)
    caplog.set_level(logging.CRITICAL, fire_module.__name__)  # it looks only every few hours
    with time_machine.travel(START, tick=False):
        schedules = [live(zone, rule) for zone in ZONES for rule in RULES]
    expected = {
        schedule.pk: list(
            takewhile(lambda slot: slot <= END, plan_of(schedule).recurrence.times(START))
        )
        for schedule in schedules
    }
    beats = Beats(2026, monkeypatch)
    for moment in beats.moments():
        beats.tick(moment)
    assert beats.kills > 50
    fires = Counter(ScheduleFire.objects.filter(run__isnull=False).values_list("schedule", "slot"))
    assert set(fires.values()) == {1}
    for schedule in schedules:
        fired = sorted(slot for each, slot in fires if each == schedule.pk)
        assert fired == expected[schedule.pk]
    assert not ScheduleFire.objects.filter(run=None).exists()
