"""The workers' part: failed runs come into the group of their kind, some at each turn.

A failure is found as what it is, failed and in no group, whatever was done or not: so those of
before an upgrade come in the same way. Runs and groups change in one transaction, in which both are
held: who is killed has done all of it or nothing, and no two workers count a run.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Case, UUIDField, Value, When
from django.utils import timezone

from apps.operations.groups.failures import Failure, Key, key_of, take_failures, ungrouped
from apps.operations.models import ErrorGroup, ErrorGroupDay, ErrorGroupWorkflow
from apps.operations.models.groups import MESSAGE_CHARS
from apps.runs.models import Run
from apps.workspaces.audit import record

AGAIN_S = 0.25
"""Until the next turn, where there are more or another worker is at them."""


def gather_failures() -> int:
    """Put failed runs into their groups, the oldest first; gives how many."""
    if not ungrouped().exists():
        return 0
    with transaction.atomic():
        first: dict[Key, ErrorGroup] = {}
        found: dict[Key, list[Failure]] = defaultdict(list)
        for failure, node_type in take_failures():
            key = key_of(failure, node_type)
            if key not in first:
                first[key] = _begun_by(failure, node_type, key)
            found[key].append(failure)
        if not found:
            return 0
        held = _held(first)
        groups = {held[key].pk: failures for key, failures in found.items()}
        for key, failures in found.items():
            _add(held[key], failures)
        _write(held[key] for key in found)
        _count_for_workflows(groups)
        _count_for_days(groups)
        _put_in(groups)
    return sum(map(len, groups.values()))


def until_next_s() -> float | None:
    """Seconds until a turn is wanted, if it is."""
    return AGAIN_S if ungrouped().exists() else None


def _begun_by(failure: Failure, node_type: str, key: Key) -> ErrorGroup:
    return ErrorGroup(
        workspace_id=failure.workspace,
        fingerprint=key[1],
        error_code=failure.code,
        node_type=node_type,
        message=failure.reason[:MESSAGE_CHARS],
        first_seen=failure.failed_at,
        last_seen=failure.failed_at,
        last_run=failure.run,
    )


def _held(first: Mapping[Key, ErrorGroup]) -> dict[Key, ErrorGroup]:
    """The groups, made where there are none, and held: in one order for all who do."""
    new = [first[key] for key in sorted(first)]
    ErrorGroup.objects.bulk_create(new, ignore_conflicts=True)
    rows = ErrorGroup.objects.filter(
        workspace__in={workspace for workspace, _ in first},
        fingerprint__in={fingerprint for _, fingerprint in first},
    )
    held = rows.order_by("workspace", "fingerprint").select_for_update(no_key=True)
    return {(group.workspace_id, group.fingerprint): group for group in held}


def _add(group: ErrorGroup, failures: Sequence[Failure]) -> None:
    """Count them, and open a group that was resolved before one of the runs was made."""
    latest = max(failures, key=lambda failure: failure.failed_at)
    if group.count == 0 or latest.failed_at >= group.last_seen:
        group.last_seen, group.last_run = latest.failed_at, latest.run
    group.first_seen = min(group.first_seen, *(failure.failed_at for failure in failures))
    group.count += len(failures)
    again = [failure for failure in failures if _is_new_since_resolved(group, failure)]
    if again:
        before, group.status = group.status, ErrorGroup.Status.OPEN
        group.came_back_at = timezone.now()
        told = {"status": (before, group.status)}
        record("error_group.come_back", group, told, by=None, run=str(again[0].run))


def _is_new_since_resolved(group: ErrorGroup, failure: Failure) -> bool:
    if group.status != ErrorGroup.Status.RESOLVED or group.resolved_at is None:
        return False
    return failure.created_at > group.resolved_at


def _write(groups: Iterable[ErrorGroup]) -> None:
    ErrorGroup.objects.bulk_create(
        groups,
        update_conflicts=True,
        unique_fields=("workspace", "fingerprint"),
        update_fields=("count", "first_seen", "last_seen", "last_run", "status", "came_back_at"),
    )


def _count_for_workflows(groups: Mapping[UUID, Sequence[Failure]]) -> None:
    found: dict[tuple[UUID, UUID], list[Failure]] = defaultdict(list)
    for group, failures in groups.items():
        for failure in failures:
            found[group, failure.workflow].append(failure)
    rows = ErrorGroupWorkflow.objects.filter(
        group__in=groups, workflow__in={workflow for _, workflow in found}
    )
    known = {(row.group_id, row.workflow_id): row for row in rows}
    counted = []
    for (group, workflow), failures in found.items():
        times = [failure.failed_at for failure in failures]
        row = ErrorGroupWorkflow(group_id=group, workflow_id=workflow, count=len(times))
        if before := known.get((group, workflow)):
            row.count += before.count
            times += [before.first_seen, before.last_seen]
        row.first_seen, row.last_seen = min(times), max(times)
        counted.append(row)
    ErrorGroupWorkflow.objects.bulk_create(
        counted,
        update_conflicts=True,
        unique_fields=("group", "workflow"),
        update_fields=("count", "first_seen", "last_seen"),
    )


def _count_for_days(groups: Mapping[UUID, Sequence[Failure]]) -> None:
    counts: Counter[tuple[UUID, date]] = Counter(
        (group, failure.day) for group, failures in groups.items() for failure in failures
    )
    known = ErrorGroupDay.objects.filter(group__in=groups, day__in={day for _, day in counts})
    for group, day, count in known.values_list("group", "day", "count"):
        if (group, day) in counts:
            counts[group, day] += count
    ErrorGroupDay.objects.bulk_create(
        [ErrorGroupDay(group_id=group, day=day, count=n) for (group, day), n in counts.items()],
        update_conflicts=True,
        unique_fields=("group", "day"),
        update_fields=("count",),
    )


def _put_in(groups: Mapping[UUID, Sequence[Failure]]) -> None:
    ids = {group: [failure.run for failure in failures] for group, failures in groups.items()}
    cases = (When(pk__in=runs, then=Value(group)) for group, runs in ids.items())
    all_of_them = Run.objects.filter(pk__in=[run for runs in ids.values() for run in runs])
    all_of_them.update(error_group=Case(*cases, output_field=UUIDField()))
