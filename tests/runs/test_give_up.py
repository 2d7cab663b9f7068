"""Runs that whoever executes them dies of: given up at last, never tried for ever."""

import pytest

from apps.runs.execute import MAX_CRASHES, execute_queue
from apps.runs.models import DEFAULT_QUEUE, Run, StepRun
from apps.runs.payloads import store_payload
from apps.runs.states import RunStatus, StepStatus
from tests.factories import make_run, make_step

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_that_cannot_be_executed_fails_after_a_bounded_number_of_tries(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    run = make_run()
    payload = store_payload(run.workspace_id, b"this is no JSON")
    Run.objects.filter(pk=run.pk).update(input_json=None, input_payload=payload)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert run.crashes == MAX_CRASHES


def test_a_run_that_is_given_up_reads_nothing_that_its_workers_may_have_died_of(monkeypatch):
    run = make_run(crashes=MAX_CRASHES, seq=5, marks=[{"name": "run_started", "seq": 1}])
    ended = {"status": "completed", "seq_started": 2, "seq_finished": 3, "seq": 3}
    make_step(run, "manual", **ended)
    deadly = make_step(run, "end", seq_started=4, seq=4)
    read = []
    from_db = StepRun.from_db
    monkeypatch.setattr(StepRun, "from_db", lambda *row: read.append(from_db(*row)) or read[-1])
    execute_queue(DEFAULT_QUEUE)
    assert [step.pk for step in read] == [deadly.pk]
    run.refresh_from_db()
    deadly.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert (deadly.status, deadly.error_code) == (StepStatus.FAILED, "worker_lost")


def test_a_step_that_ends_forgives_the_deaths_before_it():
    run = make_run(crashes=MAX_CRASHES - 1)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.COMPLETED, 0)
