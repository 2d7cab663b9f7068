"""To delete ended runs, with all that belongs to them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import CASCADE, SET_NULL, Count, Model, QuerySet

from apps.runs import sql
from apps.runs.models import Run, StepRun
from apps.runs.room import give_back, sizes_of
from apps.workspaces.audit import lost, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

STEPS_AT_ONCE = 10_000
"""So many steps go in one transaction; a run that has more goes alone."""


def delete_run(run: Run, *, by: Principal | None) -> None:
    """Delete an ended run. Raises ConflictError where it has not ended, or an open run needs it."""
    if run.is_open:
        raise ConflictError("not_ended", "The run has not ended; cancel it or wait for its end.")
    with transaction.atomic():
        # Who retries it just now holds it, and is waited for: then their run needs it.
        Run.objects.select_for_update().only("pk").get(pk=run.pk)
        if not Run.objects.filter(pk=run.pk).unneeded().exists():
            raise ConflictError(
                "run_needed",
                "A run that has not ended needs this one: it started it, was started by it, "
                "or retries it.",
                "Delete it once that has ended.",
            )
        told = lost(status=run.status)
        record("run.delete", run, told, by=by, workflow=str(run.workflow_id))
        _delete([run.pk])


def delete_together(runs: Sequence[UUID]) -> int:
    """Delete those of these runs that have ended, that no open run needs and that nobody holds just
    now; gives how many. For the caller's transaction."""
    ended = Run.objects.filter(pk__in=runs, finished_at__isnull=False).order_by("pk")
    held = list(ended.select_for_update(skip_locked=True).values_list("pk", flat=True))
    # Asked only once they are held: who retried one until then is seen, and later nobody can.
    ids = list(Run.objects.filter(pk__in=held).deletable().values_list("pk", flat=True))
    if ids:
        _delete(ids)
    return len(ids)


def in_small_parts(runs: Sequence[UUID]) -> list[list[UUID]]:
    """The same runs in parts of not too many steps each."""
    counts: dict[UUID, int] = dict(
        StepRun.objects.filter(run__in=runs)
        .order_by()
        .values_list("run")
        .annotate(steps=Count("pk"))
    )
    parts: list[list[UUID]] = []
    room = 0
    for run in runs:
        steps = counts.get(run, 0)
        if steps > room or not parts:
            parts.append([])
            room = STEPS_AT_ONCE
        parts[-1].append(run)
        room -= steps
    return parts


def hold_run(run: Run) -> None:
    """Keep a run from being deleted before the caller's transaction has ended, which takes
    something over from it. Raises Run.DoesNotExist where it was deleted already."""
    Run.objects.select_for_update(no_key=True).only("pk").get(pk=run.pk)


def _delete(ids: Sequence[UUID]) -> None:
    # A run may have millions of steps; refused, it would be refused again for ever.
    sql.allow_long_statements()
    runs = Run.objects.filter(pk__in=ids)
    sizes = sizes_of(runs)
    _delete_all(runs)
    # Last: who else counts for the workflow waits for this transaction.
    give_back(sizes)


def _delete_all(rows: QuerySet[Any]) -> None:
    """Delete rows and what belongs to them, as the models say, and let go what else refers to them.

    As Django's own `delete`, which loads each row that it deletes: a run may have 100,000 steps.
    """
    for field in _referring(rows.model):
        referring: QuerySet[Any] = field.model._base_manager.filter(**{f"{field.name}__in": rows})
        if field.remote_field.on_delete is CASCADE:
            _delete_all(referring)
        else:
            referring.update(**{field.name: None})
    rows.order_by()._raw_delete(connection.alias)


def _referring(model: type[Model]) -> list[Any]:
    """The foreign keys that refer to rows of a model."""
    relations = [each for each in model._meta.get_fields(include_hidden=True) if each.auto_created]
    # Generic foreign keys, which have no `field`, are none that Django makes by itself.
    fields = [each.field for each in relations if each.one_to_many or each.one_to_one]  # type: ignore[union-attr]
    for field in fields:
        assert field.remote_field.on_delete in (CASCADE, SET_NULL), field
    return fields
