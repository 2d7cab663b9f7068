"""Whose form it is: what a path shows, and to whom."""

from dataclasses import dataclass
from functools import lru_cache
from secrets import token_urlsafe
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from apps.nodes.forms.params import FormParams
from apps.nodes.webhooks.params import WebhookParams
from apps.runs.create import VersionRef
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.addresses import Kind, live_endpoints, written_params
from apps.triggers.hooks.door import check_sender
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
    asked = HookRequest(str(request.method), (), "", headers, b"")
    check_sender(asked, door, form.version.workspace_id, None)


def new_page(form: LiveForm) -> str:
    """What tells a page of a form from each other that is shown, and that it was shown."""
    return _signer(form).sign(token_urlsafe(16))


def check_page(request: HttpRequest, form: LiveForm, page: str) -> None:
    """Raise RefusedError where a browser, which sends a password by itself, was made to send a form
    by a page of somebody else."""
    if form.params.authentication == "none" or "Origin" not in request.headers:
        return
    try:
        _signer(form).unsign(page)
    except BadSignature:
        sentence = "This was not sent from the page of the form. Open that, and fill it in there."
        raise RefusedError(403, "unknown_page", sentence) from None


def _signer(form: LiveForm) -> Signer:
    return Signer(salt=f"flowforge.forms.{form.endpoint}", sep=".")
