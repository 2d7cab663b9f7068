"""What the admin shows of schedules, and what staff do to them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.backfill import backfill
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_run, make_schedule, make_user, make_version
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db
SCHEDULES = "/admin/triggers/schedule/"
FORM = "application/x-www-form-urlencoded"
LONG_AGO = datetime(2026, 1, 1, 8, tzinfo=UTC)


def scheduled(**fields: Any) -> Schedule:
    return make_schedule(make_version(is_published=True).workflow, **fields)


def staff(schedule: Schedule, role: str = Role.OPERATOR) -> ApiClient:
    return ApiClient(make_user(schedule.workspace, role, is_staff=True))


def page(schedule: Schedule) -> str:
    return reverse("admin:triggers_schedule_change", args=[schedule.pk])


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return " ".join(answer.content.decode().split())


def told(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def answer_dialog(
    schedule: Schedule, action: str, fields: str = "", role: str = Role.OPERATOR
) -> HttpResponse:
    path = reverse(f"admin:triggers_schedule_{action}", args=[schedule.pk])
    body = f"_form_submitted=on&{fields}".encode()
    return staff(schedule, role).post(path, body, content_type=FORM)


@pytest.mark.parametrize(
    ("fields", "light"),
    [
        ({}, "new"),
        ({"created_at": LONG_AGO - timedelta(days=365)}, "on time"),
        ({"due_at": LONG_AGO}, "late"),
        ({"due_at": LONG_AGO, "error": "It broke."}, "failed"),
        ({"paused_at": LONG_AGO}, "paused"),
        ({"due_at": None}, "ended"),
        ({"is_live": False}, "not live"),
    ],
    ids=["new", "on time", "late", "failed", "paused", "ended", "not live"],
)
def test_the_list_shows_a_light_for_each_state(fields: dict[str, Any], light: str) -> None:
    schedule = scheduled(**fields)
    listed = shown(staff(schedule), SCHEDULES)
    assert f"> {light} </span>" in listed
    assert "At 08:00" in listed
    if "error" in fields:
        assert "It broke." in listed


def test_what_does_not_fire_is_listed_last() -> None:
    stopped = scheduled(due_at=LONG_AGO, is_live=False)
    late = make_schedule(stopped.workflow, node_id="late", due_at=LONG_AGO + timedelta(days=1))
    listed = shown(staff(stopped), SCHEDULES)
    assert listed.index(page(late)) < listed.index(page(stopped))


def test_the_list_is_filtered_by_state() -> None:
    late = scheduled(due_at=LONG_AGO)
    other = make_schedule(late.workflow, node_id="other")
    listed = shown(staff(late), f"{SCHEDULES}?state=late")
    assert page(late) in listed
    assert page(other) not in listed


def test_the_list_asks_the_same_few_questions_however_long_it_is() -> None:
    schedule = scheduled()
    client = staff(schedule)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(client, SCHEDULES)
        return len(seen)

    few = asked()
    for number in range(20):
        make_schedule(schedule.workflow, node_id=f"tick{number}")
    assert asked() == few


def test_its_page_shows_the_next_times_and_marks_the_change_of_the_clock() -> None:
    schedule = scheduled(rule={"cron": "30 3 * * *", "timezone": "Europe/Riga"})
    with time_machine.travel(datetime(2026, 10, 24, 0, tzinfo=UTC), tick=False):
        told = shown(staff(schedule), page(schedule))
    assert "Sat 2026-10-24 03:30:00 +0300" in told
    assert "Sun 2026-10-25 03:30:00 +0300" in told
    assert "Mon 2026-10-26 03:30:00 +0200" in told
    assert "the clock is put back by 1 h 0 min before" in told


def test_its_page_shows_what_became_of_its_last_times() -> None:
    schedule = scheduled()
    run = make_run(schedule.workflow.versions.get())
    fires: list[dict[str, Any]] = [
        {"run": run, "fired_at": LONG_AGO + timedelta(seconds=2)},
        {"outcome": "missed", "missed_from": LONG_AGO + timedelta(hours=1)},
        {"outcome": "queued"},
    ]
    for day, fields in enumerate(fires):
        slot = LONG_AGO + timedelta(days=day)
        row = {"workspace": schedule.workspace, "schedule": schedule, "slot": slot} | fields
        ScheduleFire.objects.create(**row)
    told = shown(staff(schedule), page(schedule))
    assert ">2.0 s</td>" in told
    assert reverse("admin:runs_run_change", args=[run.pk]) in told
    assert "and all from 2026-01-01 09:00:00 on" in told
    assert "queued" in told


def test_a_rule_that_is_none_any_more_has_a_page() -> None:
    schedule = scheduled(rule={"cron": "no cron"})
    assert "A cron expression has five fields" in shown(staff(schedule), page(schedule))


def test_it_is_paused_and_resumed() -> None:
    schedule = scheduled()
    assert told(answer_dialog(schedule, "pause")) == ["1 schedule paused."]
    schedule.refresh_from_db()
    assert schedule.paused_at is not None
    assert told(answer_dialog(schedule, "resume")) == ["1 schedule resumed."]
    schedule.refresh_from_db()
    assert schedule.paused_at is None


def test_many_are_paused_at_once() -> None:
    schedules = [scheduled()]
    schedules.append(make_schedule(schedules[0].workflow, node_id="other"))
    chosen = "&".join(f"_selected_action={schedule.pk}" for schedule in schedules)
    body = f"action=pause_all&{chosen}".encode()
    answer = staff(schedules[0]).post(SCHEDULES, body, content_type=FORM)
    assert told(answer) == ["2 schedules paused."]
    assert not Schedule.objects.filter(paused_at=None).exists()


def test_run_now_makes_a_run_and_touches_no_slot() -> None:
    schedule = scheduled()
    assert told(answer_dialog(schedule, "run")) == ["1 run made."]
    run = Run.objects.get()
    assert (run.trigger, run.trigger_node) == (Trigger.MANUAL, "tick")
    assert run.input_json[0]["json"]["schedule"] == "At 08:00"
    assert run.triggered_by is not None
    assert not ScheduleFire.objects.exists()


SPAN = "first=2026-01-01T00:00&last=2026-01-03T00:00"


def test_a_backfill_tells_what_it_would_do_before_it_does_it() -> None:
    tick = node("tick", "schedule", params={"cron": "0 8 * * *"})
    ask = node("ask", "http_call", params={"url": "https://api.test/"})
    document = graph([tick, ask], ["tick -> ask"])
    version = make_version(graph=document, is_published=True)
    schedule = make_schedule(version.workflow)
    backfill(schedule, LONG_AGO, LONG_AGO, by=None)
    page = answer_dialog(schedule, "make_up", f"{SPAN}&count=").content.decode()
    text = " ".join(strip_tags(page).split())
    assert "1 run would be made Span, UTC 2026-01-01 00:00:00 to 2026-01-03 00:00:00" in text
    assert "First, UTC 2026-01-02 08:00:00 Last, UTC 2026-01-02 08:00:00" in text
    assert "Left out 1, which has a run or is queued At most 1000 runs at once" in text
    assert "Each run reaches the outside by 1 HTTP Call" in text
    assert Run.objects.count() == 1
    hidden = re.findall(r'type="hidden" name="(first|last)" value="([^"]+)"', page)
    begun = answer_dialog(schedule, "make_up", urlencode([*hidden, ("begin", "")]))
    assert told(begun) == ["1 time made up for."]
    assert Run.objects.count() == 2


def test_a_backfill_that_would_make_no_run_cannot_be_begun() -> None:
    schedule = scheduled()
    backfill(schedule, LONG_AGO, LONG_AGO + timedelta(days=1), by=None)
    page = answer_dialog(schedule, "make_up", f"{SPAN}&count=").content.decode()
    assert "No time of that span is without a run" in page
    assert 'name="begin"' not in page


def test_what_is_wrong_with_a_backfill_is_told_on_the_page_that_asks() -> None:
    answer = answer_dialog(scheduled(), "make_up", "first=soon&begin=").content.decode()
    assert "</html>" in answer
    assert "Enter a valid date/time." in answer
    assert 'value="soon"' in answer
    assert not Run.objects.exists()


def test_a_span_that_cannot_be_made_up_for_is_asked_for_again() -> None:
    backwards = "first=2026-01-03T00:00&last=2026-01-01T00:00&count="
    page = answer_dialog(scheduled(), "make_up", backwards).content.decode()
    assert "The span ends before it begins." in page
    assert 'name="count"' in page


@pytest.mark.parametrize("action", ["run", "make_up"])
def test_what_is_not_live_makes_no_runs_and_says_so(action: str) -> None:
    schedule = scheduled(is_live=False)
    answer = answer_dialog(schedule, action, f"{SPAN}&begin=")
    assert "The schedule's workflow is not active." in " ".join(told(answer))
    assert not Run.objects.exists()


@pytest.mark.parametrize("action", ["pause", "resume", "run", "make_up"])
def test_who_only_views_changes_nothing(action: str) -> None:
    schedule = scheduled()
    answer = answer_dialog(schedule, action, f"{SPAN}&begin=", Role.VIEWER)
    assert answer.status_code == 403
    foreign = staff(scheduled(), Role.ADMIN)
    path = reverse(f"admin:triggers_schedule_{action}", args=[schedule.pk])
    body = f"_form_submitted=on&{SPAN}&begin=".encode()
    assert foreign.post(path, body, content_type=FORM).status_code == 403
    schedule.refresh_from_db()
    assert schedule.paused_at is None
    assert not Run.objects.exists()
