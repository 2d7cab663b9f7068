"""Buttons of the admin that ask before they do: in a dialog, or on a page of their own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.forms import BaseDialogForm

from apps.workspaces.reconnect import is_held_elsewhere
from apps.workspaces.scoped_admin import HELD_ELSEWHERE, back_to

Deed = Callable[..., HttpResponse]
OfChosen = Callable[[Any, HttpRequest, QuerySet[Any]], None]
IS_SURE = "is_sure"
"""Posted by who was asked and said yes."""


def asking_action(*, dialog: ActionDialog, **button: Any) -> Callable[[Deed], Any]:
    """A button of an admin's detail pages: as `action` of Unfold, whose dialog comes without a
    page also where the button's link is opened in a tab of its own."""

    def decorate(deed: Deed) -> Any:
        @wraps(deed)
        def answer(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            form_class = dialog["form_class"] or BaseDialogForm
            form = form_class(data=request.POST or None, request=request, object_id=object_id)
            if form.is_valid():
                try:
                    return deed(model_admin, request, form, object_id)
                except OperationalError as error:
                    if not is_held_elsewhere(error):
                        raise
                    model_admin.message_user(request, HELD_ELSEWHERE, messages.ERROR)
                    opts = model_admin.opts
                    page = f"admin:{opts.app_label}_{opts.model_name}_change"
                    return back_to(request, reverse(page, args=[object_id]))
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


def asking_of_chosen(
    *,
    title: str,
    asks: str,
    submit: str,
    shown: Callable[[Any], object] = str,
    **offered: Any,
) -> Callable[[OfChosen], Any]:
    """An action of an admin's list, as Django's `action`, which names the chosen rows on a page
    before it does anything. `asks` says what it means, `shown` is what the page says of a row."""

    def decorate(deed: OfChosen) -> Any:
        @wraps(deed)
        def answer(
            model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
        ) -> HttpResponse | None:
            if request.POST.get(IS_SURE):
                deed(model_admin, request, queryset)
                return None
            context = {
                "title": title,
                "opts": model_admin.opts,
                "description": asks,
                "rows": [(row.pk, shown(row)) for row in queryset],
                "action": deed.__name__,
                "form_submit_text": submit,
                "is_sure": IS_SURE,
            }
            context = model_admin.admin_site.each_context(request) | context
            return render(request, "workspaces_admin/ask_of_chosen.html", context)

        return admin.action(answer, **offered)

    return decorate
