"""Buttons of the admin that ask before they do: in a dialog, or on a page of their own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.forms import BaseDialogForm

Deed = Callable[..., HttpResponse]


def asking_action(*, dialog: ActionDialog, **button: Any) -> Callable[[Deed], Any]:
    """A button of an admin's detail pages: as `action` of Unfold, whose dialog comes without a
    page also where the button's link is opened in a tab of its own."""

    def decorate(deed: Deed) -> Any:
        @wraps(deed)
        def answer(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            form_class = dialog["form_class"] or BaseDialogForm
            form = form_class(data=request.POST or None, request=request, object_id=object_id)
            if form.is_valid():
                return deed(model_admin, request, form, object_id)
            # A long form is shown from its first fault.
            for name in [name for name in form.fields if name in form.errors][:1]:
                form.fields[name].widget.attrs["autofocus"] = True
            context = {
                "dialog": dialog,
                "form": form,
                "form_submit_text": dialog["form_submit_text"],
            }
            if request.headers.get("HX-Request"):
                return render(request, "unfold/helpers/dialog.html", context)
            context |= model_admin.admin_site.each_context(request)
            context |= {
                "title": dialog["title"],
                "opts": model_admin.opts,
                "original": model_admin.get_object(request, object_id),
            }
            return render(request, "workspaces_admin/dialog_page.html", context)

        offered: Any = action(answer, **button)
        offered.dialog = dialog
        return offered

    return decorate
