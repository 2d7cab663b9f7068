"""Credentials of HTTP requests: how each type of secret is put on one."""

import base64
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from apps.engine.errors import NodeError
from apps.nodes.credential_values import is_allowed_host
from apps.nodes.outside.egress import parse_url
from apps.nodes.outside.http import Http, with_query
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.vault import Credential

HTTP_CREDENTIALS = (
    "http_bearer",
    "http_basic",
    "http_header",
    "http_headers",
    "http_query",
    "oauth2_client",
)
_ANY_URL = re.compile(r"(?i)[a-z]+://\S*[^\s:.'\"]")


class Sender(Protocol):
    """Who sends requests with credentials: a step, or the look of a trigger."""

    @property
    def http(self) -> Http: ...

    def credential(self, id: str, types: Sequence[str]) -> Credential:
        """Reveal a secret."""

    def renewed(self, id: str, types: Sequence[str], refused: Credential) -> Credential:
        """Reveal it with another token than that which its service refused."""


def send_authorised(
    ctx: Sender, id: str | None, method: str, url: str, **options: Any
) -> HttpResponse:
    """Send a request (`Http.request`) with the credential of that id on it, or with none.

    Its `allowed_hosts` hold at each redirect too. A token that is refused (401) is renewed once,
    and the request sent again: the same one, with the same key.
    """
    http = ctx.http
    if id is None:
        return http.request(method, url, **options)
    key = http.next_key()

    def send(credential: Credential) -> HttpResponse:
        target, secrets = authorised(credential, url)
        return http.request(
            method,
            target,
            key=key,
            secrets=secrets,
            vet=lambda url: require_allowed_host(credential, url),
            **options,
        )

    credential = ctx.credential(id, HTTP_CREDENTIALS)
    response = send(credential)
    if response.status != 401 or credential.type != "oauth2_client":
        return response
    http.release(response)
    return send(ctx.renewed(id, HTTP_CREDENTIALS, credential))


def authorised(credential: Credential, url: str) -> tuple[str, dict[str, str]]:
    """How the secret is put on a request: its URL, and the headers that bear the secret.

    Raises NodeError: invalid_url, credential_refused where it may not go to that host.
    """
    values = credential.values
    require_allowed_host(credential, url)
    try:
        if credential.type == "http_bearer":
            return url, {"Authorization": f"Bearer {values['token']}"}
        if credential.type == "oauth2_client":
            return url, {"Authorization": f"Bearer {values['access_token']}"}
        if credential.type == "http_basic":
            pair = f"{values['username']}:{values['password']}".encode()
            return url, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if credential.type == "http_header":
            return url, {values["name"]: values["value"]}
        if credential.type == "http_headers":
            return url, dict(values["headers"])
        return _with_secret(url, values["name"], values["value"]), {}
    except KeyError as error:
        raise NodeError(
            "credential_incomplete", f"The credential has no value “{error.args[0]}”."
        ) from None


def _with_secret(url: str, name: str, value: str) -> str:
    """The URL with the secret in its query, once: that of a next page often bears it already."""
    if (name, value) in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        return url
    return with_query(url, [(name, value)])


def require_allowed_host(credential: Credential, url: str) -> None:
    """Refuse to send a credential to a host that is none of its `allowed_hosts`."""
    host = parse_url(url).host
    if not is_allowed_host(credential.values.get("allowed_hosts", ()), host):
        raise NodeError(
            "credential_refused",
            f"This credential may not be sent to “{host}”.",
            "The hosts that it may be sent to are listed in the credential.",
        )


@contextmanager
def secret_url(name: str) -> Iterator[None]:
    """For a request whose URL is the secret itself: no error tells it, in whatever spelling."""
    try:
        yield
    except NodeError as error:
        told = _ANY_URL.sub(name, error.message)
        raise NodeError(error.code, told, error.hint, retryable=error.retryable) from None
