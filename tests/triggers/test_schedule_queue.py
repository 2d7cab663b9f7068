"""Slots of a schedule whose runs wait for each other."""

from contextlib import suppress
from datetime import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.engine.errors import FaultsError
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules import queue, runs
from apps.triggers.schedules.backfill import backfill, estimate
from apps.triggers.schedules.fire import fire_due
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from tests.factories import make_version
from tests.graphs import graph, node
from tests.triggers.scheduled import at, end_runs, live, outcomes, publish, ran

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_start")]


def waiting_line() -> Schedule:
    """Its run of 10:05 goes on, 10:10 and 10:15 are queued."""
    schedule = live(cron="*/5 * * * *", overlap="queue")
    for moment in ("10:05:00", "10:10:00", "10:15:00"):
        fire_due(at(moment))
    return schedule


def test_a_slot_fires_at_once_where_no_run_goes_on() -> None:
    schedule = live(cron="*/5 * * * *", overlap="queue")
    fire_due(at("10:05:00"))
    end_runs()
    fire_due(at("10:10:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]
    assert outcomes(schedule) == [("10:05:00", "fired"), ("10:10:00", "fired")]


def test_what_is_queued_runs_one_after_another_the_oldest_first() -> None:
    schedule = waiting_line()
    assert outcomes(schedule) == [
        ("10:05:00", "fired"),
        ("10:10:00", "queued"),
        ("10:15:00", "queued"),
    ]
    for moment in ("10:15:01", "10:15:02", "10:15:03"):
        fire_due(at(moment))
    assert ran(schedule) == ["10:05:00"]
    end_runs()
    fire_due(at("10:17:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]
    end_runs()
    fire_due(at("10:18:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00", "10:15:00"]
    assert {outcome for _, outcome in outcomes(schedule)} == {"fired"}


def test_what_was_queued_is_told_when_it_fires_and_by_which_run() -> None:
    waiting_line()
    end_runs()
    fire_due(at("10:17:00"))
    fire = ScheduleFire.objects.get(slot=at("10:10:00"))
    assert fire.fired_at == at("10:17:00")
    assert fire.run is not None
    told = fire.run.input_json[0]["json"]
    assert (told["scheduled_at"], told["fired_at"]) == (
        "2026-03-02T10:10:00.000Z",
        "2026-03-02T10:17:00.000Z",
    )


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.WAITING])
def test_a_run_that_executes_or_is_suspended_is_waited_for(status: str) -> None:
    schedule = waiting_line()
    for each in (RunStatus.RUNNING, status):
        Run.objects.exclude(status=each).update(status=each)
    fire_due(at("10:17:00"))
    assert ran(schedule) == ["10:05:00"]


def test_runs_that_the_schedule_did_not_make_are_not_waited_for() -> None:
    schedule = waiting_line()
    Run.objects.update(trigger="manual")
    fire_due(at("10:17:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_each_schedule_of_a_workflow_has_a_queue_of_its_own() -> None:
    params = {"cron": "*/5 * * * *", "overlap": "queue"}
    nodes = [node(id, "schedule", params=params) for id in ("one", "two")]
    document = graph([*nodes, node("end")], ["one -> end", "two -> end"])
    workflow = publish_version(make_version(None, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    for moment in ("10:05:00", "10:10:00"):
        fire_due(at(moment))
    assert sorted(Run.objects.values_list("trigger_node", flat=True)) == ["one", "two"]


def test_with_a_limit_of_the_graph_its_runs_wait_all_the_same() -> None:
    nodes = [node("tick", "schedule", params={"cron": "*/5 * * * *", "overlap": "queue"})]
    document = graph([*nodes, node("end")], ["tick -> end"], concurrency=3)
    workflow = publish_version(make_version(None, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    for moment in ("10:05:00", "10:10:00"):
        fire_due(at(moment))
    assert Run.objects.values_list("slots", flat=True).get() == 3


def test_what_was_missed_is_queued_as_the_policy_says() -> None:
    schedule = live(cron="*/10 * * * *", overlap="queue", missed="all", missed_most=2)
    fire_due(at("12:05:00"))
    assert outcomes(schedule) == [
        ("11:40:00", "missed"),
        ("11:50:00", "fired"),
        ("12:00:00", "queued"),
    ]


def test_a_queue_that_is_full_leaves_out_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST", 1)
    schedule = waiting_line()
    assert outcomes(schedule)[1:] == [("10:10:00", "queued"), ("10:15:00", "overlapped")]
    end_runs()
    fire_due(at("10:20:00"))
    assert outcomes(schedule)[1:] == [
        ("10:10:00", "fired"),
        ("10:15:00", "overlapped"),
        ("10:20:00", "overlapped"),
    ]


def test_while_it_is_paused_its_queue_waits() -> None:
    schedule = waiting_line()
    pause_schedule(schedule, by=None)
    end_runs()
    fire_due(at("10:17:00"))
    assert ran(schedule) == ["10:05:00"]
    with time_machine.travel(at("10:31:00"), tick=False):
        resume_schedule(schedule, by=None)
    fire_due(at("10:31:01"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


@pytest.mark.parametrize("deed", [deactivate_workflow, archive_workflow])
def test_what_is_queued_is_left_out_once_the_workflow_is_not_active(deed) -> None:  # type: ignore[no-untyped-def]
    schedule = waiting_line()
    deed(schedule.workflow, by=None)
    assert outcomes(schedule)[1:] == [("10:10:00", "overlapped"), ("10:15:00", "overlapped")]


def test_what_is_queued_is_left_out_once_its_node_is_gone() -> None:
    schedule = waiting_line()
    document = graph([node("tick", "manual"), node("end")], ["tick -> end"])
    publish_version(make_version(schedule.workflow, document), by=None)
    assert outcomes(schedule)[1:] == [("10:10:00", "overlapped"), ("10:15:00", "overlapped")]


def test_what_is_queued_goes_on_after_an_edit_one_after_another() -> None:
    schedule = waiting_line()
    with time_machine.travel(at("10:16:00"), tick=False):
        publish(schedule.workflow, cron="0 12 * * *", overlap="allow")
    fire_due(at("10:17:00"))
    assert ran(schedule) == ["10:05:00"]
    end_runs()
    fire_due(at("10:18:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_the_queue_of_a_schedule_that_has_ended_goes_on() -> None:
    schedule = live(cron="*/5 * * * *", overlap="queue", end="2026-03-02T10:10:00+00:00")
    for moment in ("10:05:00", "10:10:00"):
        fire_due(at(moment))
    end_runs()
    fire_due(at("10:12:00"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_a_queue_that_cannot_go_on_says_why_and_is_tried_again_in_a_minute() -> None:
    schedule = live(cron="*/5 * * * *", overlap="queue", end="2026-03-02T10:10:00+00:00")
    for moment in ("10:05:00", "10:10:00"):
        fire_due(at(moment))
    rule = Schedule.objects.get().rule
    Schedule.objects.update(rule={"cron": "no cron"})
    end_runs()
    for moment in ("10:12:00", "10:12:30"):
        fire_due(at(moment))
    schedule.refresh_from_db()
    assert "cron: A cron expression has five fields" in schedule.error
    assert schedule.due_at == at("10:13:00")
    Schedule.objects.update(rule=rule)
    fire_due(at("10:13:00"))
    schedule.refresh_from_db()
    assert (schedule.error, schedule.due_at) == ("", None)
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_who_is_killed_while_a_queue_goes_on_loses_no_slot_and_doubles_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class KilledError(BaseException):
        pass

    def killed(*_: object) -> None:
        insert_runs(*_)
        raise KilledError

    schedule = waiting_line()
    end_runs()
    insert_runs = runs.insert_runs
    monkeypatch.setattr(runs, "insert_runs", killed)
    with suppress(KilledError):
        fire_due(at("10:17:00"))
    monkeypatch.setattr(runs, "insert_runs", insert_runs)
    assert outcomes(schedule)[1:] == [("10:10:00", "queued"), ("10:15:00", "queued")]
    fire_due(at("10:17:01"))
    assert ran(schedule) == ["10:05:00", "10:10:00"]


def test_queues_that_wait_cost_a_tick_no_query_each() -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            fire_due(at("10:15:30"))
        return len(seen)

    live(cron="0 0 1 1 *")
    nothing = asked()
    waiting_line()
    waiting_line()
    assert asked() == nothing


# --- Backfills ------------------------------------------------------------------------------------


def filled(schedule: Schedule, first: str, last: str) -> list[datetime]:
    with time_machine.travel(at("10:16:00"), tick=False):
        return backfill(schedule, at(first), at(last), by=None)


def test_a_backfill_is_queued_and_its_oldest_slot_runs_first() -> None:
    schedule = waiting_line()
    assert len(filled(schedule, "09:50:00", "10:15:00")) == 3  # the others ran, or are queued
    for second in range(1, 7):
        end_runs()
        fire_due(at(f"10:16:0{second}"))
    fires = ScheduleFire.objects.filter(outcome="fired").order_by("fired_at")
    assert [f"{fire.slot:%H:%M}" for fire in fires] == [
        "10:05",
        "09:50",
        "09:55",
        "10:00",
        "10:10",
        "10:15",
    ]
    assert [fire.is_backfill for fire in fires] == [False, True, True, True, False, False]


def test_a_backfill_that_the_queue_cannot_take_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedule = waiting_line()
    monkeypatch.setattr(queue, "MOST", 3)
    filled(schedule, "09:55:00", "10:00:00")
    with pytest.raises(FaultsError) as refused:
        estimate(schedule, at("09:00:00"), at("09:05:00"))
    [fault] = refused.value.faults
    assert (fault.path, fault.code) == ("to", "too_many")
    assert fault.message == "The queue takes 1 more times of the past; the span holds 2."
    assert len(filled(schedule, "09:00:00", "09:00:00")) == 1


def test_a_backfill_takes_no_room_from_what_falls_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST", 3)
    schedule = waiting_line()
    filled(schedule, "09:50:00", "10:00:00")
    fire_due(at("10:20:00"))
    assert outcomes(schedule)[-1] == ("10:20:00", "queued")
