"""Runs that whoever executes them dies of: given up at last, never tried for ever."""

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection

from apps.runs import alone
from apps.runs.claim import SUSPECT_CRASHES
from apps.runs.execute import MAX_CRASHES, execute_next, execute_queue
from apps.runs.management.commands import execute_alone
from apps.runs.models import DEFAULT_QUEUE, Run, StepRun
from apps.runs.payloads import store_payload
from apps.runs.states import RunStatus, StepStatus
from apps.versions.models import WorkflowVersion
from tests.factories import make_run, make_step, make_version, make_workflow
from tests.graphs import chain, graph, node
from tests.runs.work import claimed, created, execute
from tests.services import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]


def test_a_run_that_cannot_be_executed_fails_after_a_bounded_number_of_tries(
    settings, tmp_path, own_processes
):
    settings.MEDIA_ROOT = tmp_path
    run = make_run()
    payload = store_payload(run.workspace_id, b"this is no JSON")
    Run.objects.filter(pk=run.pk).update(input_json=None, input_payload=payload)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "internal_error")
    assert "3 times" in run.error_message


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


def test_a_suspect_run_is_executed_in_a_process_of_its_own(own_processes, monkeypatch):
    run = make_run(crashes=MAX_CRASHES - 1)
    # Here it could not be: whoever tries fails.
    monkeypatch.setattr("apps.runs.execute.walk", None)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.COMPLETED, 0)


def test_a_process_that_dies_of_its_run_ends_it(own_processes, monkeypatch):
    start = alone._start

    def start_and_kill(task):
        process = start(task)
        process.send_signal(signal.SIGKILL)
        return process

    monkeypatch.setattr(alone, "_start", start_and_kill)
    run = make_run(crashes=SUSPECT_CRASHES)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")


def test_deaths_that_a_step_forgave_meanwhile_count_no_more(own_processes, monkeypatch):
    outcome = alone._outcome

    def forgiven_and_dead(held, process):
        Run.objects.filter(pk=held.claim.run).update(crashes=0)
        process.kill()
        return outcome(held, process)

    monkeypatch.setattr(alone, "_outcome", forgiven_and_dead)
    run = make_run(crashes=SUSPECT_CRASHES)
    assert execute_next(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.PENDING, 1)


def test_a_process_that_lets_go_of_a_run_that_is_still_ours_counts_as_a_death(
    own_processes, monkeypatch
):
    monkeypatch.setattr(alone, "_outcome", lambda held, process: alone.Ended.LET_GO)
    monkeypatch.setattr(alone, "_start", lambda task: None)
    run = make_run(crashes=SUSPECT_CRASHES)
    assert execute_next(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.PENDING, SUSPECT_CRASHES + 1)


def test_a_suspect_run_is_handed_back_by_a_worker_that_stops_and_repeats_no_step(
    own_processes, worker
):
    slow = {"code": "const until = Date.now() + 1500; while (Date.now() < until); return items"}
    nodes = [node("manual", "manual"), node("slow", "transform", params=slow), node("end")]
    run = created(make_version(graph=graph(nodes, ["manual -> slow", "slow -> end"])))
    Run.objects.filter(pk=run.pk).update(crashes=SUSPECT_CRASHES)

    def execute_it() -> int:
        try:
            return execute_next(DEFAULT_QUEUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        executed = threads.submit(execute_it)
        wait_for(lambda: run.steps.filter(node_id="slow").exists(), 60)
        worker.leave_runs()
        assert executed.result()
    run.refresh_from_db()
    assert (run.status, run.worker) == (RunStatus.PENDING, None)
    assert {step.node_id: step.status for step in run.steps.all()} == {
        "manual": StepStatus.COMPLETED,
        "slow": StepStatus.COMPLETED,
    }
    # A step has ended there, which forgave the deaths.
    assert run.crashes == 0


def test_a_process_that_sees_no_beat_of_its_worker_ends_without_a_word_on_its_run(
    worker, settings, monkeypatch
):
    settings.SILENT_AFTER_S = 1
    monkeypatch.setattr(execute_alone.Lookout, "start", lambda self: None)
    task = alone.Task(claimed(make_run(), worker.id), os.getppid())
    assert execute_alone.execute(task) == alone.Ended.DATABASE_AWAY


def test_a_run_that_was_deleted_meanwhile_is_told_of_to_nobody(worker):
    run = make_run()
    claim = claimed(run, worker.id)
    run.delete()
    alone._tell(claim)


def test_a_process_finds_what_lies_beside_where_its_worker_was_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = []
    popen = subprocess.Popen

    def started(command, **options):
        commands.append(command)
        return popen([sys.executable, "-c", "import os; print(os.getcwd())"], **options)

    monkeypatch.setattr(subprocess, "Popen", started)
    process = alone._start(alone.Task(None, 1))
    assert process.communicate()[0].decode().strip() == str(tmp_path)
    assert commands == [[sys.executable, settings.BASE_DIR / "manage.py", "execute_alone"]]


def test_a_large_task_waits_for_no_process_to_read_it(monkeypatch, tmp_path):
    may_read = tmp_path / "may read"
    code = f"""
import pathlib, sys, time
for _ in range(6_000):
    if pathlib.Path({str(may_read)!r}).exists():
        sys.exit(len(sys.stdin.buffer.read()) < 1_000_000)
    time.sleep(0.01)
sys.exit("nobody lets it read: it is waited for")
"""
    popen = subprocess.Popen
    command = [sys.executable, "-c", code]
    monkeypatch.setattr(subprocess, "Popen", lambda _, **options: popen(command, **options))
    process = alone._start(alone.Task(b"x" * 1_000_000, 1))
    may_read.touch()
    process.communicate()
    assert process.returncode == 0


def test_a_process_that_falls_silent_is_as_good_as_dead(own_processes, monkeypatch, settings):
    settings.SILENT_AFTER_S = 2
    processes = []
    start = alone._start

    def start_and_pause(task):
        processes.append(start(task))
        select.select([processes[-1].stdout], [], [])
        processes[-1].send_signal(signal.SIGSTOP)
        return processes[-1]

    monkeypatch.setattr(alone, "_start", start_and_pause)
    run = make_run(crashes=SUSPECT_CRASHES)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert [process.returncode for process in processes] == [-signal.SIGKILL]


def test_a_process_that_does_not_start_in_time_says_nothing_of_its_run(own_processes, monkeypatch):
    start = alone._start

    def start_and_pause(task):
        process = start(task)
        process.send_signal(signal.SIGSTOP)
        return process

    monkeypatch.setattr(alone, "_start", start_and_pause)
    monkeypatch.setattr(alone, "START_S", 0.5)
    run = make_run(crashes=SUSPECT_CRASHES)
    execute_next(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.PENDING, SUSPECT_CRASHES + 1)


def test_a_process_that_is_told_to_stop_goes_on_until_its_worker_ends_it(
    own_processes, monkeypatch
):
    start = alone._start

    def start_and_stop(task):
        process = start(task)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        return process

    monkeypatch.setattr(alone, "_start", start_and_stop)
    run = make_run(crashes=SUSPECT_CRASHES)
    execute_queue(DEFAULT_QUEUE)
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED


def test_a_process_is_killed_when_the_claim_of_its_run_is_lost(worker, own_processes, monkeypatch):
    processes = []
    start = alone._start

    def start_and_lose_the_claim(task):
        processes.append(start(task))
        for held in worker.held():
            worker.revoke(held)
        return processes[-1]

    monkeypatch.setattr(alone, "_start", start_and_lose_the_claim)
    run = make_run(crashes=SUSPECT_CRASHES)
    assert execute_next(DEFAULT_QUEUE)
    assert [process.returncode for process in processes] == [-signal.SIGKILL]
    run.refresh_from_db()
    assert (run.status, run.crashes) == (RunStatus.RUNNING, SUSPECT_CRASHES)


def test_a_version_that_cannot_be_read_any_more_loses_no_run_and_says_so():
    document = chain("start", "end") | {"from_a_later_release": True}
    workflow = make_workflow()
    version = WorkflowVersion.objects.create(
        workspace=workflow.workspace, workflow=workflow, version=1, graph_json=document
    )
    run = execute(created(version))
    assert (run.status, run.error_code, run.crashes) == (RunStatus.FAILED, "faults", 0)
