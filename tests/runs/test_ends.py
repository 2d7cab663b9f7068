"""Pending runs that are only to be ended, where no thread is free to claim them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.engine.errors import RevokedError
from apps.runs import ends, walk
from apps.runs.cancel import cancel_run, mark_failed
from apps.runs.claim import SUSPECT_CRASHES, claim_run
from apps.runs.control import lengthy
from apps.runs.ends import end_unclaimed
from apps.runs.holds import hold
from apps.runs.line import set_aside
from apps.runs.models import DEFAULT_QUEUE, Run, RunSignal, StepRun
from apps.runs.signals import send_signal
from apps.runs.states import RunStatus, SignalKind, StepStatus
from apps.runs.sweep import wake_due, wake_late
from apps.runs.worker import WorkerProcess
from tests.factories import make_run, make_step, make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.runs.test_cancel import calling, nested, sleepy, sleepy_alone, was_told
from tests.runs.work import claimed, created, execute, make_worker, steps_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]


def some_time_ago(seconds: float = 5) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def cancelled_a_while_ago(run: Run) -> Run:
    cancel_run(run, by=None)
    return asked_a_while_ago(run)


def asked_a_while_ago(run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=some_time_ago())
    return run


def late(run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(deadline_at=some_time_ago())
    return run


def ended(run: Run) -> Run:
    """The run, after one turn of the thread that ends what nobody has claimed."""
    lengthy["ends"].turn()
    run.refresh_from_db()
    return run


def test_a_cancelled_run_that_nobody_claims_ends() -> None:
    run = ended(cancelled_a_while_ago(created()))
    assert (run.status, run.error_code, run.worker) == (RunStatus.CANCELLED, "", None)
    assert not run.steps.exists()
    assert [mark["name"] for mark in run.marks] == ["run_started", "run_finished"]
    assert not RunSignal.objects.filter(consumed_at=None).exists()
    assert was_told(run)


def test_a_run_that_nobody_claims_before_its_deadline_ends() -> None:
    run = ended(late(created()))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "deadline")
    assert not run.steps.exists()


def test_a_run_that_is_marked_as_failed_ends_as_failed() -> None:
    run = created()
    mark_failed(run, "The supplier is gone.", by=make_user(run.workspace))
    run = ended(asked_a_while_ago(run))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "marked_failed")
    assert run.error_message == "The supplier is gone."


def test_who_is_both_cancelled_and_too_late_is_cancelled() -> None:
    run = ended(late(cancelled_a_while_ago(created())))
    assert run.status == RunStatus.CANCELLED


def test_a_run_that_waited_until_its_deadline_ends() -> None:
    run = execute(created(sleepy_alone()))
    assert run.status == RunStatus.WAITING
    late(run)
    assert wake_due() == 1
    run = ended(run)
    assert (run.status, steps_of(run)["wait"].error_code) == (RunStatus.FAILED, "deadline")


@pytest.mark.parametrize(
    ("ask", "code"), [(cancelled_a_while_ago, "cancelled"), (late, "deadline")]
)
def test_what_was_open_when_its_worker_was_lost_is_closed(ask: Any, code: str) -> None:
    call = node("busy", "http_call", params={"url": "http://nowhere.test/"}, on_crash="fail")
    document = graph([node("start", "manual"), call], ["start -> busy"])
    run = created(make_version(make_workflow(), document))
    step = make_step(run, "busy")
    Run.objects.filter(pk=run.pk).update(
        seq=1, crashes=1, marks=[{"name": "run_started", "seq": 1}]
    )
    body = {"status": "completed"}
    send_signal(run, SignalKind.LATE, body=body, step=step.pk, attempt=1)
    run = ended(ask(run))
    step.refresh_from_db()
    assert (step.status, step.error_code) == (StepStatus.FAILED, code)
    # What came of it all the same is kept.
    assert step.attempts[0]["late"] == body
    assert run.finished_at is not None


def test_a_suspect_run_is_ended_without_reading_what_its_workers_may_have_died_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run(crashes=SUSPECT_CRASHES, seq=5, marks=[{"name": "run_started", "seq": 1}])
    done = {"status": "completed", "seq_started": 2, "seq_finished": 3, "seq": 3}
    make_step(run, "manual", **done)
    deadly = make_step(run, "end", seq_started=4, seq=4)
    send_signal(run, SignalKind.RESUME, body={"deadly": True}, step=deadly.pk, attempt=1)
    read = []
    for model in (StepRun, RunSignal):
        from_db = model.from_db
        monkeypatch.setattr(
            model, "from_db", lambda *row, of=from_db: read.append(of(*row)) or read[-1]
        )
    monkeypatch.setattr(walk, "known_version", None)
    cancelled_a_while_ago(run)
    cancel = RunSignal.objects.get(kind=SignalKind.CANCEL)
    read.clear()
    run = ended(run)
    assert [row.pk for row in read] == [deadly.pk, cancel.pk]
    assert run.status == RunStatus.CANCELLED


def test_the_runs_that_its_steps_made_are_cancelled_too() -> None:
    workflow = make_workflow()
    child = sleepy(workflow.workspace)
    middle = nested(calling(child.workflow), workflow.workspace)
    run = execute(created(make_version(workflow, calling(middle.workflow))))
    assert run.status == RunStatus.WAITING
    cancel_run(run, by=None)
    for _ in range(3):
        Run.objects.exclude(cancel_requested_at=None).update(cancel_requested_at=some_time_ago())
        ended(run)
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert not StepRun.objects.filter(seq_finished=None).exists()


@pytest.mark.parametrize("ask", [cancelled_a_while_ago, late])
def test_a_run_in_a_line_ends_and_takes_no_slot(worker: WorkerProcess, ask: Any) -> None:
    version = make_version()
    first, run = created(version), created(version)
    Run.objects.update(slots=1, limit_key="k")
    claimed(first, make_worker().pk)
    set_aside(DEFAULT_QUEUE)
    assert Run.objects.get(pk=run.pk).line is not None
    ask(run)
    wake_late()
    run = ended(run)
    assert run.finished_at is not None
    assert Run.objects.get(pk=first.pk).slot == 1


@pytest.mark.parametrize("ask", [cancelled_a_while_ago, late])
def test_a_run_that_is_held_ends(ask: Any) -> None:
    run = created()
    hold(run.workflow, by=None)
    assert ended(ask(run)).finished_at is not None


def test_who_nobody_asked_to_end_is_left_alone(worker: WorkerProcess) -> None:
    plain = created()
    in_time = created()
    Run.objects.filter(pk=in_time.pk).update(deadline_at=timezone.now() + timedelta(hours=1))
    waiting = execute(created(sleepy_alone())).pk
    before = list(Run.objects.order_by("pk").values())
    assert end_unclaimed() == 0
    assert list(Run.objects.order_by("pk").values()) == before
    assert {plain.pk, in_time.pk, waiting} == {row["id"] for row in before}


def test_a_moment_is_left_to_the_threads_that_claim() -> None:
    run = created()
    cancel_run(run, by=None)
    assert ended(run).status == RunStatus.PENDING
    assert execute(run).status == RunStatus.CANCELLED


def test_whose_end_somebody_else_is_at_is_left_to_them(worker: WorkerProcess) -> None:
    run = cancelled_a_while_ago(created())
    claimed(run, make_worker().pk)
    assert ended(run).status == RunStatus.RUNNING
    assert run.fence == 1


def test_a_run_that_was_claimed_since_it_was_found_is_left(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cancelled_a_while_ago(created())
    claim_to_end = ends.claim_to_end
    other = make_worker().pk

    def too_slow(*asked: Any) -> Any:
        claim_run(other, DEFAULT_QUEUE)
        return claim_to_end(*asked)

    monkeypatch.setattr(ends, "claim_to_end", too_slow)
    assert end_unclaimed() == 0
    run.refresh_from_db()
    assert (run.status, run.worker_id, run.fence) == (RunStatus.RUNNING, other, 1)


def test_a_worker_that_drains_leaves_them_to_others(worker: WorkerProcess) -> None:
    worker.stop_claiming()
    assert ended(cancelled_a_while_ago(created())).status == RunStatus.PENDING


def test_while_it_is_ended_it_is_held_as_any_other(
    worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cancelled_a_while_ago(created())
    seen = []

    def look(claim: Any, check: Any) -> None:
        seen.extend((held.claim.run, held.has_begun) for held in worker.held())
        assert worker.compare([], {claim.run: (claim.fence, 1)}) == []
        # Its claim is lost now.
        for held in worker.held():
            worker.revoke(held)
        with pytest.raises(RevokedError):
            check()

    monkeypatch.setattr(ends, "end_asked", look)
    assert end_unclaimed() == 1
    assert seen == [(run.pk, True)]
    assert worker.is_idle


def test_one_that_cannot_be_ended_holds_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = created(), created()
    cancelled_a_while_ago(broken)
    cancelled_a_while_ago(other)
    end_asked = ends.end_asked

    def end(claim: Any, check: Any) -> None:
        if claim.run == broken.pk:
            raise ZeroDivisionError
        end_asked(claim, check)

    monkeypatch.setattr(ends, "end_asked", end)
    assert ended(other).status == RunStatus.CANCELLED
    broken.refresh_from_db()
    # Tried once a turn, and counted as if a worker had died.
    assert (broken.status, broken.fence, broken.crashes) == (RunStatus.PENDING, 2, 1)


def test_a_turn_ends_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_version()
    for _ in range(3):
        cancelled_a_while_ago(created(version))
    monkeypatch.setattr(ends, "_FOUND", ends._FOUND.replace(f"LIMIT {ends.AT_ONCE}", "LIMIT 2"))
    assert [end_unclaimed() for _ in range(3)] == [2, 1, 0]


def test_a_turn_with_nothing_to_end_asks_little(django_assert_num_queries: Any) -> None:
    created()
    with django_assert_num_queries(2):
        assert end_unclaimed() == 0
