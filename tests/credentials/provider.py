"""A small authorization server with an API behind it: strict, and with refresh tokens that turn."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from apps.nodes.context import Services, services
from apps.nodes.outside.egress import EgressPolicy
from tests.nodes.servers import LocalServer, Reply, Seen, serving

CLIENT, SECRET = "the-client", "the-client-s3cret"


@dataclass
class Provider:
    """Gives codes and tokens, each once; what it was asked stands in `asked`."""

    redirect_uri: str = ""
    lifetime_s: int | None = 3600
    rotates: bool = True
    refusal: Reply | None = None
    """The answer to all requests for tokens, where it is set."""
    asked: list[dict[str, str]] = field(default_factory=list)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    before_token: Any = None
    server: LocalServer = field(init=False)
    _lock: Any = field(default_factory=threading.Lock)

    def __call__(self, seen: Seen) -> Reply:
        path = urlsplit(seen.path).path
        if path == "/authorize":
            return self._authorize(seen)
        if path == "/token":
            return self._token(seen)
        token = (seen.header("authorization") or "").removeprefix("Bearer ")
        return told({"ok": True}) if token in self.access else told({"error": "who"}, 401)

    def values(self, grant: str = "authorization_code", **more: Any) -> dict[str, Any]:
        """Of a credential for this server."""
        return {
            "grant": grant,
            "authorize_url": f"{self.server.url}/authorize?audience=all",
            "token_url": f"{self.server.url}/token",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "read write",
            **more,
        }

    def api_calls(self) -> list[Seen]:
        return [seen for seen in self.server.seen if seen.path.startswith("/api")]

    def consented(self, url: str) -> dict[str, str]:
        """What the server sends back with a person who consents at this URL."""
        address = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=5)
        address.request("GET", url.removeprefix(self.server.url))
        location = address.getresponse().headers["Location"]
        address.close()
        assert location.startswith(f"{self.redirect_uri}?")
        return {name: only for name, [only] in parse_qs(urlsplit(location).query).items()}

    def _authorize(self, seen: Seen) -> Reply:
        asked = {name: only for name, [only] in parse_qs(urlsplit(seen.path).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.redirect_uri
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert (asked["scope"], asked["audience"]) == ("read write", "all")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked["code_challenge"]
        back = urlencode({"code": code, "state": asked["state"]})
        return Reply(302, {"Location": f"{self.redirect_uri}?{back}"})

    def _token(self, seen: Seen) -> Reply:
        asked = {name: only for name, [only] in parse_qs(seen.body.decode()).items()}
        with self._lock:
            self.asked.append(asked)
        if self.before_token:
            self.before_token()
        if self.refusal:
            return self.refusal
        basic = f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        in_body = (asked.get("client_id"), asked.get("client_secret"))
        if seen.header("authorization") != basic and in_body != (CLIENT, SECRET):
            return told({"error": "invalid_client"}, 401)
        with self._lock:
            return self._granted(asked)

    def _granted(self, asked: dict[str, str]) -> Reply:
        if asked["grant_type"] == "authorization_code":
            challenge = self.codes.pop(asked["code"], None)
            digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
            proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            if proof != challenge or asked["redirect_uri"] != self.redirect_uri:
                return told({"error": "invalid_grant"}, 400)
        elif asked["grant_type"] == "refresh_token":
            if asked["refresh_token"] not in self.refresh:
                return told({"error": "invalid_grant", "error_description": "used"}, 400)
            if self.rotates:
                self.refresh.remove(asked["refresh_token"])
        token = f"access-{secrets.token_hex(8)}"
        self.access.add(token)
        given: dict[str, Any] = {"access_token": token, "token_type": "Bearer"}
        if self.lifetime_s is not None:
            given["expires_in"] = self.lifetime_s
        if asked["grant_type"] != "client_credentials" and (
            self.rotates or asked["grant_type"] == "authorization_code"
        ):
            given["refresh_token"] = f"refresh-{secrets.token_hex(8)}"
            self.refresh.add(given["refresh_token"])
        return told(given)


def told(value: Any, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(value).encode())


def reaching(*providers: Provider) -> Services:
    """Services that may reach these servers and no other."""
    allowed = [f"127.0.0.1:{provider.server.port}" for provider in providers]
    return replace(services(), egress=EgressPolicy(allowed))


@contextmanager
def providing(**fields: Any) -> Iterator[Provider]:
    """A provider for the length of a test."""
    provider = Provider(**fields)
    with serving(provider) as server:
        provider.server = server
        yield provider
