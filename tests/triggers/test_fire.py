"""Schedules fire each of their slots once, under their policies."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.runs import sql
from apps.runs.models import Run
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.backfill import backfill
from apps.triggers.schedules.fire import fire_due
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from tests.factories import make_version
from tests.graphs import graph, node
from tests.triggers.scheduled import START, at, end_runs, live, outcomes, publish, ran

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_start")]


def test_a_slot_fires_when_it_is_due_and_once() -> None:
    schedule = live(cron="*/5 * * * *")
    fire_due(at("10:04:59"))
    assert ran(schedule) == []
    for _ in range(3):
        fire_due(at("10:05:00"))
    assert ran(schedule) == ["10:05:00"]
    fire_due(at("10:10:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_the_run_is_told_when_it_was_due() -> None:
    schedule = live(cron="5 11 * * *", timezone="Europe/Riga")
    fire_due(datetime(2026, 3, 3, 9, 5, 2, tzinfo=UTC))
    [run] = Run.objects.filter(workflow=schedule.workflow_id)
    assert run.input_json[0]["json"] == {
        "scheduled_at": "2026-03-03T09:05:00.000Z",
        "fired_at": "2026-03-03T09:05:02.000Z",
        "timezone": "Europe/Riga",
        "schedule": "At 11:05",
    }


def test_nothing_fires_because_it_was_activated_or_edited() -> None:
    schedule = live(cron="0 * * * *")
    workflow = schedule.workflow
    with time_machine.travel(at("10:30:00"), tick=False):
        publish(workflow, cron="15 * * * *")
        fire_due(at("10:30:00"))
        assert ran(schedule) == []
        deactivate_workflow(workflow, by=None)
    with time_machine.travel(at("11:20:00"), tick=False):
        fire_due(at("11:20:00"))
        activate_workflow(workflow, by=None)
        fire_due(at("11:20:00"))
    assert ran(schedule) == []
    fire_due(at("12:15:00"))
    assert ran(schedule) == ["12:15:00"]


def test_the_schedule_of_an_archived_workflow_does_not_fire() -> None:
    schedule = live(cron="0 * * * *")
    archive_workflow(schedule.workflow, by=None)
    fire_due(at("11:00:00"))
    assert ran(schedule) == []


def test_a_clock_that_is_put_back_fires_no_slot_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = live(cron="*/5 * * * *")
    for moment in ("10:05:00", "10:10:00"):
        fire_due(at(moment))
    monkeypatch.setattr(sql, "database_now", lambda: at("10:04:00"))
    publish(schedule.workflow, cron="*/5 * * * *", missed="skip")
    for moment in ("10:05:00", "10:10:00", "10:15:00"):
        fire_due(at(moment))
    assert ran(schedule) == ["10:05:00", "10:10:00", "10:15:00"]


def test_a_slot_that_is_due_is_not_lost_by_publishing_the_same_again() -> None:
    schedule = live(cron="0 * * * *")
    with time_machine.travel(at("11:00:01"), tick=False):
        publish(schedule.workflow, cron="0 * * * *")
    fire_due(at("11:00:02"))
    assert ran(schedule) == ["11:00:00"]


def test_a_slot_that_is_due_when_the_schedule_is_edited_fires_by_its_old_rule() -> None:
    schedule = live(cron="0 * * * *")
    with time_machine.travel(at("11:00:01"), tick=False):
        publish(schedule.workflow, cron="*/10 * * * *")
    assert ran(schedule) == ["11:00:00"]
    [run] = Run.objects.all()
    assert run.version.version == 2
    fire_due(at("11:10:00"))
    assert ran(schedule) == ["11:00:00", "11:10:00"]


def test_a_paused_schedule_does_not_fire_because_it_is_edited() -> None:
    schedule = live(cron="0 * * * *")
    pause_schedule(schedule, by=None)
    with time_machine.travel(at("11:00:01"), tick=False):
        publish(schedule.workflow, cron="*/10 * * * *")
    assert ran(schedule) == []


def test_what_cannot_be_fired_any_more_can_be_edited() -> None:
    broken = live(cron="0 * * * *")
    Schedule.objects.update(rule={"cron": "no cron"})
    with time_machine.travel(at("11:00:01"), tick=False):
        publish(broken.workflow, cron="*/10 * * * *")
    broken.refresh_from_db()
    assert (broken.next_run_at, broken.error) == (at("11:10:00"), "")


def test_a_process_whose_clock_is_behind_begins_with_no_slot_that_is_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sql, "database_now", lambda: at("10:59:00"))
    schedule = live(cron="*/5 * * * *")
    assert schedule.next_run_at == at("11:00:00")
    pause_schedule(schedule, by=None)
    monkeypatch.setattr(sql, "database_now", lambda: at("11:59:00"))
    resume_schedule(schedule, by=None)
    assert schedule.next_run_at == at("12:00:00")


@pytest.mark.parametrize(
    ("policy", "made", "left"),
    [
        ({"missed": "skip"}, [], [("12:00:00", "missed")]),
        ({"missed": "last"}, ["12:00:00"], [("11:50:00", "missed"), ("12:00:00", "fired")]),
        (
            {"missed": "all", "missed_most": 2},
            ["11:50:00", "12:00:00"],
            [("11:40:00", "missed"), ("11:50:00", "fired"), ("12:00:00", "fired")],
        ),
    ],
)
def test_what_was_missed_follows_the_policy(
    policy: dict[str, Any], made: list[str], left: list[tuple[str, str]]
) -> None:
    schedule = live(cron="*/10 * * * *", **policy)
    fire_due(at("12:05:00"))
    assert (ran(schedule), outcomes(schedule)) == (made, left)
    missed = ScheduleFire.objects.get(outcome="missed")
    assert missed.missed_from == at("10:10:00")
    fire_due(at("12:10:00"))
    assert ran(schedule) == [*made, "12:10:00"]


def test_what_fires_late_is_an_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    schedule = live(cron="*/10 * * * *", missed="skip")
    fire_due(at("10:10:59"))
    assert caplog.messages == []
    fire_due(at("10:21:01"))
    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.getMessage() == (
        f"schedule {schedule.pk} was due at 2026-03-02T10:20:00.000Z and is looked at only now"
    )


def test_months_without_a_tick_are_looked_through_in_no_time() -> None:
    schedule = live(cron="* * * * * *", missed="all", missed_most=3)
    fire_due(datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC))
    slots = ran(schedule)
    # The three that were missed, and those of the last minute, which are on time.
    assert (slots[0], len(slots), slots[-1]) == ("11:58:58", 63, "12:00:00")


def test_beside_a_run_that_goes_on_the_next_is_left_out_where_it_says_so() -> None:
    schedule = live(cron="*/5 * * * *", overlap="skip")
    fire_due(at("10:05:00"))
    fire_due(at("10:10:00"))
    assert outcomes(schedule) == [("10:05:00", "fired"), ("10:10:00", "overlapped")]
    end_runs()
    fire_due(at("10:15:00"))
    assert ran(schedule) == ["10:05:00", "10:15:00"]


def test_the_run_before_is_cancelled_where_it_says_so() -> None:
    schedule = live(cron="*/5 * * * *", overlap="cancel")
    fire_due(at("10:05:00"))
    fire_due(at("10:10:00"))
    asked = Run.objects.order_by("id").values_list("cancel_requested_at", flat=True)
    assert [moment is not None for moment in asked] == [True, False]
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_jitter_moves_a_slot_by_no_more_than_it_says_and_always_the_same() -> None:
    schedule = live(cron="0 * * * *", jitter_s=600)
    due_at = schedule.due_at
    assert due_at is not None
    assert at("11:00:00") < due_at < at("11:10:00")
    fire_due(due_at - timedelta(seconds=1))
    assert ran(schedule) == []
    fire_due(due_at)
    assert ran(schedule) == ["11:00:00"]


@pytest.mark.parametrize(
    ("late_by", "made"), [(59, ["11:00:00"]), (61, [])], ids=["in its grace", "missed"]
)
def test_with_jitter_a_slot_is_missed_a_minute_after_its_own_moment(
    late_by: int, made: list[str]
) -> None:
    schedule = live(cron="0 * * * *", jitter_s=3_600, missed="skip")
    assert schedule.due_at is not None
    fire_due(schedule.due_at + timedelta(seconds=late_by))
    assert ran(schedule) == made


def test_with_a_jitter_larger_than_the_interval_each_slot_fires_once_and_in_its_jitter() -> None:
    schedule = live(cron="* * * * *", jitter_s=600)
    now = START
    while now < at("11:30:00"):
        fire_due(now)
        now += timedelta(seconds=7)
    fires = ScheduleFire.objects.filter(schedule=schedule, slot__lt=at("11:19:00"))
    first = at("10:01:00")
    assert sorted(fire.slot for fire in fires) == [
        first + timedelta(minutes=number) for number in range(78)
    ]
    delays = [(fire.fired_at - fire.slot).total_seconds() for fire in fires]
    assert all(0 <= delay <= 607 for delay in delays)
    assert {fire.outcome for fire in fires} == {"fired"}


def test_it_fires_only_between_its_start_and_its_end() -> None:
    schedule = live(
        cron="0 * * * *", start="2026-03-02T12:00:00+00:00", end="2026-03-02T14:00:00+01:00"
    )
    for hour in range(10, 16):
        fire_due(at(f"{hour}:00:10"))
    assert ran(schedule) == ["12:00:00", "13:00:00"]
    schedule.refresh_from_db()
    assert schedule.next_run_at is None


def test_what_comes_while_it_is_paused_is_not_made_up_for() -> None:
    schedule = live(cron="*/5 * * * *")
    pause_schedule(schedule, by=None)
    fire_due(at("10:20:00"))
    with time_machine.travel(at("10:21:00"), tick=False):
        resume_schedule(schedule, by=None)
    fire_due(at("10:25:00"))
    assert ran(schedule) == ["10:25:00"]


def test_a_backfill_makes_the_runs_that_are_not_there() -> None:
    schedule = live(cron="*/5 * * * *", missed="skip")
    fire_due(at("10:05:00"))
    fire_due(at("10:25:00"))
    assert ran(schedule) == ["10:05:00", "10:25:00"]
    with time_machine.travel(at("10:26:00"), tick=False):
        made = backfill(schedule, at("10:00:00"), at("10:20:00"), by=None)
        assert backfill(schedule, at("10:00:00"), at("10:20:00"), by=None) == []
    assert len(made) == 4
    expected = ["10:00:00", "10:05:00", "10:10:00", "10:15:00", "10:20:00", "10:25:00"]
    assert ran(schedule) == expected


def test_a_schedule_that_cannot_fire_keeps_no_other_from_firing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, sound = live(cron="*/5 * * * *"), live(cron="*/5 * * * *")
    Schedule.objects.filter(pk=broken.pk).update(rule={"cron": "no cron"})
    fire_due(at("10:05:00"))
    broken.refresh_from_db()
    assert ran(sound) == ["10:05:00"]
    assert "cron: A cron expression has five fields" in broken.error
    Schedule.objects.filter(pk=broken.pk).update(rule={"cron": "*/5 * * * *"})
    fire_due(at("10:06:00"))
    broken.refresh_from_db()
    assert (ran(broken), broken.error) == (["10:05:00"], "")


def test_what_failed_is_past_once_it_is_published_anew_or_resumed() -> None:
    broken = live(cron="*/5 * * * *")
    Schedule.objects.update(error="It broke.")
    publish(broken.workflow, cron="*/7 * * * *")
    broken.refresh_from_db()
    assert broken.error == ""
    Schedule.objects.update(error="It broke.")
    pause_schedule(broken, by=None)
    resume_schedule(broken, by=None)
    broken.refresh_from_db()
    assert broken.error == ""


def test_a_graph_without_settings_is_made_live() -> None:
    nodes = [node("tick", "schedule", params={"cron": "*/5 * * * *"}), node("end")]
    document = graph(nodes, ["tick -> end"])
    del document["settings"]
    workflow = publish_version(make_version(None, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    assert workflow.schedules.get().timezone == "UTC"
