"""The retention: deletes ended runs that are older, or more, than their workflow keeps.

Oldest first, in small transactions, each complete in itself: whoever is stopped is followed by the
next clean-up, and two at once are harmless.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.runs.delete import delete_together, in_small_parts
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.workflows.budget import Retention, retention_of
from apps.workflows.models import Workflow
from apps.workspaces.audit import record

Ended = tuple[UUID, str, datetime | None]
AT_ONCE = 500
SPARED_FOR = timedelta(hours=1)
"""Who waits for a run's end, or looks on, has that long: however few runs are kept."""


def delete_expired_runs(now: datetime) -> int:
    """Delete what no workflow keeps any more; gives how many runs."""
    workflows = Workflow.objects.without_draft().order_by("pk")
    return sum(_expire(workflow, now) for workflow in workflows.iterator(AT_ONCE))


def _expire(workflow: Workflow, now: datetime) -> int:
    kept = retention_of(workflow)
    if kept == Retention(None, None, None):
        return 0
    count = 0
    for ids in _expired(workflow, kept, now):
        for part in in_small_parts(ids):
            with transaction.atomic():
                if deleted := delete_together(part):
                    record("run.expire", workflow, by=None, runs=deleted)
            count += deleted
    return count


def _expired(workflow: Workflow, kept: Retention, now: datetime) -> Iterator[list[UUID]]:
    """What is to go, some at a time, oldest first: a statement must not take long."""
    surplus = _newest_surplus(workflow, kept.runs)
    ended_before: dict[str, datetime] = {
        status: now - span
        for status, span in (
            (RunStatus.COMPLETED, kept.completed),
            (RunStatus.CANCELLED, kept.completed),
            (RunStatus.FAILED, kept.failed),
        )
        if span is not None
    }
    # A run's id tells when it was made, which is before it ended.
    newest = max(surplus, *(_made_at(moment) for moment in ended_before.values()), UUID(int=0))
    last = UUID(int=0)
    while page := list(between(workflow, last, newest)):
        last = page[-1][0]
        expired = [
            id
            for id, status, finished_at in page
            if finished_at is not None
            and finished_at < now - SPARED_FOR
            and (id <= surplus or finished_at < ended_before.get(status, finished_at))
        ]
        if expired:
            yield expired


def between(workflow: Workflow, last: UUID, newest: UUID) -> QuerySet[Run, Ended]:
    """The next runs of a workflow behind the last one, up to the newest: id, status and end."""
    runs = Run.objects.filter(workflow=workflow, pk__gt=last, pk__lte=newest).order_by("pk")
    return runs.values_list("pk", "status", "finished_at")[:AT_ONCE]


def _newest_surplus(workflow: Workflow, most: int | None) -> UUID:
    """The newest run that is one too many; the first id of all where none is."""
    if most is None:
        return UUID(int=0)
    runs = Run.objects.filter(workflow=workflow)
    ids = runs.order_by("-pk").values_list("pk", flat=True)
    return next(iter(ids[most : most + 1]), UUID(int=0))


def _made_at(moment: datetime) -> UUID:
    """The last id of a run that was made at this millisecond (UUIDv7)."""
    return UUID(int=((int(moment.timestamp() * 1000) + 1) << 80) - 1)
