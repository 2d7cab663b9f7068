"""The door: whether a request may start a run at all, before its body is read."""

import logging
import re
import threading
import time
from collections.abc import Sequence
from uuid import UUID

from apps.credentials.vault import open_for
from apps.engine.errors import NodeError
from apps.engine.masking import Masker
from apps.nodes.vault import Credential
from apps.nodes.webhooks.authentication import authenticate, secret_header
from apps.nodes.webhooks.origins import is_within, shared_with
from apps.nodes.webhooks.params import WebhookParams, credential_types
from apps.nodes.webhooks.signatures import Pieces, SignatureError, Signed
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.addresses import Endpoint
from apps.triggers.hooks.answer import HookAnswer
from apps.triggers.hooks.listen import Listening
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.secrets import NO_SECRETS, Secrets

logger = logging.getLogger(__name__)

KEPT_S = 5.0
"""How long a credential counts as it was: the vault is not asked for each request."""
MOST_KEPT = 1_000
PREFLIGHT_S = 600
"""How long a browser may keep what it was told of whom it may ask."""
_NAMES = re.compile(r"[A-Za-z0-9_, -]{0,1000}")
_CHALLENGES = {
    "basic": {"WWW-Authenticate": 'Basic realm="hook", charset="UTF-8"'},
    "jwt": {"WWW-Authenticate": "Bearer"},
}


def preflight(request: HookRequest, live: Sequence[Endpoint | Listening]) -> HookAnswer | None:
    """What a browser is told that asks whether its page may send; None where it asks nothing, or
    the page may not."""
    if request.method != "OPTIONS":
        return None
    method = request.headers.get("access-control-request-method", "")
    for endpoint in live:
        if endpoint.method == method:
            shared = shared_with(request.origin, endpoint.params.cors_origins)
            names = request.headers.get("access-control-request-headers", "")
            if "access-control-allow-origin" in shared and _NAMES.fullmatch(names):
                more = {
                    "access-control-allow-methods": method,
                    "access-control-allow-headers": names,
                    "access-control-max-age": str(PREFLIGHT_S),
                }
                return HookAnswer(204, headers=shared | more)
    return None


def check_address(request: HookRequest, params: WebhookParams) -> None:
    """Raise RefusedError where the request comes from elsewhere than it may."""
    if params.ip_allow and not is_within(request.address, params.ip_allow):
        sentence = "This hook does not listen to the address that it was sent from."
        raise RefusedError(403, "address_not_allowed", sentence)


def check_sender(
    request: HookRequest, params: WebhookParams, workspace: UUID, body: bytes | Pieces | None
) -> Secrets:
    """Let a request in; gives what of it nobody may see. A signature of a `body` of None, which is
    still to come, is not looked at.

    Raises RefusedError.
    """
    is_signed = params.authentication not in ("none", "basic", "header", "jwt")
    if params.authentication == "none" or (is_signed and body is None):
        return NO_SECRETS
    try:
        credential, masker = _opened.credential(workspace, params)
    except NodeError as error:
        logger.error("a hook cannot check its senders: %s", error.message)
        sentence = "This hook cannot check who sends: its credential is not available."
        raise RefusedError(503, "credential_unavailable", sentence) from None
    try:
        authenticate(params, credential, Signed(request.headers, body or b"", time.time()))
    except SignatureError as error:
        challenge = _CHALLENGES.get(params.authentication, {})
        raise RefusedError(401, "not_authenticated", str(error), **challenge) from None
    header = secret_header(params, credential)
    return Secrets(frozenset((header,)), masker)


class _Opened:
    """Credentials of webhooks, kept for a moment. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[UUID, str, str], tuple[float, Credential, Masker]] = {}

    def credential(self, workspace: UUID, params: WebhookParams) -> tuple[Credential, Masker]:
        """The credential that the params name, and what hides its secrets. Raises NodeError."""
        key = (workspace, params.credential, params.authentication)
        kept = self._kept.get(key)
        if kept is None or time.monotonic() > kept[0]:
            types = credential_types(params.authentication)
            _, credential = open_for(workspace, params.credential, types)
            now = time.monotonic()
            kept = (now + KEPT_S, credential, Masker(credential.secrets))
            with self._lock:
                self._forget(now)
                self._kept.pop(key, None)  # so that the eldest are first
                self._kept[key] = kept
        return kept[1:]

    def _forget(self, now: float) -> None:
        """Keep no secret for longer than it counts."""
        for key, (until, *_) in list(self._kept.items()):
            if until > now and len(self._kept) < MOST_KEPT:
                break
            del self._kept[key]


_opened = _Opened()
