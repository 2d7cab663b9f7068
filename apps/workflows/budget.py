"""How long a workflow's runs are kept, how many, and how much they may hold: its data budget.

A part that says nothing (None) is as the settings have it for all workflows; 0 is without limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

PARTS = {
    "keep_completed_days": "KEEP_COMPLETED_DAYS",
    "keep_failed_days": "KEEP_FAILED_DAYS",
    "keep_runs": "KEEP_RUNS",
    "max_kept_bytes": "MAX_WORKFLOW_BYTES",
}
"""The fields of a workflow, each with the setting of which it takes the place."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of one workflow; None: without limit."""

    completed: timedelta | None
    """How long runs are kept that completed, or were cancelled."""
    failed: timedelta | None
    runs: int | None


def retention_of(workflow: Workflow) -> Retention:
    kept = ("keep_completed_days", "keep_failed_days", "keep_runs")
    completed, failed, runs = (_limit(workflow, part) for part in kept)
    return Retention(
        completed=timedelta(days=completed) if completed else None,
        failed=timedelta(days=failed) if failed else None,
        runs=int(runs) if runs else None,
    )


def change_budget(
    workflow: Workflow, changes: Mapping[str, int | None], *, by: Principal | None
) -> None:
    """Set parts of a workflow's budget; what is kept no longer goes with the next clean-up."""
    with transaction.atomic():
        rows = Workflow.objects.select_for_update(no_key=True).without_draft()
        locked = rows.get(pk=workflow.pk)
        before = {part: getattr(locked, part) for part in changes}
        if before != changes:
            now = timezone.now()
            rows.filter(pk=workflow.pk).update(**changes, updated_at=now)
            told = {part: (before[part], value) for part, value in changes.items()}
            record("workflow.budget", locked, told, by=by)
            workflow.updated_at = now
    for part, value in changes.items():
        setattr(workflow, part, value)


def _limit(workflow: Workflow, part: str) -> Any:
    own = getattr(workflow, part)
    return getattr(settings, PARTS[part]) if own is None else own
