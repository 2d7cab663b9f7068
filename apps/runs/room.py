"""How many bytes the runs of each workflow keep, and whether there is room for more.

Counted roughly, so that runs of a workflow need not wait for each other: each process notes what
its runs kept and adds it once a turn of its sweep, and the clean-up counts anew.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Greatest

from apps.runs.models import Run
from apps.runs.querysets import RunQuerySet
from apps.workflows.models import Workflow
from apps.workspaces.errors import NoRoomError

LOOK_S = 5.0
"""How old what is known of full workflows may be."""
AT_ONCE = 50_000


class _Full:
    """The workflows that keep as much as they may: those are few, and known by each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[UUID, tuple[int, int]] = {}
        self.looked_at = -LOOK_S

    def of(self, workflow: UUID) -> tuple[int, int] | None:
        """What it keeps and what it may keep; None where there is room."""
        now = time.monotonic()
        with self._lock:
            is_due = now - self.looked_at >= LOOK_S
            if is_due:
                self.looked_at = now
        if is_due:
            self._known = _full_ones()
        return self._known.get(workflow)


class _Noted:
    """What runs kept that this process executed, until it is added to the rows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sizes: dict[UUID, int] = {}

    def add(self, workflow: UUID, size: int) -> None:
        with self._lock:
            self._sizes[workflow] = self._sizes.get(workflow, 0) + size

    def take(self) -> dict[UUID, int]:
        with self._lock:
            sizes, self._sizes = self._sizes, {}
        return sizes


full = _Full()
noted = _Noted()


def require_room(workflow: UUID) -> None:
    """Raise NoRoomError where a workflow keeps as many bytes as it may, as was known lately."""
    if found := full.of(workflow):
        kept, most = found
        raise NoRoomError(
            "workflow_full",
            f"The runs of this workflow keep {kept:,} bytes; {most:,} is the most.",
            "Delete some, have fewer kept (keep_completed_days, keep_failed_days, keep_runs), or "
            "raise max_kept_bytes.",
        )


def add_noted() -> None:
    """Add what was noted to the rows of the workflows."""
    sizes = noted.take()
    try:
        for workflow in list(sizes):
            with transaction.atomic():
                more = F("kept_bytes") + sizes[workflow]
                Workflow.objects.filter(pk=workflow).update(kept_bytes=more)
            del sizes[workflow]
    finally:
        for workflow, size in sizes.items():
            noted.add(workflow, size)


def sizes_of(runs: RunQuerySet) -> dict[UUID, int]:
    """What these runs keep, by workflow."""
    return dict(runs.order_by().values_list("workflow").annotate(size=Sum("output_bytes")))


def give_back(sizes: dict[UUID, int]) -> None:
    """Count what is kept no longer."""
    for workflow, size in sizes.items():
        left = Greatest(F("kept_bytes") - size, 0)
        Workflow.objects.filter(pk=workflow).update(kept_bytes=left)


def count_kept(now: datetime) -> int:
    """Count anew what the runs of each workflow keep; gives how many counts were wrong."""
    wrong, kept = 0, Counter[UUID]()
    for some in _all_runs():
        kept.update(sizes_of(some))
    for workflow, known in Workflow.objects.order_by("pk").values_list("pk", "kept_bytes"):
        if known != kept[workflow]:
            wrong += Workflow.objects.filter(pk=workflow).update(kept_bytes=kept[workflow])
    return wrong


def _all_runs() -> Iterator[RunQuerySet]:
    """All runs, some at a time: a statement must not take long. The newest, of which the most
    changes, are the last."""
    first, last = UUID(int=0), UUID(int=2**128 - 1)
    while first != last:
        pks = Run.objects.filter(pk__gte=first).order_by("pk").values_list("pk", flat=True)
        following = pks[AT_ONCE : AT_ONCE + 1].first() or last
        yield Run.objects.filter(pk__gte=first, pk__lt=following)
        first = following


def _full_ones() -> dict[UUID, tuple[int, int]]:
    default = settings.MAX_WORKFLOW_BYTES
    is_full = Q(max_kept_bytes__gt=0, kept_bytes__gte=F("max_kept_bytes"))
    if default:
        is_full |= Q(max_kept_bytes=None, kept_bytes__gte=default)
    rows = Workflow.objects.filter(is_full).order_by()
    return {
        id: (kept, default if most is None else most)
        for id, kept, most in rows.values_list("pk", "kept_bytes", "max_kept_bytes")
    }
