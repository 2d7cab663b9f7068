"""What a request to `/hooks/…` does: find whose it is, make a run, answer."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.engine.items import Json
from apps.runs.create import RunRequest, create_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.body import UnreadableBodyError, as_object, read_body
from apps.triggers.models import WebhookEndpoint
from apps.versions.models import WorkflowVersion


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request as it came."""

    method: str
    path: str
    """Behind `/hooks/`."""
    query: str
    headers: dict[str, str]
    body: bytes


class RefusedError(Exception):
    """The request makes no run: with the HTTP status, a code, a sentence and headers."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def receive(request: HookRequest) -> Run:
    """Make the run that this request starts; durable when this returns. Raises RefusedError."""
    endpoint = _endpoint(request)
    number = endpoint.workflow.version
    assert number is not None  # a workflow whose endpoint is live is published
    version = WorkflowVersion.objects.get(workflow_id=endpoint.workflow_id, version=number)
    item = {"json": _json(request)}
    with transaction.atomic():
        return create_run(version, RunRequest(Trigger.WEBHOOK, endpoint.node_id, [item]))


def _endpoint(request: HookRequest) -> WebhookEndpoint:
    live = list(
        WebhookEndpoint.objects.filter(path=request.path, is_live=True).select_related("workflow")
    )
    for endpoint in live:
        if endpoint.method == request.method:
            return endpoint
    if live:
        allowed = ", ".join(sorted(endpoint.method for endpoint in live))
        sentence = f"This address takes {allowed}, not {request.method}."
        raise RefusedError(405, "method_not_allowed", sentence, Allow=allowed)
    raise RefusedError(404, "unknown_hook", "No active workflow listens at this address.")


def _json(request: HookRequest) -> dict[str, Any]:
    try:
        body: Json = read_body(
            request.body,
            request.headers.get("content-type", ""),
            request.headers.get("content-encoding", "").strip().lower(),
        )
    except UnreadableBodyError as error:
        raise RefusedError(error.status, error.code, error.message) from None
    return {
        "headers": request.headers,
        "params": {},
        "query": as_object(request.query),
        "body": body,
        "method": request.method,
        "path": request.path,
    }
