"""Failed runs come into the group of their kind, and are counted once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.engine.decisions import REASON
from apps.engine.endings import MARKED_FAILED
from apps.engine.retry import WORKER_LOST
from apps.operations.groups import gather
from apps.operations.groups.forget import KEPT_FOR, delete_old_groups
from apps.operations.groups.gather import gather_failures, until_next_s
from apps.operations.groups.handle import resolve_group, snooze_group
from apps.operations.groups.wake import until_next_s as until_next_wakes_s
from apps.operations.groups.wake import wake_snoozed
from apps.operations.models import ErrorGroup, ErrorGroupDay
from apps.runs.delete import delete_run
from apps.runs.models import Run
from apps.versions.models import WorkflowVersion
from apps.workspaces.models import AuditEntry
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db


def calling(workspace: Any = None, name: str = "call") -> WorkflowVersion:
    """A version whose second node, of some name, is an HTTP Call."""
    nodes = [node("start", "manual"), node(name, "http_call", params={"url": "https://a.test/"})]
    return make_version(make_workflow(workspace), graph(nodes, [f"start -> {name}"]))


def failed(
    version: WorkflowVersion,
    message: str = "GET https://a.test/1 answered 503.",
    node: str = "call",
    code: str = "http_status",
    **fields: Any,
) -> Run:
    mark = {"type": "run_failed", "error": {"code": code, "message": message, "node": node}}
    told = {"error_code": code, "error_message": message, "marks": [mark]}
    return make_run(version, "failed", **told | fields)


def test_failures_of_one_kind_are_one_group_in_whichever_workflow() -> None:
    workspace = make_workspace()
    first, other = calling(workspace), calling(workspace, "another")
    runs = [
        failed(first, "GET https://a.test/1 answered 503."),
        failed(first, "GET https://a.test/2 answered 503."),
        failed(other, "GET https://b.test/ answered 503.", node="another"),
    ]
    assert gather_failures() == 3
    group = ErrorGroup.objects.get()
    assert (group.error_code, group.node_type, group.count) == ("http_status", "http_call", 3)
    assert group.message == "GET https://a.test/1 answered 503."
    assert (group.first_seen, group.last_seen) == (runs[0].finished_at, runs[2].finished_at)
    assert group.last_run == runs[2].pk
    counts = dict(group.workflows.values_list("workflow", "count"))
    assert counts == {first.workflow_id: 2, other.workflow_id: 1}
    assert set(Run.objects.values_list("error_group", flat=True)) == {group.pk}


def test_other_codes_nodes_messages_and_workspaces_are_other_groups() -> None:
    version = calling()
    failed(version)
    failed(version, code="timeout")
    failed(version, node="start")
    failed(version, "GET https://a.test/1 answered 404.")
    failed(version, "The worker was lost.", node="", marks=[])
    failed(calling())
    assert gather_failures() == 6
    assert list(ErrorGroup.objects.values_list("count", flat=True)) == [1] * 6


def test_what_people_write_of_why_they_end_runs_makes_no_groups() -> None:
    version = calling()
    for note in ("The shop is closed.", "Sent by hand"):
        failed(version, note, node="", code=MARKED_FAILED)
        failed(version, f"{REASON} {note}", code=WORKER_LOST)
    failed(version, "The worker was lost three times.", code=WORKER_LOST)
    gather_failures()
    told = {(group.error_code, group.message): group.count for group in ErrorGroup.objects.all()}
    assert told == {
        (MARKED_FAILED, ""): 2,
        (WORKER_LOST, REASON): 2,
        (WORKER_LOST, "The worker was lost three times."): 1,
    }


def test_runs_that_did_not_fail_are_in_no_group() -> None:
    for status in ("pending", "running", "waiting", "completed", "cancelled"):
        make_run(calling(), status)
    assert gather_failures() == 0
    assert until_next_s() is None


def test_a_trial_that_failed_is_in_no_group_and_wakes_nobody() -> None:
    failed(calling(), is_trial=True)
    assert until_next_s() is None
    assert gather_failures() == 0
    assert not ErrorGroup.objects.exists()


def test_what_comes_later_is_added_and_nothing_is_counted_twice() -> None:
    version = calling()
    for count in (1, 2, 3):
        failed(version)
        assert until_next_s() == gather.AGAIN_S
        assert gather_failures() == 1
        assert gather_failures() == 0
        group = ErrorGroup.objects.get()
        assert group.count == count
        assert [row.count for row in (*group.workflows.all(), *group.days.all())] == [count] * 2


def test_who_is_killed_between_has_counted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    failed(calling())

    def dies(*_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(gather, "_put_in", dies)
        with pytest.raises(OperationalError):
            gather_failures()
    assert not ErrorGroup.objects.exists()
    assert gather_failures() == 1
    assert ErrorGroup.objects.get().count == 1


def test_failures_are_counted_for_the_day_on_which_they_ended() -> None:
    version = calling()
    for day in (1, 1, 3):
        failed(version, finished_at=datetime(2026, 10, day, 23, 59, tzinfo=UTC))
    gather_failures()
    days = ErrorGroup.objects.get().days.values_list("day", "count")
    assert list(days) == [(date(2026, 10, 1), 2), (date(2026, 10, 3), 1)]


def test_an_older_failure_that_comes_later_changes_the_first_and_not_the_last() -> None:
    version = calling()
    last = failed(version)
    gather_failures()
    old = failed(version, finished_at=last.finished_at - timedelta(days=3))
    gather_failures()
    group = ErrorGroup.objects.get()
    assert (group.first_seen, group.last_seen) == (old.finished_at, last.finished_at)
    assert group.last_run == last.pk


def test_what_was_resolved_comes_back_with_a_run_that_was_made_since() -> None:
    version = calling()
    user = make_user(version.workspace, "operator")
    before = failed(version)
    gather_failures()
    resolve_group(ErrorGroup.objects.get(), by=user)
    failed(version, created_at=before.created_at)  # made before: it knows nothing of the cure
    gather_failures()
    group = ErrorGroup.objects.get()
    assert (group.status, group.came_back_at, group.count) == ("resolved", None, 2)
    failed(version)
    gather_failures()
    group = ErrorGroup.objects.get()
    assert (group.status, group.count, group.resolved_by) == ("open", 3, user)
    assert group.came_back_at is not None
    actions = AuditEntry.objects.filter(object_id=group.pk).order_by("id")
    assert list(actions.values_list("action", "user")) == [
        ("error_group.resolve", user.pk),
        ("error_group.come_back", None),
    ]


def test_what_was_put_aside_is_counted_on_and_wakes_at_its_time() -> None:
    version = calling()
    failed(version)
    gather_failures()
    until = timezone.now() + timedelta(hours=1)
    snooze_group(ErrorGroup.objects.get(), until, by=make_user(version.workspace))
    assert 3500 < (until_next_wakes_s() or 0) <= 3600
    failed(version)
    gather_failures()
    wake_snoozed()
    group = ErrorGroup.objects.get()
    assert (group.status, group.count) == ("snoozed", 2)
    ErrorGroup.objects.update(snoozed_until=timezone.now())
    wake_snoozed()
    group.refresh_from_db()
    assert (group.status, group.snoozed_until, until_next_wakes_s()) == ("open", None, None)
    assert AuditEntry.objects.filter(action="error_group.wake").count() == 1


def test_counts_stay_where_runs_are_deleted() -> None:
    run = failed(calling())
    gather_failures()
    delete_run(run, by=None)
    group = ErrorGroup.objects.get()
    assert (group.count, group.workflows.get().count, group.days.get().count) == (1, 1, 1)


def test_only_old_resolved_groups_without_runs_are_forgotten() -> None:
    version = calling()
    user = make_user(version.workspace)
    old = timezone.now() - KEPT_FOR - timedelta(days=1)
    wanted = []
    for code, is_resolved, has_run, seen in (
        ("gone", True, False, old),
        ("open", False, False, old),
        ("with_run", True, True, old),
        ("new", True, False, timezone.now()),
    ):
        run = failed(version, code=code, finished_at=seen)
        gather_failures()
        group = ErrorGroup.objects.get(error_code=code)
        if is_resolved:
            resolve_group(group, by=user)
        if not has_run:
            delete_run(run, by=None)
        wanted.append(code)
    assert delete_old_groups(timezone.now()) == 1
    left = ErrorGroup.objects.order_by("id").values_list("error_code", flat=True)
    assert list(left) == wanted[1:]
    assert ErrorGroupDay.objects.get().group.error_code == "new"


def test_the_cost_of_many_failures_is_a_few_statements() -> None:
    workspace = make_workspace()
    versions = [calling(workspace) for _ in range(5)]
    runs = [
        failed(versions[n % 5], f"It failed {word}")
        for n in range(100)
        for word in ("here", "there")
    ]
    with CaptureQueriesContext(connection) as asked:
        assert gather_failures() == len(runs)
    statements = [each["sql"] for each in asked if not each["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(statements) <= 13, statements
    assert Run.objects.filter(error_group=None).count() == 0


def test_more_than_a_turn_takes_comes_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.operations.groups.failures.AT_ONCE", 2)
    version = calling()
    for _ in range(3):
        failed(version)
    assert [gather_failures() for _ in range(3)] == [2, 1, 0]
    assert ErrorGroup.objects.get().count == 3


def test_what_failed_without_a_message_is_named_by_its_code() -> None:
    assert str(ErrorGroup(error_code="http_status")) == "http_status"
    assert str(ErrorGroup(error_code="http_status", message="404")) == "http_status: 404"
    assert str(ErrorGroup()) == "without a code"
