"""To replay a request of the inbox: a new run, given what the first one was given."""

from typing import Literal

from django.db import transaction

from apps.engine.errors import FaultsError
from apps.engine.items import Json
from apps.runs.create import RunRequest, create_run, trigger_items
from apps.runs.files import give_files, own_files
from apps.runs.models import Run
from apps.runs.parts import start_faults
from apps.runs.plans import graph_of
from apps.runs.start import require_startable
from apps.runs.states import Trigger
from apps.triggers.bodies.spool import Spool
from apps.triggers.bodies.uploads import read_upload
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.inbox import stored_request
from apps.triggers.hooks.receive import item_of
from apps.triggers.models import WebhookReplay, WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

Which = Literal["same", "published"]
"""The version that the first run ran, or the one that is published now."""


def replay_request(request: WebhookRequest, which: Which, *, by: Principal | None) -> Run:
    """Start a run as if the request came again, whether or not its workflow is active.

    Raises ConflictError where the workflow is archived, there is no such version, or too little was
    kept; FaultsError where the version cannot start at the node that the request came to.
    """
    require_startable(request.endpoint.workflow)
    version, node = _version(request, which), request.endpoint.node_id
    if faults := start_faults(graph_of(version.graph_json), node, "version"):
        raise FaultsError(faults, "The version cannot start where the request came in.")
    items = _items(request)
    user = by.as_user.pk if by and by.as_user else None
    with transaction.atomic():
        # Held, so that the clean-up does not take it before the run is linked to it.
        WebhookRequest.objects.select_for_update().only("pk").get(pk=request.pk)
        run = create_run(version, RunRequest(Trigger.WEBHOOK, node, items, triggered_by=user))
        if request.run_id is not None:
            give_files(request.run_id, run, items)
        else:
            own_files(run, items)
        WebhookReplay.objects.create(workspace_id=run.workspace_id, request=request, run=run)
        record("hook_request.replay", request, by=by, run=str(run.pk), version=version.version)
    return run


def _version(request: WebhookRequest, which: Which) -> WorkflowVersion:
    if which == "same":
        if request.run is None:
            raise ConflictError("no_run", "The request has no run whose version is known.")
        return request.run.version
    workflow = request.endpoint.workflow
    if workflow.version is None:
        raise ConflictError("not_published", "The workflow has no published version.")
    return workflow.versions.get(version=workflow.version)


def _items(request: WebhookRequest) -> list[Json]:
    """What the first run was given; where it is gone, what the request says by itself."""
    if request.run is not None:
        return trigger_items(request.run)
    if not request.is_body_kept:
        sentence = f"The body, {request.size:,} bytes, was larger than what the inbox keeps."
        raise ConflictError("body_not_kept", sentence)
    stored = stored_request(request)
    try:
        with Spool.of(stored.body) as body:
            content = read_upload(stored.headers, body, request.workspace_id)
    except RefusedError as refused:
        # A secret that was hidden in it was a part of its form.
        raise ConflictError(refused.code, refused.message) from None
    return [item_of(stored, request.params or {}, content)]
