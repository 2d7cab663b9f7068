"""Whether the conditions of rules hold: by indexes, and with bounded counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from apps.operations.alerts.kinds import Kind, span
from apps.operations.models.alerts import AlertRule
from apps.runs.admin.show import duration
from apps.runs.models import DEFAULT_QUEUE, Run, Worker
from apps.runs.next_up import next_of, still_waiting
from apps.runs.states import Priority, RunStatus
from apps.workspaces.models import Workspace

MOST_FAILED = 10_000
"""So many failures are counted at most."""
MOST_ENDED = 2_000
"""A rate is that of so many runs at most, the newest."""
NEW = timedelta(seconds=10)
"""Made so lately, a run was not there at the look before."""
NAMED = 5


@dataclass(frozen=True, slots=True)
class Found:
    """That a condition holds; `lines` are asked for where it is told."""

    title: str
    value: float
    key: str = ""
    lines: Callable[[], list[str]] = list


def find(rule: AlertRule, now: datetime) -> list[Found]:
    """What the rule is about now. May change its `memory`, which the caller saves."""
    return _FINDERS[rule.kind](rule, now)


def _failed_runs(rule: AlertRule, now: datetime) -> list[Found]:
    assert rule.threshold is not None
    failed = _failed(rule, now)
    if rule.workflow_id is None:
        count = failed.order_by()[:MOST_FAILED].count()
    else:
        # Counted among all of the workspace, of which there is an index.
        counted = Count("pk", filter=Q(workflow=rule.workflow_id))
        count = failed.order_by("-finished_at")[:MOST_FAILED].aggregate(count=counted)["count"]
    if count < rule.threshold:
        return []
    more = "+" if count == MOST_FAILED else ""
    runs = "1 run" if count == 1 else f"{count:,}{more} runs"
    title = f"{runs} failed within {span(rule.window_s)}"
    return [Found(title, count, lines=lambda: _named(rule, failed))]


def _failure_rate(rule: AlertRule, now: datetime) -> list[Found]:
    assert rule.threshold is not None
    assert rule.least_runs is not None
    since = _since(rule, now)
    runs = Run.objects.filter(is_trial=False)
    if rule.workflow_id is not None:
        newest = runs.filter(workflow=rule.workflow_id).order_by("-id")
    elif rule.workspace_id is not None:
        newest = runs.filter(workspace=rule.workspace_id).order_by("-id")
    else:
        newest = runs.filter(finished_at__gte=since).order_by("-finished_at")
    ended = Q(finished_at__gte=since)
    counts = newest[:MOST_ENDED].aggregate(
        failed=Count("pk", filter=ended & Q(status=RunStatus.FAILED)),
        completed=Count("pk", filter=ended & Q(status=RunStatus.COMPLETED)),
    )
    count = counts["failed"] + counts["completed"]
    if count < rule.least_runs or counts["failed"] * 100 < rule.threshold * count:
        return []
    percent = counts["failed"] * 100 / count
    noun = "run" if count == 1 else "runs"
    title = f"{percent:.0f} % of {count:,} {noun} failed within {span(rule.window_s)}"
    return [Found(title, percent, lines=lambda: _named(rule, _failed(rule, now)))]


def _old_queue(rule: AlertRule, now: datetime) -> list[Found]:
    """Who is next of each priority, and since when the looks have seen it be next.

    When a run became claimable is noted nowhere: it may have been made, or have waited in a line,
    long before. But one that was made since the last look has waited from then on. What somebody
    holds waits for no worker.
    """
    assert rule.threshold is not None
    known: dict[str, dict[str, Any]] = dict(rule.memory)
    fences = still_waiting([UUID(each["run"]) for each in known.values()])
    rule.memory = {}
    for priority in Priority.values:
        first = known.get(str(priority))
        if first is None or fences.get(UUID(first["run"])) != first["fence"]:
            first = _next_now(rule, priority, now)
        if first is not None:
            rule.memory[str(priority)] = first
    if not rule.memory:
        return []
    oldest = min(rule.memory.values(), key=lambda each: each["since"])
    age_s = now.timestamp() - oldest["since"]
    if age_s < rule.threshold:
        return []
    page = reverse("admin:runs_run_change", args=[oldest["run"]])
    lines = ["The run that waits:", f"{settings.PUBLIC_URL}{page}", "", *_readiness()]
    return [Found(f"a run waits for a worker since {duration(age_s)}", age_s, lines=lambda: lines)]


def _next_now(rule: AlertRule, priority: int, now: datetime) -> dict[str, Any] | None:
    found = next_of(DEFAULT_QUEUE, priority, rule.workspace_id)
    if found is None:
        return None
    since = _next_since(found.made_at, now)
    return {"run": str(found.run), "fence": found.fence, "since": since}


def _next_since(made_at: datetime, now: datetime) -> float:
    return (made_at if now - made_at < NEW else now).timestamp()


def _silent_workers(rule: AlertRule, now: datetime) -> list[Found]:
    assert rule.threshold is not None
    limit = now - timedelta(seconds=rule.threshold)
    workers = list(Worker.objects.all())
    alive = [worker for worker in workers if worker.seen_at > limit]
    # One that begins on the same host later takes the place of who died there.
    silent = [
        worker
        for worker in workers
        if worker.seen_at <= limit
        and not any(
            other.host == worker.host and other.created_at > worker.seen_at for other in alive
        )
    ]
    if not workers:
        return [Found("there is no worker", 0, key="none", lines=_readiness)]
    return [_silence_of(worker, now, is_last=not alive) for worker in silent]


def _silence_of(worker: Worker, now: datetime, *, is_last: bool) -> Found:
    title = f"the worker {worker} is silent since {worker.seen_at:%Y-%m-%d %H:%M:%S} UTC"
    return Found(
        f"{title}, and no other is alive" if is_last else title,
        (now - worker.seen_at).total_seconds(),
        key=str(worker.pk),
        lines=lambda: [_page("runs_worker", worker.pk), "", *_readiness()],
    )


_FINDERS: dict[str, Callable[[AlertRule, datetime], list[Found]]] = {
    Kind.RUN_FAILED: _failed_runs,
    Kind.FAILURE_RATE: _failure_rate,
    Kind.QUEUE_AGE: _old_queue,
    Kind.WORKER_SILENT: _silent_workers,
}


def _since(rule: AlertRule, now: datetime) -> datetime:
    assert rule.window_s is not None
    return now - timedelta(seconds=rule.window_s)


def _failed(rule: AlertRule, now: datetime) -> QuerySet[Run]:
    failed = Run.objects.filter(
        status=RunStatus.FAILED, is_trial=False, finished_at__gte=_since(rule, now)
    )
    if rule.workspace_id is not None:
        return failed.filter(workspace=rule.workspace_id)
    # One workspace after the other, as the index has them.
    return failed.filter(workspace__in=Workspace.objects.order_by().values("pk"))


def _named(rule: AlertRule, failed: QuerySet[Run]) -> list[str]:
    """The newest of the failures, with the links to their pages."""
    newest = failed.order_by("-finished_at")
    if rule.workflow_id is not None:
        newest = newest.filter(workflow=rule.workflow_id)
    lines = ["The last of them:"]
    for run in newest.select_related("workflow", "workspace")[:NAMED]:
        where = f"{run.workflow.name} ({run.workspace.name})"
        lines += ["", f"{where}: {run.error_code or 'no code'}", f"  {_page('runs_run', run.pk)}"]
    return lines


def _page(model: str, id: Any) -> str:
    return f"{settings.PUBLIC_URL}{reverse(f'admin:{model}_change', args=[id])}"


def _readiness() -> list[str]:
    return [f"Whether anybody is there to execute runs: {settings.PUBLIC_URL}/readyz"]
