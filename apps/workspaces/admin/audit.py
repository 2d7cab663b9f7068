"""The audit trail in the admin: who did what, when, from where, and what it changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet, UUIDField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import display
from unfold.utils import parse_datetime_str

from apps.workspaces.admin_filters import TypedFilter, VisibleFilter
from apps.workspaces.models import AuditEntry
from apps.workspaces.scoped_admin import HISTORY_OF, BigTableAdmin, shown_json

MOST_TOLD = 120
"""Characters of what an entry of the list tells of changes."""
LOOKS = "text-primary-600 dark:text-primary-400 underline"


class ActionFilter(DropdownFilter):
    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action) for action in AuditEntry.objects.each("action")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class TimeFilter(RangeDateTimeFilter):
    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.between(self._moment("from"), self._moment("to"))

    def _moment(self, side: str) -> datetime | None:
        day, time = (self.used_parameters.get(f"at_{side}_{part}") for part in (0, 1))
        if not day:
            return None
        written = f"{day} {time or '00:00:00'}"
        moment = parse_datetime_str(written)
        if moment is None:
            raise IncorrectLookupParameters(f"{written} is no time.")
        return timezone.make_aware(moment)


class ObjectFilter(DropdownFilter):
    """The entries of one row, which links of other pages name by its id."""

    title = "object"
    parameter_name = HISTORY_OF

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = request.GET.get(HISTORY_OF)
        return [(asked, asked)] if asked else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            return queryset.filter(object_id=UUID(self.value()))
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


@admin.register(AuditEntry)
class AuditEntryAdmin(BigTableAdmin):
    view_right = "audit.view"
    list_display = ("at", "made_by", "action", "object", "told", "origin", "workspace")
    list_select_related = ("user", "api_key", "workspace")
    list_filter = (
        ObjectFilter,
        ("workspace", VisibleFilter),
        ActionFilter,
        ("user", TypedFilter),
        ("api_key", TypedFilter),
        ("way", ChoicesDropdownFilter),
        ("at", TimeFilter),
    )
    search_fields = ("who", "object_id")
    search_help_text = "A part of the name of who did it, or the id of what was changed"
    fields = (
        ("at", "workspace"),
        ("made_by", "origin"),
        ("action", "object"),
        ("object_type", "object_id"),
        "changes",
        "details",
    )
    readonly_fields = ("made_by", "origin", "object", "changes", "details")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found: Any = queryset
        if term := search_term.strip():
            try:
                found = found.filter(object_id=UUID(term))
            except ValueError:
                found = found.done_by(term)
        return found, False

    @display(description="who")
    def made_by(self, entry: AuditEntry) -> str:
        return entry.made_by

    @display(description="from where")
    def origin(self, entry: AuditEntry) -> str:
        way = entry.get_way_display() if entry.way else ""
        return ", ".join(filter(None, (way, entry.address))) or "not noted"

    @display(description="object")
    def object(self, entry: AuditEntry) -> SafeString | str:
        name = entry.object_name or str(entry.object_id or "–")
        page = _page_of(entry)
        return format_html('<a class="{}" href="{}">{}</a>', LOOKS, page, name) if page else name

    @display(description="what it changed")
    def told(self, entry: AuditEntry) -> str:
        detail = dict(entry.detail)
        told = [f"{field}: {_said(a)} → {_said(b)}" for field, (a, b) in _changes(entry).items()]
        detail.pop("changes", None)
        told += [f"{name}: {_said(value)}" for name, value in detail.items() if value is not None]
        text = ", ".join(told)
        return f"{text[:MOST_TOLD]}…" if len(text) > MOST_TOLD else text

    @display(description="before and after")
    def changes(self, entry: AuditEntry) -> SafeString | str:
        rows = [(field, _said(a), _said(b)) for field, (a, b) in _changes(entry).items()]
        if not rows:
            return "no field was changed"
        return render_to_string("workspaces_admin/changes.html", {"rows": rows})

    @display(description="details")
    def details(self, entry: AuditEntry) -> SafeString | str:
        rest = {name: value for name, value in entry.detail.items() if name != "changes"}
        return shown_json(rest) if rest else "–"


def _changes(entry: AuditEntry) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = entry.detail.get("changes", {})
    return changes


def _said(value: Any) -> str:
    """A value of JSON as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "–"
    return str(value)


def _page_of(entry: AuditEntry) -> str | None:
    """The admin page of what was changed, where it has one and was not deleted by that."""
    if entry.object_id is None or entry.action.endswith((".delete", ".expire", ".remove")):
        return None
    for model in admin.site._registry:
        if model._meta.model_name == entry.object_type and isinstance(model._meta.pk, UUIDField):
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            return reverse(f"admin:{name}_change", args=[entry.object_id])
    return None
