"""The door: whether a request may start a run at all, before its body is read."""

import logging
import threading
import time
from uuid import UUID

from apps.credentials.vault import open_for
from apps.engine.errors import NodeError
from apps.nodes.context import Credential
from apps.nodes.webhooks.authentication import check_sender, secret_header
from apps.nodes.webhooks.origins import is_within
from apps.nodes.webhooks.params import WebhookParams, credential_types
from apps.nodes.webhooks.signatures import SignatureError, Signed
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.hooks.request import HookRequest

logger = logging.getLogger(__name__)

KEPT_S = 5.0
"""How long a credential counts as it was: the vault is not asked for each request."""
MOST_KEPT = 1_000
_CHALLENGES = {
    "basic": {"WWW-Authenticate": 'Basic realm="hook", charset="UTF-8"'},
    "jwt": {"WWW-Authenticate": "Bearer"},
}


def admit(request: HookRequest, params: WebhookParams, workspace: UUID) -> frozenset[str]:
    """Let a request in; gives the headers, in small letters, that are secrets of its sender.

    Raises RefusedError.
    """
    if params.ip_allow and not is_within(request.address, params.ip_allow):
        sentence = "This hook does not listen to the address that it was sent from."
        raise RefusedError(403, "address_not_allowed", sentence)
    if params.authentication == "none":
        return frozenset()
    try:
        credential = _opened.credential(workspace, params)
    except NodeError as error:
        logger.error("a hook cannot check its senders: %s", error.message)
        sentence = "This hook cannot check who sends: its credential is not available."
        raise RefusedError(503, "credential_unavailable", sentence) from None
    try:
        check_sender(params, credential, Signed(request.headers, request.body, time.time()))
    except SignatureError as error:
        challenge = _CHALLENGES.get(params.authentication, {})
        raise RefusedError(401, "not_authenticated", str(error), **challenge) from None
    return frozenset((secret_header(params, credential),))


class _Opened:
    """Credentials of webhooks, kept for a moment. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[UUID, str, str], tuple[float, Credential]] = {}

    def credential(self, workspace: UUID, params: WebhookParams) -> Credential:
        """The credential that the params name. Raises NodeError."""
        key = (workspace, params.credential, params.authentication)
        until, credential = self._kept.get(key, (0.0, None))
        if credential is None or time.monotonic() > until:
            types = credential_types(params.authentication)
            _, credential = open_for(workspace, params.credential, types)
            with self._lock:
                while len(self._kept) >= MOST_KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[key] = (time.monotonic() + KEPT_S, credential)
        return credential


_opened = _Opened()
