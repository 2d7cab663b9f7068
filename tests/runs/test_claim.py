"""To take a run: the best one, once, with a new fence."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.runs.claim import LOOKED_AT, claim_run
from apps.runs.create import NewRun, RunRequest, insert_runs, prepare_run
from apps.runs.line import open_line_for_slot
from apps.runs.models import DEFAULT_QUEUE, Run
from apps.runs.states import RunStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from tests.factories import make_run, make_version, make_workflow
from tests.runs.work import claimed, claimed_at_once, created, make_worker

pytestmark = pytest.mark.django_db


def test_a_claim_takes_the_run_for_its_worker_and_counts_the_fence_up() -> None:
    run, worker = make_run(fence=4, input_json=[{"json": {"a": 1}}]), make_worker()
    claim = claimed(run, worker.pk)
    run.refresh_from_db()
    assert (run.status, run.worker, run.fence) == (RunStatus.RUNNING, worker, 5)
    assert (claim.fence, claim.items) == (5, [{"json": {"a": 1}}])
    assert claim.started_at == run.started_at


def test_a_claim_tells_the_workflows_name_as_it_is_now() -> None:
    version, worker = make_version(), make_worker()
    for name in ("Sync orders", "Sync all orders"):
        Workflow.objects.filter(pk=version.workflow_id).update(name=name)
        assert claimed(make_run(version), worker.pk).workflow_name == name


def test_a_claim_tells_whether_the_workflow_is_active() -> None:
    version, worker = make_version(), make_worker()
    for status in (Workflow.Status.ACTIVE, Workflow.Status.DRAFT):
        is_active = status == Workflow.Status.ACTIVE
        Workflow.objects.filter(pk=version.workflow_id).update(
            status=status, version=1 if is_active else None
        )
        assert claimed(make_run(version), worker.pk).workflow_active is is_active


def test_higher_priority_comes_first_then_age() -> None:
    version, worker = make_version(), make_worker()
    old, young, urgent = (make_run(version, priority=priority) for priority in (0, 0, 7))
    for run in (urgent, old, young):
        claimed(run, worker.pk)
    assert claim_run(worker.pk, DEFAULT_QUEUE) is None


@pytest.mark.parametrize("status", [each for each in RunStatus if each != RunStatus.PENDING])
def test_only_a_pending_run_is_claimed(status: RunStatus) -> None:
    make_run(status=status)
    assert claim_run(make_worker().pk, DEFAULT_QUEUE) is None


def test_queues_have_nothing_to_do_with_each_other() -> None:
    worker, run = make_worker(), make_run(queue="slow")
    assert claim_run(worker.pk, DEFAULT_QUEUE) is None
    claimed(run, worker.pk)


def test_a_claim_tells_whether_it_leaves_work_behind() -> None:
    version, worker = make_version(), make_worker()
    first, second = make_run(version), make_run(version)
    assert claimed(first, worker.pk).has_more
    assert not claimed(second, worker.pk).has_more


@pytest.mark.parametrize(("slots", "has_more"), [(1, False), (2, True)])
def test_a_run_that_must_wait_for_a_slot_is_no_work(slots: int, has_more: bool) -> None:
    version = make_version()
    first, _ = (make_run(version, slots=slots) for _ in range(2))
    assert claimed(first, make_worker().pk).has_more is has_more


def test_of_a_long_line_the_whole_is_not_looked_at() -> None:
    version = make_version()
    first, *_ = (make_run(version, slots=1) for _ in range(LOOKED_AT + 2))
    assert claimed(first, make_worker().pk).has_more


def test_a_slot_of_another_limit_is_no_hindrance() -> None:
    version = make_version()
    first = make_run(version, slots=1, limit_key="a")
    make_run(version, slots=1, limit_key="b")
    assert claimed(first, make_worker().pk).has_more


# --- Turns ----------------------------------------------------------------------------------------


def prepared(version: WorkflowVersion) -> NewRun:
    return prepare_run(version, RunRequest(Trigger.API, "start", [{"json": {}}]))


def order_of_claims(**runs: Run | NewRun) -> str:
    """The names of the runs in the order in which they are claimed."""
    names = {run.id: name for name, run in runs.items()}
    worker = make_worker().pk
    claims = iter(lambda: claim_run(worker, DEFAULT_QUEUE), None)
    return " ".join(names[claim.run] for claim in claims)


def test_workspaces_are_served_in_turn() -> None:
    many, few = make_version(), make_version()
    runs = {f"many{n}": created(many) for n in range(5)}
    runs |= {f"few{n}": created(few) for n in range(2)}
    assert order_of_claims(**runs) == "many0 few0 many1 few1 many2 many3 many4"


def test_who_comes_later_begins_with_who_is_next() -> None:
    many, few = make_version(), make_version()
    runs = {f"many{n}": created(many) for n in range(6)}
    worker = make_worker().pk
    for n in range(3):
        claimed(runs.pop(f"many{n}"), worker)
    runs |= {f"few{n}": created(few) for n in range(3)}
    assert order_of_claims(**runs) == "many3 few0 many4 few1 many5 few2"


def test_runs_that_are_made_together_have_a_turn_each() -> None:
    many, few = make_version(), make_version()
    runs = {f"many{n}": prepared(many) for n in range(3)}
    runs |= {f"few{n}": prepared(few) for n in range(2)}
    insert_runs(list(runs.values()))
    assert order_of_claims(**runs) == "many0 few0 many1 few1 many2"


def test_priority_goes_before_turns() -> None:
    many, few = make_version(), make_version()
    created(few, priority=1)
    runs = {f"many{n}": created(many, priority=1) for n in range(2)} | {"few": created(few)}
    Run.objects.filter(version=few, priority=1).delete()
    assert order_of_claims(**runs) == "many0 many1 few"


def test_a_run_that_has_had_its_turn_waits_for_no_other() -> None:
    version = make_version()
    first, second, third = (created(version) for _ in range(3))
    claimed(first, make_worker().pk)
    claimed(second, make_worker().pk)
    Run.objects.filter(pk=second.pk).update(status="pending", worker=None)
    assert order_of_claims(second=second, third=third) == "second third"


def test_a_run_that_goes_on_keeps_the_moment_that_it_started() -> None:
    started_at = timezone.now().replace(microsecond=0)
    run = make_run(started_at=started_at, wake_at=timezone.now())
    assert claimed(run, make_worker().pk).started_at == started_at
    run.refresh_from_db()
    assert run.wake_at is None


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_a_row_cannot_claim() -> None:
    run = make_run()
    with pytest.raises(IntegrityError), transaction.atomic():
        claim_run(uuid7(), DEFAULT_QUEUE)
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING


def test_a_limited_run_waits_until_a_slot_is_free() -> None:
    version, worker = make_version(), make_worker()
    runs = [make_run(version, slots=2) for _ in range(3)]
    for run in runs[:2]:
        claimed(run, worker.pk)
    assert claim_run(worker.pk, DEFAULT_QUEUE) is None
    Run.objects.filter(pk=runs[0].pk).update(status="waiting", slot=None, worker=None)
    open_line_for_slot(version.workflow_id, "")
    assert claimed(runs[2], worker.pk).is_limited
    assert set(Run.objects.exclude(slot=None).values_list("slot", flat=True)) == {1, 2}


def test_limits_hold_for_a_workflow_and_a_key() -> None:
    version, worker = make_version(), make_worker()
    other = make_version(make_workflow(version.workspace))
    make_run(version, "running", slots=1, slot=1, limit_key="Ada")
    make_run(version, slots=1, limit_key="Ada")
    for run in (
        make_run(version, slots=1, limit_key="Bob"),
        make_run(other, slots=1, limit_key="Ada"),
        make_run(version),
    ):
        claimed(run, worker.pk)
    assert claim_run(worker.pk, DEFAULT_QUEUE) is None


def test_a_run_that_is_only_to_be_ended_needs_no_slot() -> None:
    version, worker = make_version(), make_worker()
    make_run(version, "running", slots=1, slot=1)
    run = make_run(version, slots=1, signals=1, cancel_requested_at=timezone.now())
    assert not claimed(run, worker.pk).is_limited


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slots", [None, 100])
def test_claimants_at_the_same_time_share_the_runs(slots: int | None) -> None:
    version = make_version()
    runs = {make_run(version, slots=slots).pk for _ in range(24)}
    taken = claimed_at_once()
    assert len(taken) == len(set(taken))
    # Who finds all rows locked may leave before the others; nothing is lost by that.
    late = make_worker().pk
    while claim := claim_run(late, DEFAULT_QUEUE):
        taken.append(claim.run)
    assert set(taken) == runs


@pytest.mark.django_db(transaction=True)
def test_claimants_at_the_same_time_never_exceed_a_limit() -> None:
    version = make_version()
    for _ in range(12):
        make_run(version, slots=3)
    assert len(claimed_at_once()) == 3
    held = Run.objects.exclude(slot=None).values_list("slot", flat=True)
    assert sorted(held) == [1, 2, 3]


def test_its_statement_can_be_logged() -> None:
    worker = make_worker().pk
    with CaptureQueriesContext(connection):  # fills the parameters in, as DEBUG does
        assert claim_run(worker, DEFAULT_QUEUE) is None
