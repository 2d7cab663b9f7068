"""What the pages of accounts share, which people see who are not signed in: looks and headers."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL
from csp.decorators import csp_update
from django import forms
from django.contrib import admin
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from unfold.widgets import BASE_INPUT_CLASSES

View = Callable[..., HttpResponseBase]

APP = ("/workflows", "Go to FlowForge")


def account_page(view: View) -> View:
    """A page with a link's secret in its address: kept nowhere, told to no other site. Unfold's
    scripts evaluate, here as in the admin."""

    @csp_update({"script-src": [SELF, UNSAFE_EVAL]})
    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        # Not "no-referrer": then browsers send forms with `Origin: null`, which no form may have.
        response["Referrer-Policy"] = "same-origin"
        return response

    return answer


def show(request: HttpRequest, page: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One of the templates of `account/`."""
    context = admin.site.each_context(request) | context
    return TemplateResponse(request, f"account/{page}.html", context, status=status)


def dressed(form: forms.BaseForm) -> forms.BaseForm:
    """The form with the looks of Unfold's."""
    for field in form.fields.values():
        field.widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)
    return form


class NewPasswordForm(SetPasswordForm):
    """A first or a new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dressed(self)
