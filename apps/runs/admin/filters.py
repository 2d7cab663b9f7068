"""Filters of the lists of runs and of what starts them."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    DropdownFilter,
    TextFilter,
)
from unfold.contrib.filters.forms import SearchForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.runs.filters import RunFilter
from apps.runs.models import Run
from apps.versions.models import WorkflowVersion
from apps.workspaces.scoped_admin import seen_by


class FilterForm(SearchForm):
    """The field of a filter, as a browser knows it by its type."""

    def __init__(self, name: str, label: str, kind: str, **kwargs: Any) -> None:
        super().__init__(name, label, **kwargs)
        attrs = {"type": kind} | ({} if kind == "text" else {"step": "any"})
        self.fields[name].widget = UnfoldAdminTextInputWidget(attrs=attrs)


def narrowed(
    request: HttpRequest, runs: QuerySet[Run], title: str, name: str, value: str
) -> QuerySet[Run]:
    """Those that the parameter keeps; none where its value is wrong, which is told."""
    versions = seen_by(request, WorkflowVersion.objects.all(), "run.view")
    for of in ("workflow", "workspace"):
        # What else the list is filtered by, which Django has read before.
        if ids := [id for id in request.GET.getlist(f"{of}__id__exact") if id]:
            versions = versions.filter(**{f"{of}__in": ids})
    found = RunFilter({name: value}, runs, versions=versions)
    if found.is_valid():
        filtered: QuerySet[Run] = found.qs
        return filtered
    for error in found.errors[name]:
        messages.error(request, f"{title}: {error}")
    return runs.none()


class RunParameter(TextFilter):
    """A parameter of the API's list of runs as a filter of the admin's, with the same name and
    meaning."""

    field_type = "text"

    def queryset(self, request: HttpRequest, runs: QuerySet[Run]) -> QuerySet[Run]:
        if not (value := (self.value() or "").strip()):
            return runs
        return narrowed(request, runs, self.title, self.parameter_name, value)

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Form]]:
        value = {self.parameter_name: self.value()}
        yield {"form": FilterForm(self.parameter_name, self.title, self.field_type, data=value)}


class ChosenParameter(DropdownFilter):
    """The same of a parameter that is true or false."""

    offered: tuple[str, str]
    """What it is called where it is true, and where it is false."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(zip(("true", "false"), self.offered, strict=True))

    def queryset(self, request: HttpRequest, runs: QuerySet[Run]) -> QuerySet[Run]:
        if self.value() is None:
            return runs
        return narrowed(request, runs, self.title, self.parameter_name, self.value())


class NotesFilter(ChosenParameter):
    title = "notes"
    parameter_name = "has_notes"
    offered = ("with notes", "without")


class TrialFilter(ChosenParameter):
    title = "trials of drafts"
    parameter_name = "is_trial"
    offered = ("trials alone", "without trials")


def parameter(name: str, label: str, kind: str = "text") -> type[RunParameter]:
    class Filter(RunParameter):
        parameter_name = name
        title = label
        field_type = kind

    return Filter


PARAMETERS = (
    parameter("version", "Version", "number"),
    parameter("created_after", "Made from, UTC", "datetime-local"),
    parameter("created_before", "Made until, UTC", "datetime-local"),
    parameter("finished_after", "Ended from, UTC", "datetime-local"),
    parameter("finished_before", "Ended before, UTC", "datetime-local"),
    parameter("min_duration_s", "Took at least, seconds", "number"),
    parameter("max_duration_s", "Took at most, seconds", "number"),
    parameter("value", "Kept value, as name:value"),
    parameter("error_group", "Failures of one kind, by their group's id"),
)
