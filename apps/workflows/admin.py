"""Workflows in the admin. Their graphs are edited on the canvas."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from apps.workflows.budget import PARTS, change_budget
from apps.workflows.edit import create_workflow, delete_workflow, rename_workflow
from apps.workflows.models import Workflow
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, VisibleFilter, is_allowed, shown_json


@admin.register(Workflow)
class WorkflowAdmin(ScopedAdmin):
    view_right = "workflow.view"
    add_right = change_right = delete_right = "workflow.edit"
    list_display = ("name", "workspace", "state", "version", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("status", ("workspace", VisibleFilter))
    search_fields = ("name",)
    actions = ("activate", "deactivate", "archive")
    actions_detail = ("run_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        return super().get_queryset(request).without_draft()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("workspace", "name")
        state = self.get_readonly_fields(request, obj)
        return tuple(dict.fromkeys(("workspace", "name", *PARTS, *state)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        times = ("created_by", "created_at", "updated_at")
        fixed = () if is_allowed(request, "workflow.budget", obj) else tuple(PARTS)
        return (
            "workspace",
            *fixed,
            "keeps",
            "status",
            "version",
            *times,
            "draft_revision",
            "draft",
        )

    def save_model(
        self, request: HttpRequest, obj: Workflow, form: ModelForm, change: bool
    ) -> None:
        if change:
            by = principal_of(request)
            if "name" in form.changed_data:
                name, obj.name = obj.name, form.initial["name"]
                rename_workflow(obj, name, by=by)
            if changes := {part: getattr(obj, part) for part in PARTS if part in form.changed_data}:
                change_budget(obj, changes, by=by)
        else:
            obj.pk = create_workflow(obj.workspace, obj.name, by=principal_of(request)).pk

    def delete_model(self, request: HttpRequest, obj: Workflow) -> None:
        delete_workflow(obj, by=principal_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        for workflow in queryset:
            delete_workflow(workflow, by=principal_of(request))

    @display(
        description="status",
        ordering="status",
        label={"active": "success", "draft": "info", "archived": "warning"},
    )
    def state(self, workflow: Workflow) -> tuple[str, str]:
        return workflow.status, workflow.get_status_display()

    @display(description="its runs keep, about")
    def keeps(self, workflow: Workflow) -> str:
        return filesizeformat(workflow.kept_bytes)

    @display(description="draft")
    def draft(self, workflow: Workflow) -> SafeString:
        return shown_json(workflow.draft_graph)

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflows activated", activate_workflow)

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflows deactivated", deactivate_workflow)

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflows archived", archive_workflow)

    @action(description="Run now", icon="play_arrow")
    def run_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that starts a run, with this workflow chosen."""
        return HttpResponseRedirect(f"{reverse('admin:runs_run_add')}?workflow={object_id}")
