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
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to, is_allowed, noted, shown_json

_SENSELESS: dict[str, tuple[str, ...]] = {
    Workflow.Status.DRAFT: ("_deactivate_this",),
    Workflow.Status.ACTIVE: ("_activate_this",),
    Workflow.Status.ARCHIVED: ("_activate_this", "_archive_this", "_run_now"),
}
"""The buttons that a workflow in this state does without."""


@admin.register(Workflow)
class WorkflowAdmin(ScopedAdmin):
    view_right = "workflow.view"
    add_right = change_right = delete_right = "workflow.edit"
    list_display = ("named", "workspace", "state", "version", "updated_at")
    list_select_related = ("workspace",)
    list_filter = ("status", ("workspace", VisibleFilter))
    search_fields = ("name",)
    actions = ("activate", "deactivate", "archive")
    actions_detail = ("run_now", "activate_this", "deactivate_this", "archive_this")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workflow]:
        return super().get_queryset(request).without_draft().with_notes()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("workspace", "name")
        state = self.get_readonly_fields(request, obj)
        return tuple(dict.fromkeys(("workspace", "name", *PARTS, *state)))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = self.get_fields(request, obj)
        if obj is None:
            return [(None, {"fields": names})]
        of_draft = ("draft_revision", "draft")
        rest = [name for name in names if name not in PARTS and name not in of_draft]
        pairs = [tuple(rest[place : place + 2]) for place in range(0, len(rest), 2)]
        return [
            (None, {"fields": pairs}),
            ("Retention", {"fields": tuple(PARTS)}),
            ("Draft", {"classes": ("collapse",), "fields": of_draft}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        times = ("created_by", "created_at", "updated_at")
        fixed = () if is_allowed(request, "workflow.budget", obj) else tuple(PARTS)
        shown = ("status", "version", "keeps", *times, "draft_revision", "draft")
        return ("workspace", *fixed, *shown)

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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        told, *rest = super().get_deleted_objects(objs, request)
        return [f"{workflow}, with its versions" for workflow in told], *rest

    def delete_model(self, request: HttpRequest, obj: Workflow) -> None:
        delete_workflow(obj, by=principal_of(request))

    @display(description="name", ordering="name")
    def named(self, workflow: Any) -> SafeString | str:
        return noted(workflow) if workflow.has_notes else str(workflow)

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

    # --- What is done -------------------------------------------------------------------------

    def has_activate_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "workflow.activate", id)

    def has_run_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "run.start", id)

    @admin.action(description="Activate", permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflow{s} activated", activate_workflow)

    @admin.action(description="Deactivate", permissions=["activate"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflow{s} deactivated", deactivate_workflow)

    @admin.action(description="Archive", permissions=["activate"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Workflow]) -> None:
        right = "workflow.activate"
        self.run_deed(request, queryset, right, "workflow{s} archived", archive_workflow)

    @asking_action(
        description="Activate",
        icon="toggle_on",
        permissions=["activate"],
        dialog={
            "title": "Activate this workflow?",
            "description": "The triggers of its published version begin to start runs.",
            "form_class": None,
            "form_submit_text": "Activate",
        },
    )
    def activate_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back_from(request, self.activate, object_id)

    @asking_action(
        description="Deactivate",
        icon="toggle_off",
        permissions=["activate"],
        dialog={
            "title": "Deactivate this workflow?",
            "description": "Its triggers start no more runs; those that have begun go on. "
            "An archived workflow is taken back to the others.",
            "form_class": None,
            "form_submit_text": "Deactivate",
        },
    )
    def deactivate_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back_from(request, self.deactivate, object_id)

    @asking_action(
        description="Archive",
        icon="archive",
        permissions=["activate"],
        dialog={
            "title": "Archive this workflow?",
            "description": "Its triggers stop, and it is not edited, published or run any more, "
            "until it is deactivated, which takes it back.",
            "form_class": None,
            "form_submit_text": "Archive",
        },
    )
    def archive_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back_from(request, self.archive, object_id)

    def then_back_from(self, request: HttpRequest, deed: Any, id: str) -> HttpResponse:
        deed(request, self.get_queryset(request).filter(pk=id))
        return back_to(request, reverse("admin:workflows_workflow_change", args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what leads to another state."""
        workflow = self.row(request, object_id)
        wrong = _SENSELESS[workflow.status] if workflow else ()
        if workflow is not None and workflow.version is None:
            wrong = (*wrong, "_activate_this", "_run_now")  # which take a published version
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(wrong)]

    @action(description="Run now", icon="play_arrow", permissions=["run"])
    def run_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go to the page that starts a run, with this workflow chosen."""
        return HttpResponseRedirect(f"{reverse('admin:runs_run_add')}?workflow={object_id}")
