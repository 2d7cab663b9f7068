"""Whose form it is: what a path shows, and to whom."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest

from apps.nodes.forms.params import FormParams
from apps.nodes.webhooks.params import WebhookParams
from apps.runs.create import VersionRef
from apps.triggers.hooks.addresses import Kind, live_endpoints, written_params
from apps.triggers.hooks.door import check_sender
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.hooks.request import HookRequest


@dataclass(frozen=True, slots=True)
class LiveForm:
    """The form of an active workflow."""

    endpoint: UUID
    version: VersionRef
    node_id: str
    params: FormParams


def form_at(path: str) -> LiveForm:
    """The form at a path. Raises RefusedError."""
    if path.isascii() and path.isprintable():
        for endpoint in live_endpoints(Kind.FORM, {path}).get(path, ()):
            params = form_params(endpoint.version.pk, endpoint.node_id)
            return LiveForm(endpoint.id, endpoint.version, endpoint.node_id, params)
    raise RefusedError(404, "form_closed", "This form is closed, or there is none here.")


@lru_cache(maxsize=256)
def form_params(version: UUID, node: str) -> FormParams:
    """The parameters of a form, read once: a version never changes."""
    return FormParams.model_validate(written_params(version, node))


def check_visitor(request: HttpRequest, form: LiveForm) -> None:
    """Raise RefusedError where the form is for others."""
    door = WebhookParams(
        authentication=form.params.authentication, credential=form.params.credential
    )
    headers = {name.lower(): value for name, value in request.headers.items()}
    asked = HookRequest(str(request.method), request.path, "", headers, b"")
    check_sender(asked, door, form.version.workspace_id, None)
