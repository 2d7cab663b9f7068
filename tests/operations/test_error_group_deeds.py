"""What operators do with groups of failures: in the admin and over the API, by the same deeds."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.engine.events import write_time
from apps.operations.groups.gather import gather_failures
from apps.operations.models import ErrorGroup
from apps.runs.models import Run
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_user, make_version, make_workflow

pytestmark = pytest.mark.django_db
GROUPS = "/admin/operations/errorgroup/"
RUNS = "/admin/runs/run/"
HOSTILE = "<script>alert(1)</script>"


def failed(**fields: Any) -> Run:
    told = {"error_code": "http_status", "error_message": "It answered 503."}
    return make_run(fields.pop("version", None), "failed", **told | fields)


def group_of(run: Run) -> ErrorGroup:
    gather_failures()
    run.refresh_from_db()
    return ErrorGroup.objects.get(pk=run.error_group)


def staff(run: Run, role: str = "operator") -> ApiClient:
    return ApiClient(make_user(run.workspace, role, is_staff=True))


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.get("Location"))
    return answer.content.decode()


def button(group: ErrorGroup, name: str) -> str:
    return reverse(f"admin:operations_errorgroup_{name}", args=[group.pk])


def press(client: ApiClient, group: ErrorGroup, name: str, **values: Any) -> Any:
    return client.django.post(button(group, name), {"_form_submitted": "true", **values})


def actions_of(group: ErrorGroup) -> list[str]:
    found = AuditEntry.objects.filter(object_id=group.pk).order_by("id")
    return list(found.values_list("action", flat=True))


# --- The admin ------------------------------------------------------------------------------------


def test_the_list_tells_what_fails_how_often_where_and_since_when() -> None:
    run = failed(finished_at=timezone.now() - timedelta(hours=3))
    failed(version=make_version(make_workflow(run.workspace)))
    group = group_of(run)
    client = staff(run)
    listed = shown(client, GROUPS)
    assert "http_status: It answered 503." in listed
    assert "3 h 0 min ago" in listed
    assert re.findall("field-(how_often|in_workflows)[^>]*>\\s*([0-9]+)", listed) == [
        ("how_often", "2"),
        ("in_workflows", "2"),
    ]
    assert str(group.last_run) in listed


def test_open_groups_come_first_and_of_these_the_newest() -> None:
    run = failed(error_code="first")
    group_of(run)
    for code in ("second", "third"):
        group_of(failed(version=run.version, error_code=code))
    ErrorGroup.objects.filter(error_code="third").update(
        status="resolved", resolved_at=timezone.now()
    )
    listed = shown(staff(run), GROUPS)
    places = [listed.index(f"{code}: It") for code in ("second", "first", "third")]
    assert places == sorted(places)


def test_the_list_is_filtered_by_status_workflow_and_who_looks_after_it() -> None:
    run = failed(error_code="mine")
    other = failed(
        version=make_version(make_workflow(run.workspace, name="Another")), error_code="others"
    )
    me = make_user(run.workspace, "operator", is_staff=True)
    mine, others = group_of(run), group_of(other)
    ErrorGroup.objects.filter(pk=mine.pk).update(assigned_to=me)
    ErrorGroup.objects.filter(pk=others.pk).update(status="resolved", resolved_at=timezone.now())
    client = ApiClient(me)
    for query in (
        "status__exact=open",
        f"workflows__workflow__id__exact={run.workflow_id}",
        f"assigned_to__id__exact={me.pk}",
    ):
        listed = shown(client, f"{GROUPS}?{query}")
        assert ("mine: It" in listed, "others: It" in listed) == (True, False), query


def test_a_page_shows_days_workflows_and_the_last_runs() -> None:
    run = failed(error_message=f"{HOSTILE} answered 503.")
    group = group_of(run)
    page = shown(staff(run), button(group, "change"))
    today = timezone.now().strftime("%-d %b")
    assert f'title="{today}: 1"' in page
    assert reverse("admin:runs_run_change", args=[run.pk]) in page
    assert reverse("admin:workflows_workflow_change", args=[run.workflow_id]) in page
    assert f"{RUNS}?error_group={group.pk}" in page
    assert HOSTILE not in page


def test_a_failed_run_leads_to_its_group_and_the_group_to_all_its_runs() -> None:
    run, other = failed(), failed(error_code="timeout")
    Run.objects.filter(pk=other.pk).update(workspace=run.workspace)
    group = group_of(run)
    client = staff(run)
    page = shown(client, reverse("admin:runs_run_change", args=[run.pk]))
    assert button(group, "change") in page
    listed = shown(client, f"{RUNS}?error_group={group.pk}")
    assert reverse("admin:runs_run_change", args=[run.pk]) in listed
    assert reverse("admin:runs_run_change", args=[other.pk]) not in listed
    assert "Enter a valid UUID" in shown(client, f"{RUNS}?error_group=none")


def test_buttons_assign_snooze_resolve_and_reopen() -> None:
    run = failed()
    group = group_of(run)
    client, colleague = staff(run), make_user(run.workspace)
    for name, values, wanted in (
        ("assign", {"to": str(colleague.pk)}, ("open", colleague)),
        ("snooze", {"hours": "24"}, ("snoozed", colleague)),
        ("resolve", {}, ("resolved", colleague)),
        ("reopen", {}, ("open", colleague)),
        ("assign", {"to": ""}, ("open", None)),
    ):
        assert press(client, group, name, **values).status_code == 302
        group.refresh_from_db()
        assert (group.status, group.assigned_to) == wanted, name
    assert actions_of(group) == [
        f"error_group.{deed}" for deed in ("assign", "snooze", "resolve", "reopen", "assign")
    ]


def test_who_is_no_member_is_not_offered_and_not_taken() -> None:
    run = failed()
    group = group_of(run)
    stranger = make_user()
    client = staff(run)
    assert stranger.email not in shown(client, button(group, "assign"))
    assert press(client, group, "assign", to=str(stranger.pk)).status_code == 200
    group.refresh_from_db()
    assert group.assigned_to is None


def test_a_viewer_sees_and_changes_nothing_and_others_do_not_see() -> None:
    run = failed()
    group = group_of(run)
    viewer, stranger = staff(run, "viewer"), staff(failed())
    assert shown(viewer, button(group, "change"))
    assert str(group.pk) not in shown(stranger, GROUPS)
    for client in (viewer, stranger):
        for name in ("assign", "snooze", "resolve", "reopen", "retry"):
            assert press(client, group, name, hours="1").status_code in (302, 403)
    group.refresh_from_db()
    assert (group.status, group.assigned_to, actions_of(group)) == ("open", None, [])


def test_many_are_resolved_and_taken_at_once() -> None:
    run = failed()
    groups = [group_of(run), group_of(failed(version=run.version, error_code="timeout"))]
    me = make_user(run.workspace, "operator", is_staff=True)
    client = ApiClient(me)
    chosen = [str(group.pk) for group in groups]
    for deed in ("take_all", "resolve_all"):
        client.django.post(GROUPS, {"action": deed, "_selected_action": chosen})
    found = ErrorGroup.objects.values_list("status", "assigned_to", "resolved_by")
    assert list(found) == [("resolved", me.pk, me.pk)] * 2


def test_retry_all_leads_to_a_job_that_finds_the_runs_of_the_group_alone() -> None:
    run = failed()
    failed(version=run.version, error_code="timeout")
    group = group_of(run)
    client = staff(run)
    answer = client.get(button(group, "retry"))
    assert answer.status_code == 302
    form = {"workspace": str(run.workspace_id), "what": "retry failed same", "count": "1"}
    counted = client.django.post(answer["Location"], form).content.decode()
    assert "<strong>1 run, " in counted


def test_the_list_is_filtered_by_who_is_found_by_typing() -> None:
    run = failed()
    group_of(run)
    somebody, stranger = make_user(run.workspace), make_user(make_workflow().workspace)
    client = staff(run)
    assert somebody.email not in client.get(GROUPS).content.decode()
    asked = "app_label=operations&model_name=errorgroup&field_name=assigned_to&term=user"
    found = client.get(f"/admin/autocomplete/?{asked}").content.decode()
    assert (somebody.email in found, stranger.email in found) == (True, False)
    for who, is_named in ((somebody, True), (stranger, False)):
        page = client.get(f"{GROUPS}?assigned_to__id__exact={who.pk}").content.decode()
        assert (who.email in page) == is_named


def test_the_list_asks_the_same_few_questions_however_long_it_is() -> None:
    run = failed()
    client = staff(run)
    counts = []
    for codes in ("a", "bcdefgh"):
        for code in codes:
            group_of(failed(version=run.version, error_code=code))
        with CaptureQueriesContext(connection) as asked:
            shown(client, GROUPS)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert not [each for each in asked if "COUNT(*) AS" in each["sql"]]


# --- The API --------------------------------------------------------------------------------------


def test_the_api_lists_and_filters_groups() -> None:
    run = failed()
    group = group_of(run)
    other = group_of(failed(version=run.version, error_code="timeout"))
    client = ApiClient(make_user(run.workspace, "viewer"))
    path = f"workspaces/{run.workspace_id}/error-groups"
    listed = client.get(path).json()["results"]
    assert [each["id"] for each in listed] == [str(other.pk), str(group.pk)]
    assert listed[1] | {"count": 1, "workflow_count": 1, "status": "open"} == listed[1]
    ErrorGroup.objects.filter(pk=other.pk).update(status="resolved", resolved_at=timezone.now())
    for query, wanted in (
        ("status=resolved", [other]),
        ("status=open&status=resolved", [other, group]),
        (f"workflow={run.workflow_id}", [other, group]),
        (f"workflow={make_workflow(run.workspace).pk}", []),
        (f"assigned_to={make_user().pk}", []),
        ("limit=1", [other]),
    ):
        found = client.get(f"{path}?{query}").json()["results"]
        assert [each["id"] for each in found] == [str(each.pk) for each in wanted], query


def test_the_api_tells_in_which_workflows() -> None:
    run = failed()
    group = group_of(run)
    told = ApiClient(make_user(run.workspace, "viewer")).get(f"error-groups/{group.pk}").json()
    [workflow] = told["workflows"]
    assert (workflow["id"], workflow["name"], workflow["count"]) == (
        str(run.workflow_id),
        run.workflow.name,
        1,
    )


def test_the_api_changes_status_and_who_looks_after_it() -> None:
    run = failed()
    group = group_of(run)
    me = make_user(run.workspace, "operator")
    client, path = ApiClient(me), f"error-groups/{group.pk}"
    until = write_time(timezone.now() + timedelta(days=2))
    changed = {"status": "snoozed", "snoozed_until": until, "assigned_to": str(me.pk)}
    told = client.patch(path, changed).json()
    assert told | changed | {"assigned_to_email": me.email} == told
    assert client.patch(path, {"status": "resolved"}).json()["snoozed_until"] is None
    assert client.patch(path, {"status": "open", "assigned_to": None}).json()["status"] == "open"
    before = actions_of(group)
    assert client.patch(path, {"status": "open"}).status_code == 200
    assert actions_of(group) == before  # it was so already


def test_the_api_tells_what_is_wrong_with_a_change() -> None:
    run = failed()
    group = group_of(run)
    client, path = ApiClient(make_user(run.workspace, "operator")), f"error-groups/{group.pk}"
    later, past = "2200-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
    for body, wanted in (
        ({"status": "snoozed"}, ("snoozed_until", "missing")),
        ({"status": "snoozed", "snoozed_until": past}, ("snoozed_until", "out_of_range")),
        ({"status": "snoozed", "snoozed_until": later}, ("snoozed_until", "out_of_range")),
        ({"status": "open", "snoozed_until": later}, ("snoozed_until", "unexpected")),
        ({"snoozed_until": later}, ("snoozed_until", "unexpected")),
        ({"assigned_to": str(make_user().pk)}, ("assigned_to", "no_member")),
        ({"status": "gone"}, ("status", "invalid_choice")),
        ({"count": 0}, ("count", "unknown_key")),
    ):
        assert faults(client.patch(path, body)) == [wanted], body
    assert actions_of(group) == []


def test_a_job_takes_the_group_as_a_filter() -> None:
    run = failed()
    failed(version=run.version, error_code="timeout")
    group = group_of(run)
    client = ApiClient(make_user(run.workspace, "operator"))
    body = {"deed": "retry", "filter": {"error_group": str(group.pk)}, "dry_run": True}
    assert client.post(f"workspaces/{run.workspace_id}/bulk-jobs", body).json()["runs"] == 1
    found = client.get(f"runs?error_group={group.pk}").json()["results"]
    assert [each["id"] for each in found] == [str(run.pk)]
