"""What is shown to somebody outside: plain pages that a browser lets do nothing but be sent."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from apps.engine.errors import Fault
from apps.triggers.errors import RefusedError
from apps.workspaces.problems import CONTENT_TYPE, problem

STYLE = (
    ":root{color-scheme:light dark;--ink:#1f2430;--paper:#fff;--line:#767d8d;--accent:#4f46e5;"
    "--on-accent:#fff;--fault:#b3261e}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;"
    "color:var(--ink);background:var(--paper)}"
    "h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}"
    ".told{white-space:pre-wrap;overflow-wrap:anywhere}"
    "label,legend{display:block;font-weight:600;padding:0;overflow-wrap:anywhere}"
    "fieldset{border:0;margin:0;padding:0;min-width:0}"
    ".field{margin:1.25rem 0}"
    ".field p{margin:.125rem 0;overflow-wrap:anywhere}"
    ".choice{display:flex;gap:.5rem;align-items:baseline;font-weight:400;padding:.25rem 0}"
    "input:not([type=checkbox],[type=radio]),select,textarea{width:100%;box-sizing:border-box;"
    "font:inherit;padding:.5rem;margin-top:.25rem;color:inherit;background:var(--paper);"
    "border:1px solid var(--line);border-radius:.25rem}"
    "[aria-invalid]{border-color:var(--fault)!important}"
    ".fault{color:var(--fault);font-weight:600}"
    ".fault ul{margin:0;padding-left:1.25rem}"
    "small{font-weight:400}"
    "a{color:var(--accent)}"
    ".fault a{color:inherit}"
    "input{accent-color:var(--accent)}"
    "::file-selector-button{font:inherit}"
    "button{font:inherit;padding:.5rem 1.25rem;margin:1rem .5rem 0 0;cursor:pointer;"
    "color:inherit;background:none;border:1px solid var(--line);border-radius:.25rem}"
    "button.main{color:var(--on-accent);background:var(--accent);border-color:var(--accent)}"
    ":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8eaf0;--paper:#16181f;--line:#8b92a5;"
    "--accent:#a5b4fc;--on-accent:#16181f;--fault:#ffb4ab}}"
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
    content = render_to_string(template, {**context, "style": STYLE})
    return HttpResponse(content, status=status, headers=HEADERS)


def refusal(request: HttpRequest, refused: RefusedError) -> HttpResponse:
    """Why there is no other answer: as a page to people, as a problem to programs."""
    headers = {**HEADERS, **refused.headers}
    if is_person(request):
        answer = page("waits/told.html", refused.status, title=refused.message)
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
