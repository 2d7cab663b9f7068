"""Filters of the admin's lists: they offer what the asker sees, and no more than one looks over."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

MOST_LINKS = 20
"""So many rows a filter offers as links."""


class LinkFilter(admin.SimpleListFilter):
    """Some choices as links, of which the one that holds is kept where fields beside them are
    sent."""

    @property
    def lookup_kwarg(self) -> str | None:
        return self.parameter_name

    @property
    def lookup_val(self) -> list[str]:
        value = self.value()
        return [value] if value else []


class TypedFilter(AutocompleteSelectFilter):
    """A filter by related rows, of which one is found by typing: of those alone that the asker
    finds in the list of these."""

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        its_admin = self.model_admin.admin_site.get_model_admin(self.field.related_model)
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = its_admin.get_queryset(self.request)
            yield choice


class VisibleFilter(TypedFilter):
    """The same as links, as long as there are few."""

    is_typed = False

    def offered(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> QuerySet[Any]:
        its_admin = model_admin.admin_site.get_model_admin(self.field.related_model)
        rows: QuerySet[Any] = its_admin.get_queryset(request)
        return rows

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[str, Any]]:
        rows = list(self.offered(request, model_admin)[: MOST_LINKS + 1])
        self.is_typed = len(rows) > MOST_LINKS
        if not self.is_typed:
            self.template = admin.RelatedFieldListFilter.template
        return [(str(row.pk), str(row)) for row in rows]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        if self.is_typed:
            return super().choices(changelist)
        return admin.RelatedFieldListFilter.choices(self, changelist)

    def has_output(self) -> bool:
        """Also where the address asks for one that is not offered: Django would show the rows of
        all instead."""
        has_links = admin.RelatedFieldListFilter.has_output(self)
        return has_links or self.lookup_val is not None
