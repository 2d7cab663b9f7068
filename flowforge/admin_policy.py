"""What the admin's pages may do in a browser beyond all others."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL
from csp.decorators import csp_update
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

View = Callable[[HttpRequest], HttpResponseBase]


class AdminPolicyMiddleware:
    """Lets the admin's own scripts evaluate: unfold's pages are drawn by Alpine, which does.

    Inline scripts stay forbidden, so text that found its way into a page unescaped runs nowhere.
    """

    def __init__(self, get_response: View) -> None:
        self.elsewhere = get_response
        self.in_admin: View = csp_update({"script-src": [SELF, UNSAFE_EVAL]})(get_response)
        self.root = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_admin = request.path.startswith(self.root)
        return self.in_admin(request) if is_admin else self.elsewhere(request)
