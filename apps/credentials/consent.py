"""A person consents: from here to the authorization server and back, in one browser session."""

import hashlib
import secrets
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.credentials.grants import ask, store_tokens
from apps.credentials.models import Credential
from apps.credentials.vault import opened
from apps.engine.errors import FlowForgeError, NodeError
from apps.nodes.outside.oauth2 import by_code, consent_url
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal

BY_CONSENT = "oauth2_client"
"""The one type to whose use a person may have to consent."""

CALLBACK = "/api/v1/oauth/callback"
PENDING = "oauth_pending"
PENDING_FOR_S = 600
MOST_PENDING = 5

Session = MutableMapping[str, Any]


class ConsentError(FlowForgeError):
    """What came back from an authorization server is not what this session waits for."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An answer that a session waits for."""

    credential: str
    revision: int
    verifier: str = field(repr=False)
    until: float
    back_to: str = ""
    """The page that the person comes back to; empty: one that says what came of it."""


def redirect_uri() -> str:
    """The one address to which authorization servers send people back."""
    return f"{settings.PUBLIC_URL}{CALLBACK}"


def is_by_consent(credential: Credential) -> bool:
    """Whether a person has to consent before it can be used."""
    grant = credential.public_values.get("grant", "authorization_code")
    return credential.type == BY_CONSENT and grant == "authorization_code"


def begin_consent(
    credential: Credential, session: Session, *, by: Principal, back_to: str = ""
) -> str:
    """The URL at which the person is to consent; only this session can come back from there."""
    if by.as_user is None:
        raise ConflictError(
            "needs_a_person",
            "A person must consent in a browser, signed in to FlowForge there.",
            "Authorize the credential in the web app.",
        )
    if not is_by_consent(credential):
        raise ConflictError(
            "needs_no_consent", f"No person has to consent to the use of “{credential}”."
        )
    try:
        values = opened(credential).values
    except NodeError as error:
        raise ConflictError(error.code, error.message, error.hint) from None
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    pending = _pending(session)
    for oldest in sorted(pending, key=lambda each: pending[each].until)[: -MOST_PENDING + 1]:
        del pending[oldest]
    until = time.time() + PENDING_FOR_S
    pending[_place(state)] = Pending(
        str(credential.pk), credential.revision, verifier, until, back_to
    )
    _keep(session, pending)
    return consent_url(values, redirect_uri=redirect_uri(), state=state, verifier=verifier)


def take_pending(session: Session, state: str) -> Pending:
    """What this session waits for under a state: works once. Raises ConsentError."""
    pending = _pending(session)
    waited_for = pending.pop(_place(state), None)
    _keep(session, pending)
    if waited_for is None:
        raise ConsentError(
            "consent_unknown",
            "This session waits for no such answer: it came too late, a second time, or from "
            "elsewhere.",
            "Authorize the credential again.",
        )
    return waited_for


def finish_consent(
    credential: Credential,
    waited_for: Pending,
    answer: Mapping[str, str],
    *,
    by: Principal,
) -> None:
    """Redeem what the authorization server sent back with the person, and keep the tokens.

    Raises ConsentError, NodeError.
    """
    if credential.revision != waited_for.revision:
        raise ConsentError(
            "consent_stale",
            f"The credential “{credential}” was changed meanwhile.",
            "Authorize it again.",
        )
    if "code" not in answer or "error" in answer:
        told = "".join(c for c in answer.get("error", "")[:64] if c.isalnum() or c in "_.-")
        reason = f" It says: {told}." if told else ""
        raise ConsentError("consent_refused", f"The authorization server gave no consent.{reason}")
    values, now = opened(credential).values, timezone.now()
    if not connection.in_atomic_block:
        connection.close()  # others may have it while the server is asked
    tokens = ask(
        lambda http: by_code(
            http,
            values,
            now,
            code=answer["code"][:4_096],
            verifier=waited_for.verifier,
            redirect_uri=redirect_uri(),
        )
    )
    store_tokens(credential, values, tokens)
    with transaction.atomic():
        # What a test has found before says nothing of these tokens.
        rows = Credential.objects.filter(pk=credential.pk)
        rows.update(last_tested_at=None, last_test_error="")
        record("credential.authorize", credential, by=by)


def _pending(session: Session) -> dict[str, Pending]:
    kept = {place: Pending(**each) for place, each in session.get(PENDING, {}).items()}
    now = time.time()
    return {place: each for place, each in kept.items() if each.until > now}


def _keep(session: Session, pending: Mapping[str, Pending]) -> None:
    session[PENDING] = {place: asdict(each) for place, each in pending.items()}


def _place(state: str) -> str:
    """States are kept as hashes: who reads a session in the database can forge no answer."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()
