"""Tells browsers to come over TLS only, where PUBLIC_URL says that they do."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

A_YEAR_S = 31_536_000


class StrictTransportMiddleware:
    """Django's own sends the header only on requests that are TLS, and here the proxy ends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.IS_HTTPS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer["Strict-Transport-Security"] = f"max-age={A_YEAR_S}"
        return answer
