"""Failures of one kind in the admin: what, since when, where; assigned, put aside, resolved."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminSelectWidget

from apps.operations.admin.group_page import days_of, runs_of, workflows_of
from apps.operations.groups.handle import (
    assign_group,
    reopen_group,
    resolve_group,
    snooze_group,
)
from apps.operations.models import ErrorGroup, ErrorGroupWorkflow
from apps.runs.admin.show import admin_link, ago, ahead, cut, label, link, sentence, tail
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import TypedFilter, VisibleFilter
from apps.workspaces.models import User
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to

COLOURS = {"open": "danger", "snoozed": "warning", "resolved": "success"}
Status = ErrorGroup.Status


class SnoozeForm(BaseDialogForm):
    hours = forms.TypedChoiceField(
        label="For",
        coerce=int,
        choices=[(1, "an hour"), (4, "4 hours"), (24, "a day"), (7 * 24, "a week"),
                 (30 * 24, "30 days")],
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class AssignForm(BaseDialogForm):
    to = forms.ModelChoiceField(
        User.objects.none(),
        label="Who",
        required=False,
        empty_label="nobody",
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members: Any = self.fields["to"]
        workspace = ErrorGroup.objects.filter(pk=self.object_id).values("workspace")
        members.queryset = User.objects.filter(memberships__workspace__in=workspace)


@admin.register(ErrorGroup)
class ErrorGroupAdmin(ScopedAdmin):
    view_right = "run.view"
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    list_display = (
        "error",
        "state",
        "how_often",
        "last",
        "first",
        "in_workflows",
        "assigned_to",
        "last_run_link",
        "workspace",
    )
    list_select_related = ("workspace", "assigned_to")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("workflows__workflow", TypedFilter),
        ("assigned_to", TypedFilter),
        ("workspace", VisibleFilter),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state", "how_often"),
                    ("error_code", "node_type"),
                    "message",
                    ("first", "last"),
                    ("all_runs", "last_run_link"),
                    ("assigned_to", "workspace"),
                    ("snoozed_until", "came_back_at"),
                    ("resolved_at", "resolved_by"),
                )
            },
        ),
    )
    readonly_fields = ("state", "how_often", "first", "last", "all_runs", "last_run_link")
    actions = ("take_all", "resolve_all", "reopen_all")
    actions_detail = ("assign", "snooze", "resolve", "reopen", "retry")
    change_form_outer_after_template = "operations_admin/error_group.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        theirs = ErrorGroupWorkflow.objects.filter(group=OuterRef("pk")).order_by()
        counted = theirs.values("group").annotate(count=Count("pk")).values("count")
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.annotate(workflow_count=Coalesce(Subquery(counted), 0))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= {
                "days": days_of(obj),
                "workflows": workflows_of(obj),
                "runs": runs_of(obj),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- What is shown ----------------------------------------------------------------------------

    @display(description="error")
    def error(self, group: ErrorGroup) -> SafeString:
        return sentence(cut(group.told(1_000), 140), 14)

    @display(description="status")
    def state(self, group: ErrorGroup) -> SafeString:
        shown = label(group.status, COLOURS[group.status])
        if group.status == Status.SNOOZED:
            return format_html("{} {}", shown, ahead(group.snoozed_until))
        if group.status == Status.OPEN and group.came_back_at:
            return format_html("{} came back {}", shown, ago(group.came_back_at))
        return shown

    @display(description="count")
    def how_often(self, group: ErrorGroup) -> str:
        return f"{group.count:,}"

    @display(description="last seen")
    def last(self, group: ErrorGroup) -> SafeString | str:
        return ago(group.last_seen)

    @display(description="first seen")
    def first(self, group: ErrorGroup) -> SafeString | str:
        return ago(group.first_seen)

    @display(description="workflows")
    def in_workflows(self, group: Any) -> str:
        return f"{group.workflow_count:,}"

    @display(description="last run")
    def last_run_link(self, group: ErrorGroup) -> SafeString | str:
        return admin_link("runs_run", group.last_run, tail(group.last_run))

    @display(description="runs")
    def all_runs(self, group: ErrorGroup) -> SafeString:
        page = reverse("admin:runs_run_changelist")
        return link(f"{page}?{urlencode({'error_group': group.pk})}", "All that are kept")

    # --- What is done -----------------------------------------------------------------------------

    def has_manage_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "group.manage", id)

    def has_retry_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.retry", id)

    @admin.action(description="Assign to me", permissions=["manage"])
    def take_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        deed = partial(assign_group, to=principal_of(request).pk)
        self.run_deed(request, rows, "group.manage", "group{s} assigned", deed)

    @admin.action(description="Resolve", permissions=["manage"])
    def resolve_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "group.manage", "group{s} resolved", resolve_group)

    @admin.action(description="Reopen", permissions=["manage"])
    def reopen_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "group.manage", "group{s} reopened", reopen_group)

    @asking_action(
        description="Assign",
        icon="person",
        permissions=["manage"],
        dialog={
            "title": "Assign these failures",
            "description": "To a member of the workspace, who looks after them.",
            "form_class": AssignForm,
            "form_submit_text": "Assign",
        },
    )
    def assign(self, request: HttpRequest, form: AssignForm, object_id: str) -> HttpResponse:
        who = form.cleaned_data["to"]
        deed = partial(assign_group, to=who.pk if who else None)
        return self.then_back(request, object_id, "group{s} assigned", deed)

    @asking_action(
        description="Snooze",
        icon="snooze",
        permissions=["manage"],
        dialog={
            "title": "Put these failures aside?",
            "description": "They are counted on, and are open again after that time.",
            "form_class": SnoozeForm,
            "form_submit_text": "Snooze",
        },
    )
    def snooze(self, request: HttpRequest, form: SnoozeForm, object_id: str) -> HttpResponse:
        until = timezone.now() + timedelta(hours=form.cleaned_data["hours"])
        return self.then_back(
            request, object_id, "group snoozed", partial(snooze_group, until=until)
        )

    @asking_action(
        description="Resolve",
        icon="check",
        variant=ActionVariant.SUCCESS,
        permissions=["manage"],
        dialog={
            "title": "Are these failures mended?",
            "description": "A run that is made from now on and fails this way opens them again.",
            "form_class": None,
            "form_submit_text": "Resolve",
        },
    )
    def resolve(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, object_id, "group{s} resolved", resolve_group)

    @asking_action(
        description="Reopen",
        icon="undo",
        permissions=["manage"],
        dialog={
            "title": "Open these failures again?",
            "description": "They stand among those that somebody is to look after.",
            "form_class": None,
            "form_submit_text": "Reopen",
        },
    )
    def reopen(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, object_id, "group{s} reopened", reopen_group)

    @action(description="Retry all", icon="replay", permissions=["retry"])
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that counts what that would do, with these failures chosen."""
        group = self.get_object(request, object_id)
        found = {"error_group": object_id}
        if group is not None:
            found["workspace__id__exact"] = str(group.workspace_id)
        page = reverse("admin:operations_bulkjob_add")
        return HttpResponseRedirect(f"{page}?{urlencode(found)}")

    def then_back(self, request: HttpRequest, id: str, done: str, deed: Any) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=id)
        self.run_deed(request, rows, "group.manage", done, deed)
        return back_to(request, reverse("admin:operations_errorgroup_change", args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the group's state allows."""
        group = self.get_object(request, str(object_id))
        is_open = group is None or group.status == Status.OPEN
        wrong = "_reopen" if is_open else "_snooze"
        found = super().get_actions_detail(request, object_id)
        if group is not None and group.status == Status.RESOLVED:
            found = [each for each in found if not each.action_name.endswith("_resolve")]
        return [each for each in found if not each.action_name.endswith(wrong)]
