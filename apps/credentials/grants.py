"""The tokens of OAuth2 credentials: kept sealed, renewed by one at a time, never lost."""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils import timezone

from apps.credentials.models import Credential, OAuthGrant
from apps.credentials.patience import patiently
from apps.credentials.seal import UnreadableError, seal, unseal
from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import services
from apps.nodes.lone_attempt import lone_attempt, lone_http
from apps.nodes.outside.http import Http
from apps.nodes.outside.oauth2 import REQUEST_S, Tokens, Values, by_client, by_refresh
from apps.workspaces.lent import database_lent

logger = logging.getLogger(__name__)

TURN = timedelta(seconds=60)
"""Longer than any request for tokens and the patience to store them."""
STORED_WITHIN_S = 30.0
READ_WITHIN_S = 10.0
WAIT_S = 30.0
LOOK_S = 0.2
_ASKED = ("grant", "authorize_url", "token_url", "client_id", "scope", "allowed_hosts")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a credential's tokens: none that were given for other values."""

    tokens: Tokens | None
    generation: int


def access_token(
    credential: Credential,
    values: Values,
    *,
    refused: str | None = None,
    check: Callable[[], None] = lambda: None,
) -> str:
    """The token to send now: renewed where it is near its end, or is the one that was refused.

    Of many that ask at once, in whatever process, one renews and the others wait for what it
    stores, as long as `check` raises nothing.

    Raises NodeError: oauth_not_authorized, oauth_refused, oauth_busy, and what requests raise.
    """
    give_up_at = time.monotonic() + WAIT_S
    while True:
        kept = kept_tokens(credential, values)
        now = timezone.now()
        if kept.tokens and kept.tokens.is_fresh(now) and kept.tokens.access_token != refused:
            return kept.tokens.access_token
        turn = _take_turn(credential)
        if turn is not None:
            return _renewed(credential, values, turn, refused)
        if kept.tokens and kept.tokens.is_valid(now) and kept.tokens.access_token != refused:
            return kept.tokens.access_token  # good for a moment more, while another renews it
        if time.monotonic() > give_up_at:
            raise NodeError(
                "oauth_busy",
                f"The tokens of the credential “{credential}” are being renewed, and take long.",
                retryable=True,
            )
        check()
        time.sleep(LOOK_S)


def kept_tokens(credential: Credential, values: Values) -> Kept:
    """What is stored of the tokens that these values were given."""
    with database_lent():
        grant = patiently(
            lambda: OAuthGrant.objects.filter(pk=credential.pk).first(), READ_WITHIN_S
        )
    if grant is None or not grant.sealed or grant.asked_as != _asked_as(values):
        return Kept(None, grant.generation if grant else 0)
    try:
        return Kept(_read(unseal(grant)), grant.generation)
    except UnreadableError:
        return Kept(None, grant.generation)


def store_tokens(
    credential: Credential, values: Values, tokens: Tokens, *, generation: int | None = None
) -> bool:
    """Keep tokens; with a generation only if nobody stored others meanwhile. Says whether it did.

    Waits for a database that is away: an authorization server may have made the tokens before
    useless already.
    """
    grant = OAuthGrant(credential=credential, workspace_id=credential.workspace_id)
    seal(grant, _written(tokens))
    change: dict[str, Any] = {
        "sealed": grant.sealed,
        "key_id": grant.key_id,
        "asked_as": _asked_as(values),
        "obtained_at": timezone.now(),
        "generation": F("generation") + 1,
        "renewing_by": None,
        "renewing_until": None,
    }

    def update() -> int:
        _make_row(credential)
        rows = OAuthGrant.objects.filter(pk=credential.pk)
        if generation is not None:
            rows = rows.filter(generation=generation)
        return rows.update(**change)

    with database_lent():
        return bool(patiently(update, STORED_WITHIN_S))


def _renewed(credential: Credential, values: Values, turn: UUID, refused: str | None) -> str:
    """Renew the tokens in one's turn, and end it whatever comes of that."""
    try:
        kept = kept_tokens(credential, values)  # who had the turn before may have renewed them
        now = timezone.now()
        if kept.tokens and kept.tokens.is_fresh(now) and kept.tokens.access_token != refused:
            return kept.tokens.access_token
        try:
            tokens = _asked_for(credential, values, kept.tokens, now)
        except NodeError as error:
            is_good = kept.tokens and kept.tokens.is_valid(timezone.now())
            if error.retryable and kept.tokens and is_good and kept.tokens.access_token != refused:
                return kept.tokens.access_token  # its margin is for days like this
            raise
        try:
            store_tokens(credential, values, tokens, generation=kept.generation)
        except (OperationalError, InterfaceError):
            logger.exception("new tokens of the credential %s could not be stored", credential.pk)
        return tokens.access_token
    finally:
        _end_turn(credential, turn)


def _asked_for(
    credential: Credential, values: Values, tokens: Tokens | None, now: datetime
) -> Tokens:
    if values["grant"] == "client_credentials":
        return ask(lambda http: by_client(http, values, now))
    if tokens is None or not tokens.refresh_token:
        gone = "has not been authorized" if tokens is None else "is authorized no longer"
        raise NodeError(
            "oauth_not_authorized",
            f"The credential “{credential}” {gone}.",
            "Open it and authorize it: its service asks a person to consent.",
        )
    token = tokens.refresh_token
    return ask(lambda http: by_refresh(http, values, now, refresh_token=token))


def ask(work: Callable[[Http], Tokens]) -> Tokens:
    """Ask an authorization server, over connections that the egress policy vets.

    No error tells what it was sent: whoever tries a credential out reads that.
    """
    with lone_attempt(REQUEST_S) as attempt:
        http = lone_http(services(), attempt)
        try:
            return work(http)
        except RevokedError:
            told = f"The authorization server did not answer within {REQUEST_S:g} s."
            raise NodeError("timeout", told, retryable=True) from None
        except NodeError as error:
            raise attempt.masker.error(error) from None
        finally:
            http.close()


def _take_turn(credential: Credential) -> UUID | None:
    """Whoever takes the turn is the only one to ask, until it ends or has lasted too long."""
    turn = uuid4()

    def take() -> int:
        _make_row(credential)
        now = timezone.now()
        is_free = Q(renewing_until=None) | Q(renewing_until__lt=now)
        is_ours = Q(renewing_by=turn)  # taken, but the database was away before it said so
        rows = OAuthGrant.objects.filter(is_free | is_ours, pk=credential.pk)
        return rows.update(renewing_by=turn, renewing_until=now + TURN)

    with database_lent():
        return turn if patiently(take, READ_WITHIN_S) else None


def _end_turn(credential: Credential, turn: UUID) -> None:
    try:
        with database_lent():
            OAuthGrant.objects.filter(pk=credential.pk, renewing_by=turn).update(
                renewing_by=None, renewing_until=None
            )
    except (OperationalError, InterfaceError) as error:
        logger.warning("the turn to renew a credential ends by itself: %s", error)


def _make_row(credential: Credential) -> None:
    try:
        OAuthGrant.objects.get_or_create(
            credential=credential, defaults={"workspace_id": credential.workspace_id}
        )
    except IntegrityError:
        raise NodeError(
            "credential_unavailable", f"The credential “{credential}” was deleted meanwhile."
        ) from None


def _asked_as(values: Values) -> str:
    """Tokens count only for who was asked, for what, as whom: a hash of that."""
    text = json.dumps([values[name] for name in _ASKED])
    return hashlib.sha256(text.encode()).hexdigest()


def _written(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_at": tokens.expires_at and tokens.expires_at.isoformat(),
        "renew_at": tokens.renew_at and tokens.renew_at.isoformat(),
    }


def _read(written: Mapping[str, Any]) -> Tokens:
    times = {
        name: written[name] and datetime.fromisoformat(written[name])
        for name in ("expires_at", "renew_at")
    }
    return Tokens(written["access_token"], written["refresh_token"], **times)
