"""What is shown to somebody outside: plain pages that a browser lets do nothing but be sent."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from apps.engine.errors import Fault
from apps.triggers.hooks.errors import RefusedError
from apps.workspaces.problems import CONTENT_TYPE, problem

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;"
    "color:#1f2430;background:#fff}"
    "h1{font-size:1.5rem;line-height:1.25}"
    ".told{white-space:pre-wrap;overflow-wrap:anywhere}"
    "label{display:block;font-weight:600}"
    "textarea{width:100%;box-sizing:border-box;font:inherit;padding:.5rem}"
    "button{font:inherit;padding:.5rem 1.25rem;margin:1rem .5rem 0 0;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{color:#e8eaf0;background:#16181f}}"
)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": "sandbox allow-forms; default-src 'none'; "
    f"style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""The address is the right: it must not be told to others, nor kept."""


def page(template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page that anybody may see who has its address."""
    # Without the request: a page of somebody outside touches no session.
    content = render_to_string(f"waits/{template}", {**context, "style": STYLE})
    return HttpResponse(content, status=status, headers=HEADERS)


def refusal(request: HttpRequest, refused: RefusedError) -> HttpResponse:
    """Why there is no other answer: as a page to people, as a problem to programs."""
    headers = {**HEADERS, **refused.headers}
    if is_person(request):
        answer = page("told.html", refused.status, title=refused.message)
    else:
        fault = Fault("", refused.code, refused.message)
        told = problem(HTTPStatus(refused.status), refused.message, [fault])
        answer = JsonResponse(told, status=refused.status, content_type=CONTENT_TYPE)
    for name, value in headers.items():
        answer[name] = value
    return answer


def is_person(request: HttpRequest) -> bool:
    """Whether the answer is to be looked at."""
    return "text/html" in request.headers.get("Accept", "")
