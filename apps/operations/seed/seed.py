"""Fills a database with runs of the last months, to see how pages and workers do beside them.

Each workflow is really run, until it has ended in each of its ways; these runs are repeated. None
is pending and none is due: workers may be there, and have nothing to do with them. Failed ones are
in the groups of their kind, which count those alone that were really run.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from secrets import randbelow, token_hex

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from apps.operations.bulk.counts import keep_counts
from apps.operations.groups.gather import gather_failures
from apps.operations.seed.jobs import fill_jobs
from apps.operations.seed.repeated import Moments, Numbers, Sample
from apps.operations.seed.workflow import WAYS, order, workflow_graph
from apps.runs import sql
from apps.runs.cancel import cancel_run
from apps.runs.control import living
from apps.runs.create import RunRequest, create_run
from apps.runs.execute import execute_next
from apps.runs.models import DEFAULT_QUEUE, Run, Worker
from apps.runs.states import Trigger
from apps.triggers.models import Schedule, ScheduleFire, WebhookEndpoint, WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.versions.save import save_version
from apps.workflows.activate import activate_workflow
from apps.workflows.edit import create_workflow
from apps.workspaces.audit import record
from apps.workspaces.edit import create_workspace
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import User, Workspace

SPAN = timedelta(days=90)
AT_ONCE = 20_000
"""Runs in one transaction, with their steps."""
WORKFLOWS = {
    "": ["Take orders", "Sync stock", "Refund", "Greet customers"],
    " support": ["Sort tickets", "Remind", "Escalate"],
    " finance": ["Book invoices", "Close the day"],
}
"""By what the names of their workspaces add to the one that is given."""
TRIGGERS = (Trigger.WEBHOOK, Trigger.SCHEDULE, Trigger.MANUAL, Trigger.API)
MOST_WORKERS, SCHEDULES = 100, 20
TABLES = (
    "runs",
    "step_runs",
    "audit_entries",
    "schedule_fires",
    "webhook_requests",
    "memberships",
    "workflows",
    "workflow_versions",
    "bulk_jobs",
    "bulk_job_runs",
)


def seed(name: str, owner: User, runs: int) -> int:
    """Make workspaces of that name, and more beside it, with so many runs in all; gives how many
    steps these have. Raises ConflictError where a workspace bears the name: it is left alone.
    """
    if Workspace.objects.filter(name=name).exists():
        raise ConflictError("name_taken", f"There is a workspace “{name}” already.")
    with living():
        samples = [
            sample
            for ending, workflows in WORKFLOWS.items()
            for sample in _workspace(create_workspace(name + ending, owner), workflows, owner)
        ]
    _workers(min(runs // 1_000, MOST_WORKERS))
    steps = sum(_repeat(samples, runs))
    with transaction.atomic():
        _trust_the_rows()
        fill_jobs(Workspace.objects.get(name=name), owner, runs)
    keep_counts(timezone.now())
    settle()
    return steps


def _workspace(
    workspace: Workspace, names: Sequence[str], owner: User
) -> Iterator[tuple[Sample, int]]:
    """Runs of its workflows, two versions of each, in all ways; and how often each is repeated."""
    for place, name in enumerate(names):
        workflow = create_workflow(workspace, name, by=owner)
        start = TRIGGERS[place % len(TRIGGERS)]
        told_of = BESIDE.get(start)
        for length in (2 + place % 3, 3 + place % 3):
            version, _ = save_version(workflow, workflow_graph(length), by=owner)
            activate_workflow(publish_version(version, by=owner), by=owner)
            beside = told_of(version) if told_of else None
            for way, weight in WAYS.items():
                run = _executed(version, way, start)
                rows = [run, *run.steps.order_by("seq_started")]
                yield Sample(run.created_at, rows + ([beside(run)] if beside else [])), weight
    _late_schedules(version)


def _executed(version: WorkflowVersion, way: str, trigger: Trigger) -> Run:
    """A run that has gone this way. In a queue of its own: nobody else's runs are executed here."""
    queue = f"seed-{token_hex(8)}"
    items = [{"json": order(way, randbelow(100_000))}]
    with transaction.atomic():
        run = create_run(version, RunRequest(trigger, "start", items))
        Run.objects.filter(pk=run.pk).update(queue=queue)
    while execute_next(queue):
        pass
    if way == "cancelled":
        cancel_run(Run.objects.get(pk=run.pk), by=None)
        while execute_next(queue):
            pass
    Run.objects.filter(pk=run.pk).update(queue=DEFAULT_QUEUE)
    gather_failures()
    return Run.objects.get(pk=run.pk)


Beside = Callable[[Run], Model]


def _hook(version: WorkflowVersion) -> Beside:
    endpoint = WebhookEndpoint.objects.create(
        workspace=version.workspace,
        workflow=version.workflow,
        node_id=f"hook{version.version}",
        path=f"seed-{token_hex(8)}",
        method="POST",
    )
    return lambda run: WebhookRequest.objects.create(
        workspace=version.workspace,
        endpoint=endpoint,
        run=run,
        method="POST",
        path=endpoint.path,
        headers={"content-type": "application/json"},
        body=b'{"n": 1}',
        size=8,
        address="203.0.113.7",
        received_at=run.created_at,
    )


def _schedule(version: WorkflowVersion) -> Beside:
    schedule = _quiet_schedule(version, f"tick{version.version}")
    schedule.save(force_insert=True)
    return lambda run: ScheduleFire.objects.create(
        workspace=version.workspace,
        schedule=schedule,
        slot=run.created_at,
        fired_at=run.created_at,
        run=run,
    )


def _started(version: WorkflowVersion) -> Beside:
    return lambda run: record("run.start", run, by=None, version=version.version)


BESIDE = {Trigger.WEBHOOK: _hook, Trigger.SCHEDULE: _schedule, Trigger.MANUAL: _started}
"""What is kept beside a run of such a trigger."""


def _late_schedules(version: WorkflowVersion) -> None:
    now = timezone.now()
    late = [_quiet_schedule(version, f"late{n}") for n in range(SCHEDULES)]
    for n, schedule in enumerate(late):
        schedule.late_since = now - timedelta(minutes=n)
    Schedule.objects.bulk_create(late)


def _quiet_schedule(version: WorkflowVersion, node: str) -> Schedule:
    """One that never fires: it is not live."""
    return Schedule(
        workspace=version.workspace,
        workflow=version.workflow,
        node_id=node,
        rule={"cron": "*/5 * * * *"},
        next_run_at=timezone.now(),
    )


def _workers(count: int) -> None:
    """Workers that are silent, and hold nothing."""
    seen = timezone.now() - timedelta(hours=1)
    Worker.objects.bulk_create(
        Worker(host=f"seed-{n}", pid=n, boot="seed", process_started="seed", seen_at=seen)
        for n in range(count)
    )


def _repeat(samples: Sequence[tuple[Sample, int]], runs: int) -> Iterator[int]:
    """Repeat the samples over the span, some at a time; gives how many steps there are by each."""
    each = [sample for sample, _ in samples]
    # Each of them is there, however few are wanted; then as often as it weighs.
    more = [sample for sample, weight in samples for _ in range(weight - 1)]
    random.shuffle(each)
    random.shuffle(more)
    order_of = [*each, *more][:runs]
    places: dict[Sample, list[int]] = {}
    for place, sample in enumerate(order_of):
        places.setdefault(sample, []).append(place)
    moments = Moments(timezone.now() - SPAN, SPAN / max(runs, 1))
    length = len(order_of)
    whole, rest = divmod(runs, max(length, 1))
    at_once = max(1, AT_ONCE // max(length, 1))
    parts = [range(begin, min(begin + at_once, whole)) for begin in range(0, whole, at_once)]
    for cycles in [*parts, range(whole, whole + 1)]:
        with transaction.atomic():
            _trust_the_rows()
            for sample, at in places.items():
                told = at if cycles.stop <= whole else [place for place in at if place < rest]
                if told:
                    sample.repeat(Numbers(cycles, length, told), moments)
                    yield sample.steps * len(told) * len(cycles)


def _trust_the_rows() -> None:
    """Until the transaction ends. They are sound: to look up what each refers to takes as long as
    all else. PostgreSQL lets only its superusers do so."""
    sql.allow_long_statements()
    if sql.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('is_superuser') = 'on'")
            if cursor.fetchone()[0]:
                cursor.execute("SET LOCAL session_replication_role = replica")


def settle() -> None:
    """What happens by itself where rows come in over months."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(f"VACUUM {', '.join(TABLES)}")
            cursor.execute("RESET statement_timeout")
    analyze()


def analyze(tables: Iterable[str] = TABLES) -> None:
    """Let the database know what is in these tables; on SQLite in all."""
    named = f" {', '.join(tables)}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE{named}")
