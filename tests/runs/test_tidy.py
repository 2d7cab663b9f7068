"""The clean-up: takes what nothing refers to any more, and nothing else."""

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from apps.runs import payloads
from apps.runs.models import Payload, Worker
from apps.runs.payloads import read_payload, store_payload
from apps.runs.states import RunStatus
from apps.runs.tasks import tidy_up
from apps.runs.tidy import (
    chores,
    delete_old_workers,
    delete_unreferenced_payloads,
    give_back_pages,
    tidy,
)
from apps.workspaces import idempotency
from apps.workspaces.idempotency import delete_expired_keys
from apps.workspaces.models import IdempotencyKey, Workspace
from tests.factories import make_run, make_step, make_workspace

CONTENT = b"x" * 1000
LONG_AGO = timedelta(hours=25)


def old_payload(workspace: Workspace, content: bytes = CONTENT) -> Payload:
    id = store_payload(workspace.pk, content)
    Payload.objects.filter(pk=id).update(touched_at=timezone.now() - LONG_AGO)
    return Payload.objects.get(pk=id)


def old_worker(**fields: object) -> Worker:
    return Worker.objects.create(
        host="gone", pid=1, boot="", process_started="", seen_at=timezone.now() - LONG_AGO, **fields
    )


@pytest.mark.django_db
def test_what_nothing_refers_to_is_deleted_row_and_file() -> None:
    payload = old_payload(make_workspace())
    assert delete_unreferenced_payloads(timezone.now()) == 1
    assert not Payload.objects.exists()
    assert not default_storage.exists(payload.file)


@pytest.mark.django_db
@pytest.mark.parametrize("refers", ["input_payload", "pins_payload"])
def test_what_a_run_refers_to_is_kept(refers: str) -> None:
    run = make_run()
    payload = old_payload(run.workspace)
    setattr(run, refers, payload)
    run.save(update_fields=[refers])
    assert delete_unreferenced_payloads(timezone.now()) == 0
    assert read_payload(payload.pk) == CONTENT


@pytest.mark.django_db
@pytest.mark.parametrize("refers", ["input_payload", "output_payload"])
def test_what_a_step_refers_to_is_kept(refers: str) -> None:
    run = make_run()
    make_step(run, **{refers: old_payload(run.workspace)})
    assert delete_unreferenced_payloads(timezone.now()) == 0


@pytest.mark.django_db
def test_what_was_stored_or_touched_within_a_day_is_kept() -> None:
    workspace = make_workspace()
    store_payload(workspace.pk, b"new")
    old = old_payload(workspace)
    assert store_payload(workspace.pk, CONTENT) == old.pk
    assert delete_unreferenced_payloads(timezone.now()) == 0


@pytest.mark.django_db
def test_content_that_was_deleted_is_stored_again() -> None:
    workspace = make_workspace()
    old_payload(workspace)
    delete_unreferenced_payloads(timezone.now())
    assert read_payload(store_payload(workspace.pk, CONTENT)) == CONTENT


@pytest.mark.django_db
def test_more_payloads_than_one_look_takes_are_all_deleted(monkeypatch) -> None:
    monkeypatch.setattr("apps.runs.tidy.AT_ONCE", 2)
    workspace = make_workspace()
    for number in range(5):
        old_payload(workspace, b"%d" % number)
    assert delete_unreferenced_payloads(timezone.now()) == 5


@pytest.mark.django_db(transaction=True)
def test_the_clean_up_waits_for_who_stores_the_same_and_then_keeps_it() -> None:
    workspace = make_workspace()
    payload = old_payload(workspace)
    is_touched, may_commit = threading.Event(), threading.Event()

    def store() -> None:
        with transaction.atomic():
            store_payload(workspace.pk, CONTENT)
            is_touched.set()
            may_commit.wait(timeout=10)
        connection.close()

    storing = threading.Thread(target=store)
    storing.start()
    assert is_touched.wait(timeout=10)
    threading.Timer(0.3, may_commit.set).start()
    assert delete_unreferenced_payloads(timezone.now()) == 0
    storing.join()
    assert read_payload(payload.pk) == CONTENT


@pytest.mark.django_db
def test_of_content_that_two_store_at_once_one_file_is_kept(monkeypatch) -> None:
    workspace = make_workspace()
    sync = payloads._sync

    def meanwhile(file: str) -> None:
        monkeypatch.setattr(payloads, "_sync", sync)
        assert store_payload(workspace.pk, CONTENT)

    monkeypatch.setattr(payloads, "_sync", meanwhile)
    payload = Payload.objects.get(pk=store_payload(workspace.pk, CONTENT))
    folder = payload.file.rpartition("/")[0]
    assert default_storage.listdir(folder)[1] == [payload.file.rpartition("/")[2]]
    assert read_payload(payload.pk) == CONTENT


@pytest.mark.django_db
def test_workers_not_seen_for_a_day_are_forgotten_unless_they_own_a_run() -> None:
    old_worker()
    owner = old_worker()
    make_run(status=RunStatus.RUNNING, worker=owner)
    alive = Worker.objects.create(host="here", pid=2, boot="", process_started="")
    assert delete_old_workers(timezone.now()) == 1
    assert set(Worker.objects.filter(host__in=["gone", "here"])) == {owner, alive}


@pytest.mark.django_db
def test_a_tidy_up_takes_payloads_keys_and_workers() -> None:
    old_payload(make_workspace())
    old_worker()
    IdempotencyKey.objects.create(
        principal=make_workspace().pk, key_hash="0" * 64, expires_at=timezone.now() - LONG_AGO
    )
    done = tidy()
    assert {kind: count for kind, count in done.items() if count} == {
        "payloads": 1,
        "idempotency_keys": 1,
        "workers": 1,
    }


@pytest.mark.django_db
def test_what_cannot_be_tidied_up_keeps_nothing_else_from_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(now: datetime) -> int:
        raise ValueError("a fault of ours")

    monkeypatch.setitem(chores, "runs", fail)
    old_worker()
    done = tidy()
    assert done["workers"] == 1
    assert "runs" not in done
    assert caplog.messages == ["what is to be tidied up is left: runs"]


@pytest.mark.django_db
def test_more_keys_than_go_at_once_are_all_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "AT_ONCE", 2)
    now = timezone.now()
    IdempotencyKey.objects.bulk_create(
        IdempotencyKey(principal=uuid4(), key_hash=f"{n:064}", expires_at=now + timedelta(hours=n))
        for n in range(-4, 2)
    )
    assert delete_expired_keys(now) == 5
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.django_db
def test_sessions_that_have_run_out_are_forgotten() -> None:
    for days in (-1, 1):
        Session.objects.create(
            session_key=f"{days}", expire_date=timezone.now() + timedelta(days=days)
        )
    tidy()
    assert [session.session_key for session in Session.objects.all()] == ["1"]


@pytest.mark.django_db
def test_beat_knows_the_tidy_up() -> None:
    row = PeriodicTask.objects.get(name="Tidy up")
    assert row.task == tidy_up.name
    assert row.enabled
    assert row.interval.every == 1
    assert row.interval.period == "hours"


@pytest.mark.django_db
def test_what_is_free_in_a_file_of_sqlite_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.runs.tidy.PAGES_LEFT", 10)
    monkeypatch.setattr("apps.runs.tidy.PAGES_AT_ONCE", 20)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE large (text text)")
        cursor.executemany("INSERT INTO large VALUES (%s)", [["x" * 4_000]] * 100)
        cursor.execute("DELETE FROM large")
    given = give_back_pages()
    assert given >= 60 if connection.vendor == "sqlite" else given == 0
