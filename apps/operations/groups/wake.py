"""Groups that were put aside for a time are open again after it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.operations.models import ErrorGroup
from apps.workspaces.audit import record
from apps.workspaces.constants import Constant

AT_ONCE = 500
Status = ErrorGroup.Status


def wake_snoozed() -> None:
    """Open the groups whose time has come; what is more than some waits for the next turn."""
    due = _snoozed().filter(snoozed_until__lte=timezone.now())
    if not due.exists():
        return
    with transaction.atomic():
        for group in due.select_for_update(no_key=True, skip_locked=True).order_by("pk")[:AT_ONCE]:
            until, group.status, group.snoozed_until = group.snoozed_until, Status.OPEN, None
            group.save(update_fields=["status", "snoozed_until"])
            told = {"status": (Status.SNOOZED, Status.OPEN), "snoozed_until": (until, None)}
            record("error_group.wake", group, told, by=None)


def until_next_s() -> float | None:
    """Seconds until one is to be woken; None where none is."""
    times = _snoozed().order_by("snoozed_until").values_list("snoozed_until", flat=True)
    first = times.first()
    return None if first is None else (first - timezone.now()).total_seconds()


def _snoozed() -> QuerySet[ErrorGroup]:
    return ErrorGroup.objects.filter(status=Constant(Status.SNOOZED))
