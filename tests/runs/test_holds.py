"""Holds: what is paused is not claimed, and goes on when that is lifted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.runs.cancel import cancel_run
from apps.runs.claim import claim_run
from apps.runs.holds import hold, lift
from apps.runs.line import open_due_lines
from apps.runs.models import DEFAULT_QUEUE, Hold, Line, Run
from apps.runs.waits import wait_of
from apps.versions.models import WorkflowVersion
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace
from tests.runs.work import created, make_worker
from tests.services import wait_for

pytestmark = pytest.mark.django_db


def claim() -> Any:
    taken = claim_run(make_worker().pk, DEFAULT_QUEUE)
    return taken and taken.run


WHAT: list[Callable[[WorkflowVersion], Any]] = [
    lambda version: version.workflow,
    lambda version: version.workflow.workspace,
    lambda version: None,
]
of_each = pytest.mark.parametrize("what", WHAT, ids=["workflow", "workspace", "everything"])


@of_each
def test_what_is_held_is_not_claimed(what: Callable[[WorkflowVersion], Any]) -> None:
    run = make_run()
    hold(what(run.version), "upgrade", by=None)
    assert claim() is None
    lift(what(run.version), by=None)
    assert claim() == run.pk


@of_each
def test_a_run_tells_why_it_is_held(what: Callable[[WorkflowVersion], Any]) -> None:
    version = make_version()
    runs = [make_run(version) for _ in range(2)]
    hold(what(version), "upgrade", by=None)
    assert claim() is None
    wait = wait_of(Run.objects.get(pk=runs[1].pk))
    assert wait is not None
    assert (wait.reason, wait.place) == ("hold", 2)
    assert wait.told.endswith(": upgrade")


def test_who_is_not_let_go_yet_after_a_pause_tells_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = make_version()
    runs = [make_run(version) for _ in range(4)]
    hold(version.workflow, by=None)
    assert claim() is None
    monkeypatch.setattr("apps.runs.line.AT_ONCE", 1)
    lift(version.workflow, by=None)
    wait = wait_of(Run.objects.get(pk=runs[3].pk))
    assert wait is not None
    assert (wait.reason, wait.place) == ("worker", 4)


def test_others_go_on() -> None:
    version = make_version()
    hold(version.workflow, by=None)
    make_run(version)
    beside = make_run(make_version(make_workflow(version.workspace)))
    assert claim() == beside.pk
    hold(version.workspace, by=None)
    make_run(beside.version)
    elsewhere = make_run()
    assert claim() == elsewhere.pk


def test_two_holds_must_both_be_lifted() -> None:
    run = make_run()
    hold(run.workflow, by=None)
    hold(None, "upgrade", by=None)
    assert claim() is None
    lift(None, by=None)
    assert claim() is None
    lift(run.workflow, by=None)
    assert claim() == run.pk


def test_what_is_only_to_be_ended_is_claimed_all_the_same() -> None:
    version = make_version()
    hold(version.workflow, by=None)
    cancelled = make_run(version)
    late = make_run(version, deadline_at=timezone.now() - timedelta(seconds=1))
    make_run(version)
    cancel_run(cancelled, by=None)
    assert {claim(), claim()} == {cancelled.pk, late.pk}
    assert claim() is None


def test_lifting_wakes_the_queue_once_it_is_durable(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr("apps.runs.dispatch.wake_queue", woken.append)
    run = make_run()
    hold(run.workflow, by=None)
    assert claim() is None
    with django_capture_on_commit_callbacks(execute=True):
        lift(run.workflow, by=None)
        assert woken == []
    assert woken == [DEFAULT_QUEUE]


def test_a_lift_that_was_lost_is_found() -> None:
    run = make_run()
    hold(run.workflow, by=None)
    assert claim() is None
    Hold.objects.all().delete()
    Line.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    assert open_due_lines() == 1
    assert claim() == run.pk


@pytest.mark.skipif(settings.IS_SQLITE, reason="one writer at a time: nothing is ever locked")
@pytest.mark.django_db(transaction=True)
def test_lifting_waits_for_who_sets_runs_aside_and_never_both_for_each_other() -> None:
    """Lines are locked in the order of their ids by whoever locks several of them."""
    workspace = make_workspace()
    versions = [make_version(make_workflow(workspace)) for _ in range(2)]
    hold(workspace, by=None)
    # The later one was there before: it is the first that is found where nobody says an order.
    lines = sorted(versions, key=lambda version: line_of(version), reverse=True)
    for version in lines:
        make_run(version)
        assert claim() is None
    first, last = Line.objects.order_by("pk")
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Line.objects.select_for_update().get(pk=first.pk)
            lifting = threads.submit(on_its_own_connection, lambda: lift(workspace, by=None))
            wait_for(is_anybody_waiting)
            Line.objects.select_for_update().get(pk=last.pk)
        lifting.result()
    assert {claim(), claim()} == set(Run.objects.values_list("pk", flat=True))


def line_of(version: WorkflowVersion) -> UUID:
    return Line.id_of(version.workflow_id, Line.Kind.HOLD)


def on_its_own_connection(deed: Callable[[], None]) -> None:
    try:
        deed()
    finally:
        connection.close()


def is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_many_that_are_let_go_at_once_go_between_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("apps.runs.line.AT_ONCE", 3)
    many, few = make_version(), make_version()
    held = [created(many).pk for _ in range(5)]
    hold(many.workflow, by=None)
    assert claim() is None
    others = [created(few).pk for _ in range(3)]
    lift(many.workflow, by=None)
    in_turn = [held[0], others[0], held[1], others[1], held[2], others[2]]
    assert [claim() for _ in range(6)] == in_turn
    Line.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    open_due_lines()
    assert [claim() for _ in range(3)] == [*held[3:], None]


def test_holding_and_lifting_are_audited_once_each_time_something_changes() -> None:
    run, user = make_run(), make_user()
    hold(run.workflow, "upgrade", by=user)
    lift(run.workflow, by=user)
    lift(run.workflow, by=user)
    entries = AuditEntry.objects.filter(user=user).order_by("id")
    told = entries.values_list("action", "object_id", "detail")
    assert list(told) == [
        (
            "workflow.hold",
            run.workflow_id,
            {"changes": {"held": [False, True], "reason": [None, "upgrade"]}},
        ),
        (
            "workflow.lift",
            run.workflow_id,
            {"changes": {"held": [True, False], "reason": ["upgrade", None]}},
        ),
    ]


def test_the_api_holds_tells_and_lifts() -> None:
    version = make_version()
    operator = ApiClient(make_user(version.workspace, "operator"))
    place = f"workflows/{version.workflow_id}/hold"
    assert operator.get(place).json()["held"] is False
    assert operator.put(place, {"reason": "upgrade"}).status_code == 200
    told = operator.get(place).json()
    assert (told["held"], told["reason"]) == (True, "upgrade")
    assert operator.delete(place).status_code == 204
    assert not Hold.objects.exists()


def test_superusers_alone_hold_everything() -> None:
    run = make_run()
    admin = ApiClient(make_user(run.workspace, "admin"))
    assert admin.put("hold", {}).status_code == 403
    superuser = ApiClient(make_user(is_superuser=True))
    assert superuser.put("hold", {"reason": "upgrade"}).json()["held"] is True
    assert claim() is None
    assert superuser.delete("hold").status_code == 204
    assert claim() == run.pk
