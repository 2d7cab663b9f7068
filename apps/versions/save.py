"""Makes immutable versions."""

import hashlib

from django.db import transaction
from django.db.models import Max

from apps.credentials.vault import named_credentials
from apps.engine.encoding import encode
from apps.engine.items import Json
from apps.versions.draft import fill_draft, require_unarchived
from apps.versions.models import WorkflowVersion
from apps.versions.validate import require_valid, validate
from apps.workflows.models import Workflow
from apps.workspaces.audit import made, record
from apps.workspaces.permissions import Principal, require

LONGEST_NOTE = 2_000


def save_version(
    workflow: Workflow, graph: Json, note: str = "", *, by: Principal | None
) -> tuple[WorkflowVersion, bool]:
    """Keep a graph as a version, and say whether it is a new one: the same content makes none.

    A version that has no note yet, as a run of the draft makes one, is given this one. A draft that
    nobody has touched yet becomes that graph too. Raises FaultsError with everything that is wrong
    with the graph.
    """
    content_hash = hashlib.sha256(encode(graph)).hexdigest()
    # Judged before anything is held: that may take a second, and others want to write. Only the
    # transaction of a request with an Idempotency-Key has begun by now.
    if same := _same(workflow, content_hash):
        return _noted(same, note, by), False
    require_valid(validate(graph, workflow.workspace_id))
    _require_use_of_credentials(workflow, graph, by)
    with transaction.atomic():
        # Held, so that two that save at once get two numbers. Who makes a run need not wait.
        locked = Workflow.objects.select_for_update(no_key=True).without_draft().get(pk=workflow.pk)
        require_unarchived(locked)
        if same := _same(locked, content_hash):
            return _noted(same, note, by), False
        latest = locked.versions.aggregate(latest=Max("version"))["latest"] or 0
        version = WorkflowVersion.objects.create(
            workspace_id=locked.workspace_id,
            workflow=locked,
            version=latest + 1,
            graph_json=graph,
            content_hash=content_hash,
            note=note,
            created_by=by.as_user if by else None,
        )
        fill_draft(locked, graph)
        record("version.save", version, made(version=version.version, note=note or None), by=by)
    return version, True


def save_draft(
    workflow: Workflow, note: str = "", *, by: Principal | None
) -> tuple[WorkflowVersion, bool]:
    """Keep the draft as it is now as a version."""
    draft = Workflow.objects.values_list("draft_graph", flat=True).get(pk=workflow.pk)
    return save_version(workflow, draft, note, by=by)


def _require_use_of_credentials(workflow: Workflow, graph: Json, by: Principal | None) -> None:
    """Refuse who may not have credentials used: runs will use them without asking again."""
    if by is not None and by.role_in(workflow.workspace_id) and named_credentials(graph):
        require(by, "credential.use", workflow.workspace_id)


def _same(workflow: Workflow, content_hash: str) -> WorkflowVersion | None:
    return workflow.versions.filter(content_hash=content_hash).first()


def _noted(version: WorkflowVersion, note: str, by: Principal | None) -> WorkflowVersion:
    """The version with a note, where it had none."""
    if note == "" or version.note != "":
        return version
    with transaction.atomic():
        held = Workflow.objects.select_for_update(no_key=True).without_draft()
        require_unarchived(held.get(pk=version.workflow_id))
        if WorkflowVersion.objects.filter(pk=version.pk, note="").update(note=note):
            version.note = note
            record("version.note", version, {"note": ("", note)}, by=by, version=version.version)
    return version
