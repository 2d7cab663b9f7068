"""Ended runs are deleted with all that belongs to them, unless an open run needs them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from apps.engine.errors import FlowForgeError
from apps.operations.models import Note
from apps.runs.delete import delete_run, delete_together, in_small_parts
from apps.runs.models import (
    EarlyAnswer,
    Payload,
    Run,
    RunAnswer,
    RunFile,
    RunSignal,
    RunValue,
    StepRun,
)
from apps.runs.partial import Earlier
from apps.runs.payloads import store_payload
from apps.runs.retry import retry_run
from apps.runs.states import RunStatus, SignalKind
from apps.runs.tidy import delete_unreferenced_payloads
from apps.triggers.models import WebhookReplay, WebhookRequest
from apps.workspaces.models import AuditEntry
from tests.api import rows
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_step, make_user

pytestmark = pytest.mark.django_db


def ended(status: str = RunStatus.COMPLETED, **fields: object) -> Run:
    return make_run(status=status, **fields)


def with_all_that_a_run_has() -> Run:
    run = ended()
    step = make_step(run)
    of_run = {"workspace": run.workspace, "run": run}
    RunSignal.objects.create(kind=SignalKind.CHILD, step=step, **of_run)
    RunSignal.objects.create(kind=SignalKind.CANCEL, **of_run)
    payload = Payload.objects.get(pk=store_payload(run.workspace_id, b"x"))
    RunFile.objects.create(payload=payload, **of_run)
    RunValue.objects.create(name="order", value="7", **of_run)
    RunAnswer.objects.create(status=200, **of_run)
    EarlyAnswer.objects.create(node_id="end", iteration=0, **of_run)
    rows.note(run)
    WebhookReplay.objects.create(request=rows.hook_request(ended(version=run.version)), **of_run)
    return run


def test_a_run_goes_with_all_that_belongs_to_it() -> None:
    run, other = with_all_that_a_run_has(), make_step()
    delete_run(run, by=None)
    assert not Run.objects.filter(pk=run.pk).exists()
    assert list(StepRun.objects.all()) == [other]
    for left in (RunSignal, RunFile, RunValue, RunAnswer, EarlyAnswer, WebhookReplay, Note):
        assert not left.objects.exists(), left


def test_its_payloads_go_once_nothing_else_refers_to_them() -> None:
    run, other = ended(), ended()
    ids = [store_payload(run.workspace_id, content) for content in (b"shared", b"own")]
    make_step(run, output_payload_id=ids[0], input_payload_id=ids[1])
    make_step(other, output_payload_id=ids[0])
    file = Payload.objects.get(pk=ids[1]).file
    Payload.objects.update(touched_at=timezone.now() - timezone.timedelta(days=2))
    delete_run(run, by=None)
    assert delete_unreferenced_payloads(timezone.now()) == 1
    assert Payload.objects.get().pk == ids[0]
    assert not default_storage.exists(file)


def test_what_only_refers_to_it_is_let_go() -> None:
    run = ended()
    step = make_step(run)
    child = ended(parent_step=step, parent_item=0)
    again = ended(retry_of=run)
    copy = make_step(again, copied_from=step)
    request = rows.hook_request(run)
    delete_run(run, by=None)
    for row in (child, again, copy, request):
        row.refresh_from_db()
    assert (child.parent_step, again.retry_of, copy.copied_from) == (None, None, None)
    assert WebhookRequest.objects.get(pk=request.pk).run is None


def child_of_an_open_run() -> Run:
    return ended(parent_step=make_step(make_run()), parent_item=0)


def parent_of_an_open_run() -> Run:
    run = ended()
    make_run(parent_step=make_step(run), parent_item=0)
    return run


def retried_by_an_open_run() -> Run:
    run = ended()
    make_run(retry_of=run)
    return run


@pytest.mark.parametrize(
    ("needed", "code"),
    [
        (make_run, "not_ended"),
        (child_of_an_open_run, "run_needed"),
        (parent_of_an_open_run, "run_needed"),
        (retried_by_an_open_run, "run_needed"),
    ],
)
def test_an_open_run_and_what_it_needs_stay(needed: Callable[[], Run], code: str) -> None:
    run = needed()
    with pytest.raises(FlowForgeError) as refused:
        delete_run(run, by=None)
    assert refused.value.code == code
    assert delete_together([run.pk]) == 0
    assert Run.objects.filter(pk=run.pk).exists()


def test_a_run_that_is_retried_while_the_clean_up_looks_for_it_stays() -> None:
    run = ended()
    is_retried = iter([False])

    def retried_behind_it(execute: Any, *asked: Any) -> Any:
        found = execute(*asked)
        if not next(is_retried, True):
            make_run(run.version, retry_of=run)
        return found

    # As if it had been made between the moment that the statement sees and its lock.
    with connection.execute_wrapper(retried_behind_it):
        assert delete_together([run.pk]) == 0
    assert Run.objects.filter(retry_of=run).exists()


def test_a_failure_is_told_before_the_run_is_tidied_up() -> None:
    run = ended(RunStatus.FAILED, failure_due_at=timezone.now())
    assert delete_together([run.pk]) == 0


def test_nothing_is_taken_over_from_a_run_that_was_deleted_meanwhile() -> None:
    run = ended(RunStatus.FAILED)
    gone = Run.objects.get(pk=run.pk)
    delete_run(run, by=None)
    with pytest.raises(Run.DoesNotExist):
        retry_run(gone, "start", gone.version, by=None)
    with pytest.raises(Run.DoesNotExist):
        Earlier({}, gone, set()).give(make_run())


def test_runs_of_many_steps_are_deleted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.runs.delete.STEPS_AT_ONCE", 3)
    runs = [ended() for _ in range(4)]
    for run, steps in zip(runs, (2, 1, 5, 1), strict=True):
        for number in range(steps):
            make_step(run, f"n{number}")
    first, second, third, fourth = (run.pk for run in runs)
    assert in_small_parts([run.pk for run in runs]) == [[first, second], [third], [fourth]]


@pytest.mark.skipif(settings.IS_SQLITE, reason="no statement of SQLite is given up")
def test_the_steps_of_a_run_may_be_so_many_that_it_takes_long_to_delete_them() -> None:
    run = ended()
    make_step(run)
    limits = []

    def listen(execute: Any, sql: str, *asked: Any) -> Any:
        if sql.startswith("DELETE"):
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                limits.append(cursor.fetchone()[0])
        return execute(sql, *asked)

    with connection.execute_wrapper(listen):
        delete_run(run, by=None)
    assert set(limits) == {"0"}


def test_an_admin_deletes_a_run_over_the_api() -> None:
    run = ended()
    by = make_user(run.workspace, "admin")
    assert ApiClient(by).delete(f"runs/{run.pk}").status_code == 204
    assert ApiClient(by).get(f"runs/{run.pk}").status_code == 404
    entry = AuditEntry.objects.get(action="run.delete")
    assert (entry.user, entry.object_id) == (by, run.pk)


def test_the_api_says_why_a_run_stays() -> None:
    run = make_run()
    client = ApiClient(make_user(run.workspace, "admin"))
    refused = client.delete(f"runs/{run.pk}")
    assert (refused.status_code, faults(refused)) == (409, [("", "not_ended")])
    assert client.delete(f"runs/{uuid4()}").status_code == 404
