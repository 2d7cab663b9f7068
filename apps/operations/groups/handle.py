"""What operators do with groups of failures. Each does nothing where it is so already."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.engine.errors import Fault, FaultsError
from apps.operations.models import ErrorGroup
from apps.workspaces.audit import Changes, record
from apps.workspaces.models import Membership
from apps.workspaces.permissions import Principal

LONGEST_SNOOZE = timedelta(days=366)
Status = ErrorGroup.Status


def assign_group(group: ErrorGroup, to: UUID | None, *, by: Principal) -> None:
    """Say who looks after it; None: nobody. Raises FaultsError for who is no member."""
    members = Membership.objects.filter(workspace=group.workspace_id, user=to)
    email = members.values_list("user__email", flat=True).first()
    if to is not None and email is None:
        told = "Only a member of the workspace can be assigned."
        raise FaultsError([Fault("assigned_to", "no_member", told)])
    with transaction.atomic():
        held = _hold(group)
        if held.assigned_to_id != to:
            before = held.assigned_to and held.assigned_to.email
            held.assigned_to_id = to
            held.save(update_fields=["assigned_to"])
            record("error_group.assign", held, {"assigned_to": (before, email)}, by=by)


def set_status(
    group: ErrorGroup,
    status: str | None = None,
    snoozed_until: datetime | None = None,
    *,
    by: Principal,
) -> None:
    """Snooze, resolve or reopen it, as the status says. Raises FaultsError."""
    if status == Status.SNOOZED and snoozed_until is not None:
        snooze_group(group, snoozed_until, by=by)
    elif status == Status.SNOOZED:
        raise FaultsError([Fault("snoozed_until", "missing", "Say until when.")])
    elif snoozed_until is not None:
        told = "Only what is snoozed has a time until which it is."
        raise FaultsError([Fault("snoozed_until", "unexpected", told)])
    elif status == Status.RESOLVED:
        resolve_group(group, by=by)
    else:
        reopen_group(group, by=by)


def snooze_group(group: ErrorGroup, until: datetime, *, by: Principal) -> None:
    """Put it aside for a time: it is counted on, and is open again then. Raises FaultsError."""
    now = timezone.now()
    if not now < until <= now + LONGEST_SNOOZE:
        told = "Must be in the future, and at most a year away."
        raise FaultsError([Fault("snoozed_until", "out_of_range", told)])
    with transaction.atomic():
        held = _hold(group)
        if (held.status, held.snoozed_until) != (Status.SNOOZED, until):
            changes = _become(held, Status.SNOOZED, until)
            held.save(update_fields=["status", "snoozed_until"])
            record("error_group.snooze", held, changes, by=by)


def resolve_group(group: ErrorGroup, *, by: Principal) -> None:
    """Say that it is mended. A run that is made from now on and fails that way opens it again."""
    with transaction.atomic():
        held = _hold(group)
        if held.status != Status.RESOLVED:
            changes = _become(held, Status.RESOLVED)
            held.resolved_at, held.resolved_by = timezone.now(), by.as_user
            held.save(update_fields=["status", "snoozed_until", "resolved_at", "resolved_by"])
            record("error_group.resolve", held, changes, by=by)


def reopen_group(group: ErrorGroup, *, by: Principal) -> None:
    """Have it among the open ones again."""
    with transaction.atomic():
        held = _hold(group)
        if held.status != Status.OPEN:
            changes = _become(held, Status.OPEN)
            held.save(update_fields=["status", "snoozed_until"])
            record("error_group.reopen", held, changes, by=by)


def _become(group: ErrorGroup, status: Status, until: datetime | None = None) -> Changes:
    changes = {"status": (group.status, status), "snoozed_until": (group.snoozed_until, until)}
    group.status, group.snoozed_until = status, until
    return changes


def _hold(group: ErrorGroup) -> ErrorGroup:
    """The group as it is now, kept from changing: failures may be counted just then."""
    return ErrorGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
