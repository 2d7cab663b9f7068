"""To have a source looked at now, whatever its time is."""

from django.db import transaction

from apps.runs import sql
from apps.triggers.models import Poll
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


def look_now(poll: Poll, *, by: Principal | None) -> None:
    """Let a worker look at its next turn, within about a second.

    Raises ConflictError where the workflow is not active.
    """
    with transaction.atomic():
        held = Poll.objects.select_for_update().get(pk=poll.pk)
        if not held.is_live:
            raise ConflictError("not_live", "Its workflow is not active, so nothing looks.")
        before = held.due_at
        if held.held_by is None:  # else somebody is at it
            held.due_at = sql.database_now()
            held.save(update_fields=["due_at"])
        record("poll.look", held, {"due_at": (before, held.due_at)}, by=by)
    poll.due_at = held.due_at
