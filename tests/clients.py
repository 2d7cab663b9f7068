"""Asks the API as a client would: JSON in and out, as somebody or nobody."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.engine.encoding import encode
from apps.workspaces.models import User

BASE = "/api/v1"


class ApiClient:
    """A browser session of a user, a program with an API key's text, or nobody."""

    def __init__(self, who: User | str | None = None) -> None:
        self.django = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if isinstance(who, User):
            self.django.force_login(who)
        elif who:
            self.headers["Authorization"] = f"Bearer {who}"

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        content_type: str = "application/json",
    ) -> HttpResponse:
        """Send a request; a body of bytes goes as it is, any other as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        return self.django.generic(
            method,
            path if path.startswith("/") else f"{BASE}/{path}",
            data,
            content_type=content_type,
            headers=self.headers | (headers or {}),
        )

    def get(self, path: str, **options: Any) -> HttpResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> HttpResponse:
        return self.send("DELETE", path, **options)


def faults(response: HttpResponse) -> list[tuple[str, str]]:
    """Path and code of each fault of a problem."""
    assert response["Content-Type"] == "application/problem+json"
    return [(fault["path"], fault["code"]) for fault in response.json()["errors"]]
