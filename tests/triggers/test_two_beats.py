"""Beats that tick at the same moment fire each slot once between them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.signals import post_save

from apps.runs.models import Run
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules import runs as runs_module
from apps.triggers.schedules.backfill import backfill
from apps.triggers.schedules.fire import fire_due
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_schedule, make_version
from tests.graphs import graph, node
from tests.triggers.scheduled import end_runs

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
TICKS = [START + timedelta(seconds=second) for second in range(10)]
BEATS = 4


def scheduled(count: int) -> None:
    """So many schedules that fire each second from START on."""
    workflow = make_version(is_published=True).workflow
    for number in range(count):
        make_schedule(workflow, node_id=f"tick{number}", rule={"cron": "* * * * * *"}, due_at=START)


def at_once(*deeds: object) -> None:
    """Do these in threads that begin together. Raises what one of them raises."""
    begin = threading.Barrier(len(deeds))

    def do(deed) -> None:  # type: ignore[no-untyped-def]
        begin.wait()
        try:
            deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(do, deeds))


def test_beats_at_the_same_time_fire_each_slot_once() -> None:
    scheduled(6)
    together = threading.Barrier(BEATS)

    def beat() -> None:
        for now in TICKS:
            together.wait()
            fire_due(now)

    at_once(*[beat] * BEATS)
    fire_due(TICKS[-1])  # who finds a row locked leaves it to who holds it
    fired = sorted(ScheduleFire.objects.values_list("schedule__node_id", "slot"))
    assert fired == [(f"tick{number}", now) for number in range(6) for now in TICKS]
    assert set(Schedule.objects.values_list("error", flat=True)) == {""}
    assert Run.objects.count() == len(fired)


def test_a_beat_and_a_backfill_of_the_same_slots_make_one_run_each() -> None:
    scheduled(1)
    schedule = Schedule.objects.get()
    at_once(
        lambda: fire_due(TICKS[-1]),
        lambda: backfill(schedule, TICKS[0], TICKS[-1], by=None),
    )
    fire_due(TICKS[-1])
    assert sorted(ScheduleFire.objects.values_list("slot", flat=True)) == TICKS
    assert set(Schedule.objects.values_list("error", flat=True)) == {""}
    assert Run.objects.count() == len(TICKS)


def test_a_tick_and_a_publishing_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    document = graph([node("tick", "schedule", params={"cron": "@hourly"}), node("end")])
    workflow = publish_version(make_version(None, document), by=None)
    activate_workflow(workflow, by=None)
    document["nodes"][1]["name"] = "Another end"
    version = make_version(workflow, document)
    Schedule.objects.update(next_run_at=START, due_at=START)
    holds_schedule, holds_workflow = threading.Event(), threading.Event()
    insert_runs = runs_module.insert_runs

    def insert(runs: list[Run]) -> None:
        holds_schedule.set()
        assert holds_workflow.wait(10)
        insert_runs(runs)

    def publish() -> None:
        assert holds_schedule.wait(10)
        publish_version(version, by=None)

    def saved(**_: object) -> None:
        holds_workflow.set()

    monkeypatch.setattr(runs_module, "insert_runs", insert)
    post_save.connect(saved, Workflow)
    try:
        at_once(lambda: fire_due(START), publish)
    finally:
        post_save.disconnect(saved, Workflow)
    assert Schedule.objects.get().error == ""
    assert Run.objects.count() == 1


def test_beats_at_the_same_time_make_one_run_of_what_is_queued() -> None:
    workflow = make_version(is_published=True).workflow
    rule = {"cron": "* * * * * *", "overlap": "queue"}
    schedule = make_schedule(workflow, rule=rule, due_at=START)
    fire_due(TICKS[-1])
    made = []
    for _ in range(3):
        end_runs()
        at_once(*[lambda: fire_due(TICKS[-1])] * BEATS)
        made.append(schedule.fires.filter(run__isnull=False).count())
    assert made == [2, 3, 4]
    assert Run.objects.count() == 4
    assert not schedule.fires.filter(slot__gt=TICKS[3], run__isnull=False).exists()
