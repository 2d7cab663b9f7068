"""The inbox: requests as they came, kept to be looked at and replayed."""

import re
from uuid import UUID

from apps.runs.models import Run
from apps.runs.payloads import payload_if_large
from apps.triggers.hooks.request import HIDDEN, HookRequest
from apps.triggers.models import WebhookRequest

_SECRET_NAME = re.compile(r"authorization|cookie|api-?key|token|secret|passw")


def kept_request(request: HookRequest, endpoint: UUID, run: Run) -> WebhookRequest:
    """The row of a request that makes a run, not yet inserted.

    Headers that bear secrets are hidden; a body that is too large for a row is a payload.
    """
    payload = payload_if_large(run.workspace_id, request.body)
    return WebhookRequest(
        workspace_id=run.workspace_id,
        endpoint_id=endpoint,
        run=run,
        method=request.method,
        path=request.path,
        query=request.query,
        headers={
            name: HIDDEN if _SECRET_NAME.search(name) else value
            for name, value in request.headers.items()
        },
        body=request.body if payload is None else b"",
        body_payload_id=payload,
        size=len(request.body),
        address=request.address,
    )
