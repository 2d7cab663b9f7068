"""The line before a concurrency limit: which runs wait for a slot, and at which place."""

from django.db.models import Q

from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.workspaces.constants import Constant


def place_in_line(run: Run) -> int | None:
    """The place, from 1, of a run that waits for a slot; None where it needs none or one is free.

    Read by indexes of limited runs only: meant for one run, not for lists.
    """
    if run.status != RunStatus.PENDING or run.slots is None or run.cancel_requested_at is not None:
        return None
    sharing = Run.objects.filter(workflow=run.workflow_id, limit_key=run.limit_key)
    alike = Q(priority=run.priority)
    before = (
        Q(priority__gt=run.priority)
        | alike & Q(turn__lt=run.turn)
        | alike & Q(turn=run.turn, id__lt=run.pk)
    )
    ahead = sharing.filter(
        before, status=Constant(RunStatus.PENDING), slots__isnull=False, cancel_requested_at=None
    ).count()
    held = sharing.filter(slot__isnull=False).count()
    return None if held + ahead < run.slots else ahead + 1
