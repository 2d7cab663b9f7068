"""What the page of a workspace tells beside its fields: what is in it, and what is kept of it.

Nothing is counted over runs: the workers have counted those that ended, and what each workflow
keeps.
"""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.operations.board.day import day_of, whole
from apps.operations.board.lists import NO_TRIALS, asked
from apps.runs.admin.show import link
from apps.runs.states import RunStatus
from apps.workflows.budget import PARTS
from apps.workflows.models import Workflow
from apps.workspaces.models import Workspace
from apps.workspaces.scoped_admin import page_parts

Fact = tuple[str, SafeString | str]
OWN_BUDGET = Q(*((f"{part}__isnull", False) for part in PARTS), _connector=Q.OR)


def room_of(request: HttpRequest, workspace: Workspace) -> SafeString:
    """The part of the page: counts, and for how long and how much is kept."""
    counts = Workflow.objects.filter(workspace=workspace).aggregate(
        all=Count("pk"),
        active=Count("pk", filter=Q(status=Workflow.Status.ACTIVE)),
        own=Count("pk", filter=OWN_BUDGET),
        kept=Sum("kept_bytes", default=0),
    )
    context = {"facts": _facts(workspace, counts), "limits": _limits(counts["own"])}
    return render_to_string("operations_admin/workspace.html", context)


def _facts(workspace: Workspace, counts: dict[str, Any]) -> list[Fact]:
    day = whole(day_of([workspace.pk], timezone.now()))
    counted = {"finished_after": asked(day.starts_at), **NO_TRIALS}
    ended = f"{day.count:,}, of which {day.by_status[RunStatus.FAILED]:,} failed"
    told = f"{counts['all']:,}, of which {counts['active']:,} active"
    return [
        ("Workflows", _list("workflows_workflow", workspace, told)),
        ("Runs that ended within a day", _list("runs_run", workspace, ended, **counted)),
        ("Kept by their runs, about", filesizeformat(counts["kept"])),
    ]


def _limits(own: int) -> list[Fact]:
    """As the settings have them for all workflows that say nothing."""
    return [
        ("Completed runs are kept", _days(settings.KEEP_COMPLETED_DAYS)),
        ("Failed runs are kept", _days(settings.KEEP_FAILED_DAYS)),
        ("Runs of a workflow", _most(settings.KEEP_RUNS, f"{settings.KEEP_RUNS:,}")),
        (
            "Kept by the runs of a workflow",
            _most(settings.MAX_WORKFLOW_BYTES, filesizeformat(settings.MAX_WORKFLOW_BYTES)),
        ),
        ("Workflows that say otherwise", f"{own:,}"),
    ]


def _days(count: int) -> str:
    return f"{count:,} day{pluralize(count)}" if count else "without limit"


def _most(limit: int, told: str) -> str:
    return f"at most {told}" if limit else "without limit"


def _list(model: str, workspace: Workspace, text: str, **filters: str) -> SafeString:
    query = urlencode({"workspace__id__exact": str(workspace.pk), **filters})
    return link(f"{reverse(f'admin:{model}_changelist')}?{query}", text)


page_parts.setdefault(Workspace, []).append(room_of)
