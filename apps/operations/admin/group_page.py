"""What the page of a group of failures shows beside its fields: all of it bounded."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from apps.operations.models import ErrorGroup
from apps.runs.admin.show import admin_link, ago, cut, tail
from apps.runs.models import Run
from apps.runs.states import Trigger

DAYS_SHOWN = 30
WORKFLOWS_SHOWN = 50
RUNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Day:
    """How often it happened on a day, and how high its bar is."""

    count: int
    percent: int
    title: str


@dataclass(frozen=True, slots=True)
class Where:
    """How often it happened in a workflow."""

    workflow: SafeString | str
    count: str
    first: SafeString | str
    last: SafeString | str


@dataclass(frozen=True, slots=True)
class Which:
    """A run that failed that way."""

    run: SafeString | str
    workflow: SafeString | str
    version: int
    trigger: str
    failed: SafeString | str
    message: str


def days_of(group: ErrorGroup) -> list[Day]:
    """The last days, the oldest first, those without a failure too."""
    today = timezone.now().astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    found = group.days.filter(day__gte=days[0]).values_list("day", "count")
    counts: dict[date, int] = dict(found)
    most = max(counts.values(), default=0) or 1
    return [
        Day(n, -(-100 * n // most), f"{date_format(day, 'j M')}: {n:,}")
        for day in days
        for n in [counts.get(day, 0)]
    ]


def workflows_of(group: ErrorGroup) -> list[Where]:
    """Those in which it happened last, the latest first."""
    rows = group.workflows.select_related("workflow").order_by("-last_seen", "-id")
    return [
        Where(
            admin_link("workflows_workflow", row.workflow_id, row.workflow.name),
            f"{row.count:,}",
            ago(row.first_seen),
            ago(row.last_seen),
        )
        for row in rows.only("workflow__name", "count", "first_seen", "last_seen")[:WORKFLOWS_SHOWN]
    ]


def runs_of(group: ErrorGroup) -> list[Which]:
    """The newest that are kept."""
    runs = Run.objects.filter(error_group=group.pk, workspace=group.workspace_id).order_by("-id")
    named = runs.annotate(name=F("workflow__name"), number=F("version__version"))
    columns = ("pk", "workflow", "name", "number", "trigger", "finished_at", "error_message")
    rows = named.values_list(*columns)[:RUNS_SHOWN]
    return [
        Which(
            admin_link("runs_run", id, tail(id)),
            admin_link("workflows_workflow", workflow, name),
            number,
            str(Trigger(trigger).label),
            ago(finished_at),
            cut(message, 160),
        )
        for id, workflow, name, number, trigger, finished_at, message in rows
    ]
