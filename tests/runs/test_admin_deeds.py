"""What staff do to runs and steps in the admin."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import reverse
from psycopg.errors import LockNotAvailable, QueryCanceled

from apps.runs.admin import run_deeds
from apps.runs.admin.runs import RunAdmin
from apps.runs.models import Run, RunSignal, StepRun
from apps.runs.states import RunStatus, SignalKind, Trigger
from apps.workspaces.models import AuditEntry
from apps.workspaces.permissions import RIGHTS, Role
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user
from tests.staff import superuser

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"

DECISION = {"for": "decision", "until": None}
APPROVAL = {"for": "approval", "until": None, "asks": {"question": "Refund?"}}


def staff(row: Run | StepRun, role: str = "operator") -> ApiClient:
    return ApiClient(make_user(row.workspace, role, is_staff=True))


def told(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def do(client: ApiClient, action: str, *rows: Run | StepRun, answer: str = "yes") -> HttpResponse:
    """Choose rows of a list, and an action for them; what it asks then is answered so."""
    chosen = "&".join(f"_selected_action={row.pk}" for row in rows)
    chosen += f"&is_sure={answer}"
    path = reverse(f"admin:runs_{rows[0]._meta.model_name}_changelist")
    return client.post(path, f"action={action}&{chosen}".encode(), content_type=FORM)


def answer_dialog(
    client: ApiClient, row: Run | StepRun, action: str, fields: str = "", **options: Any
) -> HttpResponse:
    path = reverse(f"admin:runs_{row._meta.model_name}_{action}", args=[row.pk])
    body = f"_form_submitted=on&{fields}".encode()
    return client.post(path, body, content_type=FORM, **options)


def test_open_runs_are_cancelled_and_ended_ones_say_why_not() -> None:
    run = make_run()
    ended = make_run(run.version, RunStatus.COMPLETED)
    answer = do(staff(run), "cancel_runs", run, ended)
    run.refresh_from_db()
    assert run.cancel_requested_at
    assert RunSignal.objects.get().kind == SignalKind.CANCEL
    assert f"{ended.pk}: The run has ended" in " ".join(told(answer))
    assert "1 run asked to end." in told(answer)
    assert AuditEntry.objects.filter(action="run.cancel").count() == 1


def test_what_somebody_else_holds_too_long_is_told_and_keeps_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, free = make_run(), make_run()
    cancel = run_deeds.cancel_run

    def waits_in_vain(run: Run, **how: Any) -> None:
        if run == held:
            raise OperationalError(
                "canceling statement due to lock timeout"
            ) from LockNotAvailable()
        cancel(run, **how)

    monkeypatch.setattr(run_deeds, "cancel_run", waits_in_vain)
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    answer = do(client, "cancel_runs", held, free)
    assert f"{held.pk}: Somebody else changes it just now." in " ".join(told(answer))
    assert "1 run asked to end." in told(answer)


def test_an_outage_is_not_taken_for_a_row_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_away(run: Run, **how: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(run_deeds, "cancel_run", is_away)
    run = make_run()
    assert do(staff(run), "cancel_runs", run).status_code == 500


@pytest.mark.parametrize("error", [LockNotAvailable, QueryCanceled])
def test_a_list_that_cannot_be_read_in_time_does_not_lead_to_itself(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def take_too_long(*args: Any) -> None:
        raise OperationalError from error()

    monkeypatch.setattr(RunAdmin, "get_queryset", take_too_long)
    assert superuser().get(reverse("admin:runs_run_changelist")).status_code == 500


@pytest.mark.parametrize(
    ("action", "status", "button"),
    [
        ("cancel_runs", RunStatus.RUNNING, "Cancel the runs"),
        ("retry_from_failed", RunStatus.FAILED, "Retry"),
        ("retry_from_start", RunStatus.FAILED, "Retry"),
        ("delete_runs", RunStatus.FAILED, "Delete the runs"),
    ],
)
def test_what_is_done_to_chosen_runs_is_asked_first(
    action: str, status: RunStatus, button: str
) -> None:
    run = make_run(status=status)
    client = staff(run, "admin")
    so_far = AuditEntry.objects.count()
    page = do(client, action, run, answer="").content.decode()
    assert f"…{str(run.pk)[-12:]}" in page
    assert f'name="_selected_action" value="{run.pk}"' in page
    assert f'name="action" value="{action}"' in page
    assert re.search(rf"<button[^>]*>\s*{button}\s*</button>", page)
    assert Run.objects.get() == run
    assert AuditEntry.objects.count() == so_far
    do(client, action, run)
    assert AuditEntry.objects.count() == so_far + 1


@pytest.mark.parametrize("action", ["run_again", "let_fail"])
def test_a_decision_about_chosen_steps_is_asked_first(action: str) -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=DECISION)
    page = do(staff(step.run), action, step, answer="").content.decode()
    assert f'name="action" value="{action}"' in page
    assert not RunSignal.objects.exists()


@pytest.mark.parametrize("action", ["retry_from_failed", "retry_from_start"])
def test_ended_runs_are_retried_by_new_ones(action: str) -> None:
    run = make_run(status=RunStatus.FAILED)
    still_open = make_run(run.version)
    answer = do(staff(run), action, run, still_open)
    again = Run.objects.get(retry_of=run)
    assert (again.trigger, again.status) == (Trigger.RETRY, RunStatus.PENDING)
    assert not Run.objects.filter(retry_of=still_open)
    assert "1 run retried." in told(answer)


def test_a_dialog_asks_first_and_a_get_changes_nothing() -> None:
    run = make_run()
    client = staff(run)
    asked = client.get(reverse("admin:runs_run_cancel", args=[run.pk]))
    assert "Cancel this run?" in asked.content.decode()
    run.refresh_from_db()
    assert run.cancel_requested_at is None
    assert answer_dialog(client, run, "cancel").status_code == 302
    run.refresh_from_db()
    assert run.cancel_requested_at


def test_an_answered_dialog_sends_the_page_on() -> None:
    run = make_run(status=RunStatus.FAILED)
    answer = answer_dialog(staff(run), run, "retry", "start=start", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("admin:runs_run_change", args=[run.pk])
    assert Run.objects.filter(retry_of=run).exists()


def test_a_run_offers_what_its_state_allows() -> None:
    run = make_run()
    ended = make_run(run.version, RunStatus.FAILED)
    client = staff(run, "admin")

    def offered(row: Run) -> set[str]:
        page = client.get(reverse("admin:runs_run_change", args=[row.pk])).content.decode()
        return {
            name
            for name in ("cancel", "retry", "remove")
            if reverse(f"admin:runs_run_{name}", args=[row.pk]) in page
        }

    assert offered(run) == {"cancel"}
    assert offered(ended) == {"retry", "remove"}


def test_an_ended_run_is_deleted_by_admins_alone() -> None:
    run = make_run(status=RunStatus.FAILED)
    answer_dialog(staff(run, "editor"), run, "remove")
    assert Run.objects.filter(pk=run.pk).exists()
    answer = answer_dialog(staff(run, "admin"), run, "remove")
    assert answer["Location"] == reverse("admin:runs_run_changelist")
    assert not Run.objects.filter(pk=run.pk).exists()


def test_chosen_runs_are_deleted_and_open_ones_say_why_not() -> None:
    run = make_run(status=RunStatus.COMPLETED)
    still_open = make_run(run.version)
    answer = do(staff(run, "admin"), "delete_runs", run, still_open)
    assert list(Run.objects.all()) == [still_open]
    assert "1 run deleted." in told(answer)
    assert f"{still_open.pk}: The run has not ended" in " ".join(told(answer))


@pytest.mark.parametrize(("action", "decision"), [("run_again", "run_again"), ("let_fail", "fail")])
def test_steps_that_wait_for_a_decision_get_it(action: str, decision: str) -> None:
    run = make_run(status=RunStatus.WAITING)
    step, other = make_step(run, wait=DECISION), make_step(run, "start")
    answer = do(staff(run), action, step, other)
    signal = RunSignal.objects.get()
    assert (signal.step, signal.attempt) == (step, 1)
    assert signal.body["decision"] == decision
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING
    assert "step start[0]: This step waits for no decision." in told(answer)


def test_a_step_is_decided_with_items_and_a_comment() -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=DECISION)
    fields = 'decision=use&items=[{"id": 7}]&comment=seen in the bank'
    answer_dialog(staff(step), step, "decide", fields)
    assert RunSignal.objects.get().body == {
        "decision": "use",
        "items": [{"json": {"id": 7}}],
        "comment": "seen in the bank",
    }


@pytest.mark.parametrize("items", ["{", "NaN", "[1,"])
def test_items_that_are_no_json_are_asked_for_again(items: str) -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=DECISION)
    answer = answer_dialog(staff(step), step, "decide", f"decision=use&items={items}")
    assert answer.status_code == 200
    assert not RunSignal.objects.exists()


def test_items_that_are_no_items_are_refused_with_a_sentence() -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=DECISION)
    answer = answer_dialog(staff(step), step, "decide", "decision=use&items=[1]")
    assert not RunSignal.objects.exists()
    assert "An item must be an object." in " ".join(told(answer))


def test_a_step_is_approved_with_a_comment() -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=APPROVAL)
    answer_dialog(staff(step), step, "judge", "decision=approve&comment=fine")
    body = RunSignal.objects.get().body
    assert (body["decision"], body["comment"]) == ("approve", "fine")


@pytest.mark.parametrize(("asks", "action"), [(DECISION, "decide"), (APPROVAL, "judge")])
def test_no_answer_is_chosen_before_somebody_chooses(asks: dict[str, Any], action: str) -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait=asks)
    client = staff(step)
    page = client.get(reverse(f"admin:runs_steprun_{action}", args=[step.pk])).content.decode()
    assert re.search(r"<select name=.decision.[^>]*>\s*<option value=..[^>]*>–</option>", page)
    answer = answer_dialog(client, step, action, "decision=")
    assert "This field is required." in answer.content.decode()
    assert not step.run.inbox.exists()


def test_who_is_to_approve_reads_what_is_asked() -> None:
    asks = {"question": "Refund <7>?", "details": "30 EUR"}
    step = make_step(make_run(status=RunStatus.WAITING), wait=APPROVAL | {"asks": asks})
    dialog = staff(step).get(reverse("admin:runs_steprun_judge", args=[step.pk])).content.decode()
    assert "Refund &lt;7&gt;?" in dialog
    assert "30 EUR" in dialog


@pytest.mark.parametrize(("reason", "offered"), [("decision", "decide"), ("approval", "judge")])
def test_a_step_offers_what_it_asks_for_alone(reason: str, offered: str) -> None:
    step = make_step(make_run(status=RunStatus.WAITING), wait={"for": reason, "until": None})
    page = staff(step).get(reverse("admin:runs_steprun_change", args=[step.pk])).content.decode()
    for name in ("decide", "judge"):
        is_offered = reverse(f"admin:runs_steprun_{name}", args=[step.pk]) in page
        assert is_offered == (name == offered)


def test_only_a_step_that_waits_for_it_offers_a_decision() -> None:
    run = make_run(status=RunStatus.WAITING)
    client = staff(run)
    for step, is_offered in (
        (make_step(run, wait=DECISION), True),
        (make_step(run, "start", wait={"for": "delay", "until": None}), False),
    ):
        page = client.get(reverse("admin:runs_steprun_change", args=[step.pk])).content.decode()
        assert (reverse("admin:runs_steprun_decide", args=[step.pk]) in page) == is_offered


DEEDS = [
    ("cancel", "", "run.cancel", lambda: make_run()),
    ("retry", "start=start", "run.retry", lambda: make_run(status=RunStatus.FAILED)),
    (
        "decide",
        "decision=fail",
        "run.decide",
        lambda: make_step(make_run(status=RunStatus.WAITING), wait=DECISION),
    ),
    (
        "judge",
        "decision=reject",
        "run.decide",
        lambda: make_step(make_run(status=RunStatus.WAITING), wait=APPROVAL),
    ),
]


@pytest.mark.parametrize(("action", "fields", "right", "make"), DEEDS)
def test_each_deed_is_for_those_whose_role_reaches_it(
    action: str, fields: str, right: str, make: Any
) -> None:
    row, foreign = make(), make()
    for role in Role:
        client = staff(row, role)
        assert answer_dialog(client, foreign, action, fields).status_code == 403
        answer = answer_dialog(client, row, action, fields)
        assert answer.status_code == (302 if role.reaches(RIGHTS[right]) else 403), role
    run = foreign if isinstance(foreign, Run) else foreign.run
    assert not RunSignal.objects.filter(run=run).exists()
    assert not Run.objects.filter(retry_of=run).exists()


@pytest.mark.parametrize(
    ("action", "make"),
    [
        ("cancel_runs", make_run),
        ("retry_from_start", lambda: make_run(status=RunStatus.FAILED)),
        ("run_again", lambda: make_step(make_run(status=RunStatus.WAITING), wait=DECISION)),
    ],
)
def test_a_deed_for_many_does_nothing_to_what_is_not_theirs(action: str, make: Any) -> None:
    own, foreign = make(), make()
    do(staff(own, "viewer"), action, own)
    do(staff(own, "admin"), action, foreign)
    assert not RunSignal.objects.exists()
    assert not Run.objects.exclude(retry_of=None).exists()
