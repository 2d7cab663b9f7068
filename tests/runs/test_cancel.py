"""To cancel a run: asked for, acknowledged, forced; whatever the run is in the middle of."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.engine.branches import Poked
from apps.engine.errors import FaultsError, RevokedError
from apps.expressions.limits import Limits
from apps.nodes.context import bound, services
from apps.runs.cancel import acknowledge_cancel, cancel_run, mark_failed
from apps.runs.control import heartbeat
from apps.runs.execute import MAX_CRASHES, execute_next
from apps.runs.models import DEFAULT_QUEUE, Run
from apps.runs.states import RunStatus
from apps.runs.sweep import force_cancels, take_over_orphans
from apps.runs.walk import new_branches, walk
from apps.runs.worker import WorkerProcess
from apps.versions.models import WorkflowVersion
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from tests.factories import (
    make_credential,
    make_run,
    make_step,
    make_user,
    make_version,
    make_workflow,
)
from tests.graphs import Document, graph, node
from tests.nodes.databases import SLEEPING, Database
from tests.nodes.servers import Reply, Seen, serving
from tests.runs.test_requests import reaching
from tests.runs.work import created, execute, steps_of

pytestmark = pytest.mark.django_db(transaction=True)
LONG_S = 30


def until(holds: Callable[[], Any]) -> None:
    give_up_at = time.monotonic() + LONG_S
    while not holds():
        assert time.monotonic() < give_up_at, "it never came to that"
        time.sleep(0.02)


def one_node(type: str, credential: Any = None, **params: Any) -> WorkflowVersion:
    if credential is not None:
        params["credential"] = str(credential.pk)
    workflow = make_workflow(credential.workspace) if credential else make_workflow()
    nodes = [node("start", "manual"), node("busy", type, params=params)]
    return make_version(workflow, graph(nodes, ["start -> busy"]))


@contextmanager
def executing() -> Iterator[threading.Thread]:
    """Another thread of this worker executes what there is to claim."""

    def work() -> None:
        try:
            while execute_next(DEFAULT_QUEUE):
                pass
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield thread
    thread.join(LONG_S)
    assert not thread.is_alive()


def cancelled_while(
    worker: WorkerProcess, version: WorkflowVersion, is_busy: Callable[[Run], Any]
) -> Run:
    """A run of the version that is cancelled once it is busy; as it has ended."""
    run = created(version)
    with executing() as thread:
        until(lambda: is_busy(run))
        cancel_run(run, by=None)
        heartbeat(worker, {})
        until(lambda: not thread.is_alive())
    run.refresh_from_db()
    return run


def was_told(run: Run) -> bool:
    """Whether all is said of a cancel, in the right order."""
    assert run.cancel_requested_at is not None
    assert run.cancel_acknowledged_at is not None
    assert run.finished_at is not None
    return run.cancel_requested_at <= run.cancel_acknowledged_at <= run.finished_at


def test_an_end_is_no_earlier_than_the_acknowledgement_that_came_while_it_was_written() -> None:
    run = created()
    cancel_run(run, by=None)
    later = timezone.now() + timedelta(seconds=5)
    Run.objects.filter(pk=run.pk).update(cancel_acknowledged_at=later)
    assert was_told(execute(run))


def test_a_request_that_nobody_answers_is_given_up(worker: WorkerProcess) -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def never(seen: Seen) -> Reply:
        is_asked.set()
        is_over.wait(2 * LONG_S)
        return Reply(200, {}, b"")

    with serving(never) as server, reaching(server):
        version = one_node("http_call", url=f"{server.url}/", timeout_s=2 * LONG_S)
        run = cancelled_while(worker, version, lambda run: is_asked.is_set())
        is_over.set()
    assert (run.status, steps_of(run)["busy"].error_code) == (RunStatus.CANCELLED, "cancelled")
    assert was_told(run)


def test_javascript_without_an_end_is_stopped(worker: WorkerProcess) -> None:
    version = one_node("transform", code="while (true) {}")
    run = created(version)
    with bound(replace(services(), code_limits=Limits(wall_s=2 * LONG_S))), executing() as thread:
        until(lambda: [held for held in worker.held() if held.branches.interrupt.has_any])
        cancel_run(run, by=None)
        heartbeat(worker, {})
        until(lambda: not thread.is_alive())
    run.refresh_from_db()
    assert (run.status, steps_of(run)["busy"].error_code) == (RunStatus.CANCELLED, "cancelled")


def test_a_query_is_given_up(worker: WorkerProcess, postgres_url: str) -> None:
    database = Database(postgres_url)
    credential = make_credential(type="postgres", values=database.values)
    version = one_node("postgres", credential, operation="execute", sql="SELECT pg_sleep(600)")
    with bound(replace(services(), egress=database.policy)):
        run = cancelled_while(worker, version, lambda run: database.execute(SLEEPING) == [(1,)])
    assert (run.status, steps_of(run)["busy"].error_code) == (RunStatus.CANCELLED, "cancelled")
    until(lambda: database.execute(SLEEPING) == [(0,)])


def test_a_long_loop_is_left(worker: WorkerProcess) -> None:
    nodes = [
        node("start", "manual"),
        node("each", "loop"),
        node("body", "transform", params={"code": "return items"}),
    ]
    edges = ["start -> each", "each.loop -> body", "body -> each"]
    version = make_version(make_workflow(), graph(nodes, edges))
    run = created(version, items=[{"json": {"n": n}} for n in range(20_000)])
    with executing() as thread:
        until(lambda: run.steps.filter(node_id="body", iteration__gt=5).exists())
        cancel_run(run, by=None)
        heartbeat(worker, {})
        until(lambda: not thread.is_alive())
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert run.steps.count() < 20_000


def test_a_cancel_before_the_first_step_is_seen_though_no_signal_was_there_at_the_claim(
    worker: WorkerProcess,
) -> None:
    run = created(one_node("transform", code="return items"))
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        cancel_run(run, by=None)
        held.branches.post(Poked())
        walk(held.claim, held.branches, lambda: None)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert not run.steps.exists()


@contextmanager
def stuck(worker: WorkerProcess) -> Iterator[tuple[Run, Any]]:
    """A run that is cancelled while its owner is in code that cannot be interrupted."""
    version = one_node("http_call", url="http://nowhere.test/")
    run = created(version)
    with worker.claiming(DEFAULT_QUEUE, new_branches) as [held]:
        cancel_run(run, by=make_user(run.workspace))
        yield run, held


def let_time_pass(run: Run, seconds: float) -> None:
    Run.objects.filter(pk=run.pk).update(
        cancel_acknowledged_at=timezone.now() - timedelta(seconds=seconds)
    )


def test_the_owner_acknowledges_once_it_lets_nothing_more_begin(worker: WorkerProcess) -> None:
    with stuck(worker) as (run, _):
        heartbeat(worker, {})
        run.refresh_from_db()
        acknowledged_at = run.cancel_acknowledged_at
        assert (run.status, run.cancel_forced_at) == (RunStatus.RUNNING, None)
        assert acknowledged_at is not None
        heartbeat(worker, {})
        run.refresh_from_db()
        assert run.cancel_acknowledged_at == acknowledged_at


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_an_owner_whose_clock_is_wrong_has_as_long_to_let_go(
    worker: WorkerProcess, jump: timedelta
) -> None:
    run = make_run(status=RunStatus.RUNNING, worker_id=worker.id, fence=1)
    before = timezone.now()
    with time_machine.travel(before + jump):
        acknowledge_cancel(run.pk, 1)
    run.refresh_from_db()
    assert abs(run.cancel_acknowledged_at - before) < timedelta(minutes=5)


def test_what_is_not_acknowledged_is_not_forced(worker: WorkerProcess, settings: Any) -> None:
    with stuck(worker) as (run, _):
        Run.objects.filter(pk=run.pk).update(
            cancel_requested_at=timezone.now() - timedelta(hours=1)
        )
        assert force_cancels() == 0


def test_an_owner_that_does_not_let_go_loses_the_run_after_a_while(
    worker: WorkerProcess, settings: Any
) -> None:
    with stuck(worker) as (run, held):
        heartbeat(worker, {})
        let_time_pass(run, settings.CANCEL_FORCED_AFTER_S - 5)
        assert force_cancels() == 0
        let_time_pass(run, settings.CANCEL_FORCED_AFTER_S + 5)
        assert force_cancels() == 1
        run.refresh_from_db()
        assert (run.status, run.fence, run.crashes) == (RunStatus.PENDING, 2, 0)
        assert run.cancel_forced_at is not None
        assert execute_next(DEFAULT_QUEUE)
        run.refresh_from_db()
        assert run.status == RunStatus.CANCELLED
        with pytest.raises(RevokedError):
            worker.check(held)


@pytest.mark.parametrize("lost_by", ["force", "death"])
def test_the_next_owner_has_as_long_to_end_a_cancelled_run(
    worker: WorkerProcess, settings: Any, lost_by: str
) -> None:
    with stuck(worker) as (run, _):
        heartbeat(worker, {})
        let_time_pass(run, settings.CANCEL_FORCED_AFTER_S + 5)
        assert force_cancels() == 1 if lost_by == "force" else take_over_orphaned(run)
        with worker.claiming(DEFAULT_QUEUE, new_branches):
            assert force_cancels() == 0
            heartbeat(worker, {})
            run.refresh_from_db()
            assert run.cancel_acknowledged_at is not None
            assert force_cancels() == 0


def take_over_orphaned(run: Run) -> bool:
    """As if its worker had died."""
    Run.objects.filter(pk=run.pk).update(worker=None)
    return take_over_orphans() == 1


def test_what_was_in_flight_at_a_forced_cancel_is_cancelled_and_no_failure(
    worker: WorkerProcess,
) -> None:
    call = node("busy", "http_call", params={"url": "http://nowhere.test/"}, on_crash="fail")
    document = graph([node("start", "manual"), call], ["start -> busy"])
    run = created(make_version(make_workflow(), document))
    make_step(run, "busy")
    Run.objects.filter(pk=run.pk).update(seq=1)
    cancel_run(run, by=None)
    ended = execute(run)
    assert (ended.status, ended.error_code) == (RunStatus.CANCELLED, "")
    assert steps_of(ended)["busy"].error_code == "cancelled"


def test_a_cancel_says_who_asked_for_it_and_when_it_was_seen() -> None:
    run = created()
    user = make_user(run.workspace)
    cancel_run(run, by=user)
    ended = execute(run)
    assert (ended.status, ended.cancel_requested_by) == (RunStatus.CANCELLED, user)
    assert was_told(ended)
    assert ended.cancel_forced_at is None


def test_a_run_is_marked_as_failed_with_a_note() -> None:
    run = created(sleepy_alone())
    assert execute(run).status == RunStatus.WAITING
    user = make_user(run.workspace)
    mark_failed(run, " The supplier is gone. ", by=user)
    ended = execute(run)
    assert (ended.status, ended.error_code) == (RunStatus.FAILED, "marked_failed")
    assert ended.error_message == "The supplier is gone."
    assert steps_of(ended)["wait"].error_code == "cancelled"
    entry = AuditEntry.objects.get(action="run.mark_failed")
    assert (entry.user, entry.detail) == (user, {"note": "The supplier is gone."})


def test_what_has_ended_or_is_being_cancelled_is_not_marked_as_failed() -> None:
    run = created()
    user = make_user(run.workspace)
    with pytest.raises(FaultsError, match="characters why"):
        mark_failed(run, "  ", by=user)
    cancel_run(run, by=user)
    with pytest.raises(ConflictError, match="cancelled already"):
        mark_failed(run, "late", by=user)
    with pytest.raises(ConflictError, match="has ended"):
        mark_failed(execute(run), "late", by=user)


def sleepy_alone() -> WorkflowVersion:
    nodes = [node("start", "manual"), node("wait", "delay", params={"seconds": 3600})]
    return make_version(make_workflow(), graph(nodes, ["start -> wait"]))


def nested(document: Document, workspace: Any) -> WorkflowVersion:
    return make_version(make_workflow(workspace), document, is_published=True)


def calling(workflow: Any, *more: Document, **params: Any) -> Document:
    called = {"workflow": str(workflow.pk), **params}
    nodes = [node("start", "called"), node("call", "run_workflow", params=called), *more]
    return graph(nodes, ["start -> call", *(f"start -> {each['id']}" for each in more)])


def sleepy(workspace: Any) -> WorkflowVersion:
    nodes = [node("start", "called"), node("wait", "delay", params={"seconds": 3600})]
    return nested(graph(nodes, ["start -> wait"]), workspace)


def test_a_cancel_reaches_grandchildren_that_wait() -> None:
    workflow = make_workflow()
    deepest = sleepy(workflow.workspace)
    middle = nested(calling(deepest.workflow), workflow.workspace)
    run = execute(created(make_version(workflow, calling(middle.workflow))))
    user = make_user(run.workspace)
    cancel_run(run, by=user)
    execute(run)
    ends = Run.objects.values_list("status", "cancel_requested_by")
    assert list(ends) == [(RunStatus.CANCELLED, user.pk)] * 3


BROKEN = node("broken", "stop_and_error", params={"message": "no"})


@pytest.mark.parametrize(("waits", "becomes"), [(True, "cancelled"), (False, "waiting")])
def test_a_run_that_fails_cancels_those_that_it_waited_for(waits: bool, becomes: str) -> None:
    workflow = make_workflow()
    child = sleepy(workflow.workspace)
    document = calling(child.workflow, wait=waits)
    document["nodes"] += [
        node("pause", "delay", params={"seconds": 3600}),
        BROKEN,
    ]
    document["edges"] += graph([], ["start -> pause", "pause -> broken"])["edges"]
    run = execute(created(make_version(workflow, document)))
    assert run.status == RunStatus.WAITING
    let_delays_pass(run)
    run = execute(run)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "stopped")
    assert execute(Run.objects.get(parent_step__run=run)).status == becomes


def test_a_run_that_is_given_up_cancels_those_that_it_waited_for() -> None:
    workflow = make_workflow()
    child = sleepy(workflow.workspace)
    run = execute(created(make_version(workflow, calling(child.workflow))))
    assert run.status == RunStatus.WAITING
    Run.objects.filter(pk=run.pk).update(status=RunStatus.PENDING, crashes=MAX_CRASHES)
    run = execute(run)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert execute(Run.objects.get(parent_step__run=run)).status == RunStatus.CANCELLED


def let_delays_pass(run: Run) -> None:
    """Of this run alone: as if the time that its delay waits for had come."""
    now = timezone.now() - timedelta(seconds=1)
    step = run.steps.get(node_id="pause")
    step.attempts[-1]["wait"]["until"] = now.isoformat()
    step.save(update_fields=["attempts"])
    Run.objects.filter(pk=run.pk).update(status=RunStatus.PENDING)
