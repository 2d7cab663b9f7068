"""Schedules as a client of the API meets them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.runs.models import Run
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.states import ScheduleState
from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry, Workspace
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_schedule, make_user, make_version, make_workspace
from tests.graphs import Document, graph, node

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, Role.OPERATOR))


def published(workspace: Workspace) -> Workflow:
    return make_version(make_workflow_in(workspace), is_published=True).workflow


def make_workflow_in(workspace: Workspace) -> Workflow:
    return Workflow.objects.create(workspace=workspace, name="Nightly")


def call(id: str, **members: Any) -> Document:
    return node(id, "http_call", params={"url": "https://api.test/"}, **members)


def scheduled(workspace: Workspace, **fields: Any) -> Schedule:
    return make_schedule(published(workspace), **fields)


def test_a_schedule_says_when_it_fires_and_in_words(
    workspace: Workspace, client: ApiClient
) -> None:
    schedule = scheduled(workspace, rule={"cron": "0 8 * * mon-fri", "timezone": "Europe/Riga"})
    told = client.get(f"schedules/{schedule.pk}").json()
    assert (
        told.items()
        >= {
            "workflow": str(schedule.workflow_id),
            "workflow_name": "Nightly",
            "node": "tick",
            "state": "new",
            "timezone": "Europe/Riga",
            "sentence": "At 08:00, Monday through Friday",
            "next_run_at": "2200-01-01T08:00:00.000Z",
            "paused_at": None,
            "error": "",
        }.items()
    )


STATES: list[tuple[dict[str, Any], str]] = [
    ({}, "new"),
    ({"created_at": LONG_AGO - timedelta(days=365)}, "on_time"),
    ({"due_at": LONG_AGO}, "late"),
    ({"due_at": LONG_AGO, "error": "no cron"}, "failed"),
    ({"due_at": LONG_AGO, "paused_at": LONG_AGO}, "paused"),
    ({"due_at": None}, "ended"),
    ({"due_at": LONG_AGO, "is_live": False}, "not_live"),
]


@pytest.mark.parametrize(("fields", "state"), STATES, ids=[state for _, state in STATES])
def test_its_state_says_what_to_know_first(
    workspace: Workspace, client: ApiClient, fields: dict[str, Any], state: str
) -> None:
    schedule = scheduled(workspace, **fields)
    assert client.get(f"schedules/{schedule.pk}").json()["state"] == state


def test_a_schedule_is_new_until_the_first_of_its_times_has_come(
    workspace: Workspace, client: ApiClient
) -> None:
    schedule = scheduled(workspace)
    schedule.fires.create(workspace=workspace, slot=LONG_AGO)
    assert client.get(f"schedules/{schedule.pk}").json()["state"] == "on_time"


def test_what_became_due_this_minute_is_not_late(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace, due_at=timezone.now() - timedelta(seconds=30))
    assert client.get(f"schedules/{schedule.pk}").json()["state"] == "new"


def test_the_list_is_filtered_by_state_and_workflow(
    workspace: Workspace, client: ApiClient
) -> None:
    made = {state: scheduled(workspace, **fields) for fields, state in STATES}
    for state in ScheduleState.values:
        [found] = client.get(f"schedules?state={state}").json()["results"]
        assert (found["id"], found["state"]) == (str(made[state].pk), state)
    both = client.get("schedules?state=late&state=failed").json()["results"]
    assert {row["state"] for row in both} == {"late", "failed"}
    of_one = client.get(f"schedules?workflow={made['late'].workflow_id}").json()["results"]
    assert [row["id"] for row in of_one] == [str(made["late"].pk)]
    assert faults(client.get("schedules?state=lost")) == [("state", "invalid_choice")]


def test_a_rule_that_is_none_any_more_is_listed_and_told(
    workspace: Workspace, client: ApiClient
) -> None:
    schedule = scheduled(workspace, rule={"cron": "no cron"})
    assert client.get("schedules").json()["results"][0]["sentence"] == ""
    refused = client.get(f"schedules/{schedule.pk}/next")
    assert faults(refused) == [("", "invalid_params")]
    assert "cron: A cron expression has five fields" in refused.json()["detail"]


def test_a_time_zone_that_is_none_any_more_is_told(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace, timezone="Europe/Atlantis")
    assert client.get("schedules").json()["results"][0]["sentence"] == ""
    refused = client.get(f"schedules/{schedule.pk}/next")
    assert faults(refused) == [("", "invalid_params")]
    assert "There is no time zone “Europe/Atlantis”" in refused.json()["detail"]


def test_it_is_paused_and_resumed(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace)
    paused = client.patch(f"schedules/{schedule.pk}", {"paused": True}).json()
    assert (paused["state"], paused["paused_at"] is not None) == ("paused", True)
    resumed = client.patch(f"schedules/{schedule.pk}", {"paused": False}).json()
    assert (resumed["state"], resumed["paused_at"]) == ("new", None)
    told = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(told)[-2:] == ["schedule.pause", "schedule.resume"]


@pytest.mark.parametrize("body", [{}, {"paused": "yes"}, {"paused": None}, {"rule": {}}])
def test_nothing_else_of_it_can_be_changed(
    workspace: Workspace, client: ApiClient, body: Any
) -> None:
    schedule = scheduled(workspace)
    assert client.patch(f"schedules/{schedule.pk}", body).status_code == 422


def test_the_next_times_mark_the_change_of_the_clock(
    workspace: Workspace, client: ApiClient
) -> None:
    schedule = scheduled(workspace, rule={"cron": "30 3 * * *", "timezone": "Europe/Riga"})
    with time_machine.travel(datetime(2026, 3, 28, 0, tzinfo=UTC), tick=False):
        told = client.get(f"schedules/{schedule.pk}/next?count=3").json()
    assert told["sentence"] == "At 03:30"
    assert [(time["at"], time["local"], time["clock_moved_s"]) for time in told["results"]] == [
        ("2026-03-28T01:30:00.000Z", "2026-03-28T03:30:00+02:00", 0),
        ("2026-03-29T01:00:00.000Z", "2026-03-29T04:00:00+03:00", 3_600),
        ("2026-03-30T00:30:00.000Z", "2026-03-30T03:30:00+03:00", 0),
    ]


@pytest.mark.parametrize("count", ["0", "101", "-1", "ten", "1e2", ""])
def test_so_many_times_are_not_told(workspace: Workspace, client: ApiClient, count: str) -> None:
    answer = client.get(f"schedules/{scheduled(workspace).pk}/next?count={count}")
    assert faults(answer) == [("count", "out_of_range")]


SPAN = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-03T00:00:00Z"}
SLOTS = ["2026-01-01T08:00:00.000Z", "2026-01-02T08:00:00.000Z"]


def test_a_dry_backfill_tells_what_it_would_do_and_makes_nothing(
    workspace: Workspace, client: ApiClient
) -> None:
    nodes = [
        *(node("tick", "schedule", params={"cron": "0 8 * * *"}), node("by_hand", "manual")),
        *(call("ask"), call("again"), call("off", disabled=True), call("of_another_trigger")),
    ]
    edges = ["tick -> ask", "ask -> again", "again -> off", "by_hand -> of_another_trigger"]
    version = make_version(make_workflow_in(workspace), graph(nodes, edges), is_published=True)
    schedule = make_schedule(version.workflow)
    path = f"schedules/{schedule.pk}/backfill"
    client.post(path, SPAN | {"to": "2026-01-02T00:00:00Z"})
    answer = client.post(path, SPAN | {"dry_run": True})
    assert answer.status_code == 200
    assert answer.json() == {
        "dry_run": True,
        "slots": SLOTS[1:],
        "skipped": 1,
        "most": 1000,
        "effects": [{"type": "http_call", "count": 2, "label": "HTTP Call"}],
    }
    assert Run.objects.count() == 1


def test_a_backfill_makes_the_runs_and_they_are_in_the_fires(
    workspace: Workspace, client: ApiClient
) -> None:
    schedule = scheduled(workspace)
    answer = client.post(f"schedules/{schedule.pk}/backfill", SPAN)
    assert (answer.status_code, answer.json()["slots"]) == (202, SLOTS)
    assert client.post(f"schedules/{schedule.pk}/backfill", SPAN).json()["slots"] == []
    fires = client.get(f"schedules/{schedule.pk}/fires").json()["results"]
    runs = {str(id) for id in Run.objects.values_list("id", flat=True)}
    assert [fire["slot"] for fire in fires] == SLOTS[::-1]
    assert {fire["run"] for fire in fires} == runs
    assert {(fire["outcome"], fire["is_backfill"]) for fire in fires} == {("fired", True)}


@pytest.mark.parametrize(
    ("span", "path"),
    [
        ({"from": "2026-01-03T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
        ({"from": "2026-01-03T00:00:00Z", "to": "2199-01-01T00:00:00Z"}, "to"),
        ({"from": "0001-01-01T00:00:00+14:00", "to": "2026-01-01T00:00:00Z"}, "from"),
        ({"from": "2000-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
    ],
    ids=["backwards", "future", "before all", "too many"],
)
def test_a_span_that_makes_no_sense_is_refused(
    workspace: Workspace, client: ApiClient, span: dict[str, str], path: str
) -> None:
    answer = client.post(f"schedules/{scheduled(workspace).pk}/backfill", span)
    assert answer.status_code == 422
    assert [where for where, _ in faults(answer)] == [path]


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_not_live_makes_up_for_nothing(
    workspace: Workspace, client: ApiClient, dry_run: bool
) -> None:
    schedule = scheduled(workspace, is_live=False)
    answer = client.post(f"schedules/{schedule.pk}/backfill", SPAN | {"dry_run": dry_run})
    assert (answer.status_code, faults(answer)) == (409, [("", "not_live")])


def test_fires_tell_what_was_left_out(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace)
    run = make_run(schedule.workflow.versions.get())
    for hour, fields in enumerate([{"run": run}, {"outcome": "missed", "missed_from": LONG_AGO}]):
        ScheduleFire.objects.create(
            workspace=workspace,
            schedule=schedule,
            slot=LONG_AGO + timedelta(hours=hour),
            **fields,
        )
    missed, fired = client.get(f"schedules/{schedule.pk}/fires").json()["results"]
    assert (missed["outcome"], missed["missed_from"]) == ("missed", "2026-01-01T08:00:00.000Z")
    assert (missed["run"], missed["run_status"]) == (None, None)
    assert (fired["outcome"], fired["run"], fired["run_status"]) == (
        "fired",
        str(run.pk),
        "pending",
    )


def test_run_now_makes_a_run_and_touches_no_slot(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace)
    answer = client.post(f"schedules/{schedule.pk}/run")
    assert answer.status_code == 202, answer.content
    run = Run.objects.get(pk=answer.json()["id"])
    assert (run.trigger, run.trigger_node) == ("manual", "tick")
    assert not ScheduleFire.objects.exists()


def test_what_is_not_live_is_not_run(workspace: Workspace, client: ApiClient) -> None:
    schedule = scheduled(workspace, is_live=False)
    assert client.post(f"schedules/{schedule.pk}/run").status_code == 409
    assert not Run.objects.exists()


def test_params_that_are_not_saved_are_read_back(client: ApiClient) -> None:
    params = {"rules": [{"unit": "weeks", "every": 2, "on": [1], "at": "09:30"}]}
    told = client.post("schedules/preview", {"params": params, "timezone": "Asia/Kathmandu"}).json()
    assert told["sentence"] == "Every 2 weeks on Monday at 09:30"
    assert len(told["results"]) == 5
    assert told["results"][0]["local"].endswith("T09:30:00+05:45")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("params", "missing")]),
        ({"params": []}, [("params", "wrong_type")]),
        ({"params": {"cron": "* * *"}}, [("params.cron", "invalid_value")]),
        ({"params": {"cron": "={{ 1 }}"}}, [("params.cron", "invalid_value")]),
        (
            {"params": {"cron": "@daily", "timezone": "Riga"}},
            [("params.timezone", "invalid_value")],
        ),
        ({"params": {}}, [("params", "invalid_value")]),
        ({"params": {"cron": "@daily"}, "timezone": "../etc"}, [("timezone", "unknown")]),
    ],
    ids=["nothing", "a list", "short cron", "expression", "no zone", "empty", "no such zone"],
)
def test_faults_of_params_are_told_at_their_path(
    client: ApiClient, body: Any, expected: list[tuple[str, str]]
) -> None:
    assert faults(client.post("schedules/preview", body)) == expected


@pytest.mark.parametrize(
    "params",
    [
        {"cron": "* * * * * *", "start": "9999-12-31T23:59:58+00:00"},
        {"rules": [{"unit": "weeks"}], "start": "0001-01-01T00:00:00+14:00"},
    ],
    ids=["last", "first"],
)
def test_the_edges_of_the_calendar_are_no_start(client: ApiClient, params: dict[str, Any]) -> None:
    answer = client.post("schedules/preview", {"params": params})
    assert faults(answer) == [("params.start", "invalid_value")]


@pytest.mark.parametrize(
    "rule", [{"unit": "days", "every": 3_660}, {"unit": "months", "every": 120}]
)
def test_rare_times_far_away_are_told(workspace: Workspace, client: ApiClient, rule: Any) -> None:
    params = {"rules": [rule], "start": "2999-12-31T23:59:58+00:00"}
    schedule = scheduled(workspace, rule=params)
    assert len(client.get(f"schedules/{schedule.pk}/next?count=100").json()["results"]) == 100


def test_the_last_time_that_fired_is_told_with_when_it_did(
    workspace: Workspace, client: ApiClient, django_assert_num_queries: Any
) -> None:
    schedule, other = scheduled(workspace), scheduled(workspace)
    hour = timedelta(hours=1)
    for slot, rest in [
        (LONG_AGO, {"fired_at": LONG_AGO + timedelta(seconds=3)}),
        (LONG_AGO - hour, {}),
        (LONG_AGO + hour, {"outcome": "missed"}),
        (LONG_AGO + 2 * hour, {"is_backfill": True}),
    ]:
        ScheduleFire.objects.create(workspace=workspace, schedule=schedule, slot=slot, **rest)
    client.get("me")
    with django_assert_num_queries(3):  # session, user, the page
        rows = {row["id"]: row for row in client.get("schedules").json()["results"]}
    assert rows[str(schedule.pk)]["last_fire"] == {
        "slot": "2026-01-01T08:00:00.000Z",
        "fired_at": "2026-01-01T08:00:03.000Z",
    }
    assert rows[str(other.pk)]["last_fire"] is None
