"""OAuth2 as a client speaks it: where a person consents, and how tokens are asked for.

Requests go over `Http` like all others; authlib writes them. No error tells a token or a secret.
"""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from apps.engine.encoding import NotJsonError
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.http import RETRYABLE, Http
from apps.nodes.outside.http_answer import HttpResponse

REQUEST_S = 15.0
MAX_ANSWER = 256 * 1024
MAX_TOKEN = 16 * 1024
LONGEST = timedelta(days=3_650)
MARGIN = timedelta(minutes=1)
_ERROR = re.compile(r"[\w.:-]{1,64}")
_FOR_A_WHILE = {"temporarily_unavailable", "server_error", "slow_down"}
_TOKEN_SIGNS = frozenset(string.ascii_letters + string.digits + string.punctuation)
_FORM = "application/x-www-form-urlencoded"

Values = Mapping[str, Any]
"""Those of the credential type `oauth2_client`."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an authorization server gave: `expires_at` None where it did not say until when."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    renew_at: datetime | None = None
    """A while before, but never most of a short life."""

    def is_fresh(self, now: datetime) -> bool:
        return self.renew_at is None or now < self.renew_at

    def is_valid(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def consent_url(values: Values, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where a person consents; what the authorization URL has in its query is kept."""
    url: str = prepare_grant_uri(
        values["authorize_url"],
        values["client_id"],
        "code",
        redirect_uri=redirect_uri,
        scope=values["scope"],
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    return url


def by_client(http: Http, values: Values, now: datetime) -> Tokens:
    """Ask for a token in the program's own name (client credentials)."""
    fields = {"grant_type": "client_credentials", "scope": values["scope"]}
    return _ask(http, values, fields, now)


def by_code(
    http: Http, values: Values, now: datetime, *, code: str, verifier: str, redirect_uri: str
) -> Tokens:
    """Redeem the code that a person's consent gave, which works once."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return _ask(http, values, fields, now, hidden=(code, verifier))


def by_refresh(http: Http, values: Values, now: datetime, *, refresh_token: str) -> Tokens:
    """Renew: a refresh token that comes with it replaces the old one, else that stays."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    tokens = _ask(http, values, fields, now, hidden=(refresh_token,))
    return tokens if tokens.refresh_token else replace(tokens, refresh_token=refresh_token)


def _ask(
    http: Http,
    values: Values,
    fields: Mapping[str, str],
    now: datetime,
    hidden: tuple[str, ...] = (),
) -> Tokens:
    """Send one request for tokens.

    Raises NodeError: oauth_refused with the server's reason, oauth_bad_answer, and what `Http`
    raises.
    """
    url = values["token_url"]
    headers, body = _signed(values, prepare_token_request(**fields))
    proof = headers.get("Authorization", "").removeprefix("Basic ")
    http.hide(filter(None, (*hidden, values["client_secret"], proof)))
    response = http.request(
        "POST",
        url,
        headers={"Content-Type": _FORM, "Accept": "application/json"},
        secrets=headers,
        content=body.encode(),
        timeout_s=REQUEST_S,
        max_redirects=0,  # what it bears is for this address alone
        max_bytes=MAX_ANSWER,
    )
    http.release(response)
    answer = _read(response)
    if not 200 <= response.status < 300 or "error" in answer:
        raise _refusal(http, response, answer, url)
    return _tokens(answer, url, now)


def _signed(values: Values, body: str) -> tuple[dict[str, str], str]:
    """The request with the client's id and secret where its server wants them."""
    way = "client_secret_basic" if values["client_auth"] == "header" else "client_secret_post"
    client = ClientAuth(
        values["client_id"], values["client_secret"], way if values["client_secret"] else "none"
    )
    headers: dict[str, str] = {}
    try:
        _, headers, body = client.prepare("POST", values["token_url"], headers, body)
    except UnicodeEncodeError:
        raise NodeError(
            "credential_incomplete",
            "The client's id and secret hold letters that no header can bear.",
            "Send them in the body, if the server takes them there.",
        ) from None
    return headers, body


def _read(response: HttpResponse) -> dict[str, Json]:
    """The answer's names and values; some servers write a form all the same."""
    if response.media_type == _FORM:
        try:
            return dict(parse_qsl(response.text, max_num_fields=100))
        except ValueError:
            return {}
    try:
        answer = response.json()
    except NotJsonError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(http: Http, response: HttpResponse, answer: Mapping[str, Json], url: str) -> NodeError:
    told = answer.get("error")
    error = told if isinstance(told, str) and _ERROR.fullmatch(told) else ""
    why = answer.get("error_description")
    # Before it is cut: nobody finds half a secret.
    why = _on_one_line(http.masked(why)) if error and isinstance(why, str) else ""
    reason = f"{error}: {why}" if why else error or f"status {response.status}"
    hint = {
        "invalid_grant": "Authorize the credential again.",
        "invalid_client": "Look at its client id and secret, and where they are sent.",
    }
    return NodeError(
        "oauth_refused",
        f"{told_url(url)} gave no token ({reason.rstrip('.')}).",
        hint.get(error),
        retryable=response.status in RETRYABLE or error in _FOR_A_WHILE,
    )


def _on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _tokens(answer: Mapping[str, Json], url: str, now: datetime) -> Tokens:
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    kind = answer.get("token_type", "bearer")
    if not _is_token(access) or not (isinstance(kind, str) and kind.lower() == "bearer"):
        raise NodeError(
            "oauth_bad_answer", f"The answer of {told_url(url)} holds no bearer token to use."
        )
    lifetime = _lifetime(answer.get("expires_in"))
    return Tokens(
        access,
        refresh if _is_token(refresh) else "",
        None if lifetime is None else now + lifetime,
        None if lifetime is None else now + lifetime - min(MARGIN, lifetime / 5),
    )


def _is_token(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= MAX_TOKEN and _TOKEN_SIGNS.issuperset(value)


def _lifetime(told: Json) -> timedelta | None:
    """For how long a token is good; None where that is not told, or not to be believed."""
    try:
        seconds = float(told)
    except (TypeError, ValueError, OverflowError):
        return None
    if isinstance(told, bool) or not 0 < seconds <= LONGEST.total_seconds():
        return None
    return timedelta(seconds=seconds)
