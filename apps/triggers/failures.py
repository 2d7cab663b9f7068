"""Error workflows: a run that failed starts the workflow that its version names.

The journal marks the run in the transaction that ends it. The mark goes in the one that makes the
other run, so each failure is told once, whoever looks and how often.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apps.engine.errors import FaultsError
from apps.engine.events import write_time
from apps.engine.items import Json
from apps.runs import sql
from apps.runs.create import RunRequest, create_run
from apps.runs.kin import note_failure
from apps.runs.models import Run
from apps.runs.parts import trigger_of_type
from apps.runs.plans import graph_of, known_version
from apps.runs.querysets import RunQuerySet
from apps.runs.states import Trigger
from apps.versions.error_workflow import error_workflow_fault
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""So many failures a turn; the next one goes on."""
TRY_AGAIN = timedelta(minutes=1)


def tell_failures() -> int:
    """Start the error workflows of the runs that failed; gives how many failures were looked at."""
    for told in range(AT_ONCE):
        if not _untold().exists() or not _tell_next():
            return told
    return AT_ONCE


def require_error_workflow(version: WorkflowVersion) -> None:
    """Raise FaultsError where the version names a workflow that its failures could not start."""
    named = graph_of(version.graph_json).settings.error_workflow
    if fault := error_workflow_fault(named, version.workspace_id):
        raise FaultsError([fault], "Nobody would be told of failures.")


def until_next_s() -> float | None:
    """Seconds until a failure is to be told; None where all were."""
    first = _untold().order_by("failure_due_at").values_list("failure_due_at", flat=True).first()
    return None if first is None else (first - sql.database_now()).total_seconds()


def _untold() -> RunQuerySet:
    return Run.objects.filter(failure_due_at__isnull=False)


def _tell_next() -> bool:
    """Tell the failure that is due for longest; False where none is, or others are at them all."""
    now = sql.database_now()
    due = _untold().filter(failure_due_at__lte=now).without_payloads().order_by("failure_due_at")
    with transaction.atomic():
        run = due.select_for_update(of=("self",), skip_locked=True).first()
        if run is None:
            return False
        try:
            with transaction.atomic():
                _tell(run)
            run.failure_due_at = None
        except Exception:
            # It must not keep the others from being told. It is tried again.
            logger.exception("the failure of run %s could not be told", run.pk)
            run.failure_due_at = now + TRY_AGAIN
        run.save(update_fields=["failure_due_at"])
    return True


def _tell(run: Run) -> None:
    if run.is_trial or _comes_of_a_failure(run):
        return
    named = known_version(run.version_id).settings.error_workflow
    start = _error_trigger(run, named or "")
    if start is None:
        logger.warning("run %s failed; its error workflow %s cannot be started", run.pk, named)
        return
    version, node = start
    note_failure(create_run(version, RunRequest(Trigger.ERROR, node, [{"json": _told(run)}])), run)


def _comes_of_a_failure(run: Run) -> bool:
    """Whether an error workflow, or what it started, made this run: or it could go in circles."""
    id: UUID | None = run.pk
    while id is not None:
        made_by = Run.objects.values_list("trigger", "parent_step__run", "retry_of")
        trigger, parent, retried = made_by.get(pk=id)
        if trigger == Trigger.ERROR:
            return True
        id = parent or retried
    return False


def _error_trigger(run: Run, named: str) -> tuple[WorkflowVersion, str] | None:
    """The published version of the error workflow, and its trigger."""
    try:
        id = UUID(named)
    except ValueError:
        return None
    published = WorkflowVersion.objects.filter(
        workspace=run.workspace_id, workflow=id, version=F("workflow__version")
    )
    version = published.exclude(workflow__status=Workflow.Status.ARCHIVED).first()
    node = version and trigger_of_type(graph_of(version.graph_json), "error")
    return (version, node) if version and node else None


def _told(run: Run) -> Json:
    """What an error workflow is given."""
    assert run.started_at is not None
    assert run.finished_at is not None
    failed_at = (run.marks[-1].get("error") or {}).get("node")
    nodes = (node for node in run.version.graph_json["nodes"] if node["id"] == failed_at)
    return {
        "run": str(run.pk),
        "url": f"{settings.PUBLIC_URL}/runs/{run.pk}",
        "trigger": run.trigger,
        "started_at": write_time(run.started_at),
        "failed_at": write_time(run.finished_at),
        "workflow": {"id": str(run.workflow_id), "name": run.workflow.name},
        "version": run.version.version,
        "node": next(({key: node[key] for key in ("id", "name", "type")} for node in nodes), None),
        "error": {"code": run.error_code, "message": run.error_message},
    }
