"""To pause workflows, workspaces and everything in the admin: on their pages, and in one list."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.runs.admin.show import admin_link, ago
from apps.runs.holds import hold, lift
from apps.runs.models import EVERYTHING, Hold
from apps.workflows.models import Workflow
from apps.workspaces.admin.workspaces import WorkspaceAdmin
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.errors import NotAllowedError
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import RIGHTS, Principal, principal_of
from apps.workspaces.scoped_admin import (
    ONE_BUTTON,
    ScopedAdmin,
    back_to,
    is_allowed,
    is_superuser,
    superusers_alone,
)

WHAT_HOLDS = (
    "No run begins or goes on until that is lifted. What runs just now runs on, and triggers go on "
    "making runs."
)


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="The runs that wait tell it.",
    )


class Pausing(ScopedAdmin):
    """What the pages of workflows and workspaces have beside what those know themselves."""

    hold_right: ClassVar[str]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "paused") if obj else fields

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        return tuple(dict.fromkeys((*fields, "paused"))) if obj else fields

    @display(description="paused")
    def paused(self, row: Workflow | Workspace) -> SafeString | str:
        """What keeps its runs back, its own hold or a wider one: why, who, since when."""
        workspace = row.workspace_id if isinstance(row, Workflow) else row.pk
        found = Hold.objects.filter(pk__in=(row.pk, workspace, EVERYTHING)).order_by("created_at")
        told = (
            (
                held.what,
                held.reason or "no reason",
                held.created_by or "an API key",
                ago(held.created_at),
            )
            for held in found.select_related("created_by")
        )
        return format_html_join(SafeString("<br>"), "{}: {} ({}, {})", told) or "no"

    def has_hold_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, self.hold_right, id)

    @asking_action(
        description="Pause",
        icon="pause",
        permissions=["hold"],
        dialog={
            "title": "Pause its runs?",
            "description": WHAT_HOLDS,
            "form_class": ReasonForm,
            "form_submit_text": "Pause",
        },
    )
    def pause(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        deed = partial(hold, reason=form.cleaned_data["reason"])
        return self.then_back(request, object_id, "paused", deed)

    @asking_action(
        description="Resume",
        icon="play_circle",
        permissions=["hold"],
        dialog={
            "title": "Let its runs go on?",
            "description": "Those that wait go between the runs of others, some at a time.",
            "form_class": None,
            "form_submit_text": "Resume",
        },
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.then_back(request, object_id, "resumed", lift)

    def then_back(self, request: HttpRequest, id: str, done: str, deed: Any) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=id)
        told = f"{self.opts.verbose_name}{{s}} {done}"
        self.run_deed(request, rows, self.hold_right, told, deed)
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return back_to(request, reverse(page, args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to resume what is paused by itself, and else to pause."""
        is_held = Hold.objects.filter(pk=object_id).exists()
        wrong = "_pause" if is_held else "_resume"
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(wrong)]


class PausingWorkspaceAdmin(Pausing, WorkspaceAdmin):
    hold_right = "workspace.hold"
    actions_detail = ("pause", "resume")


# Here, since workspaces know of no runs.
admin.site.unregister(Workspace)
admin.site.register(Workspace, PausingWorkspaceAdmin)


RIGHTS_TO_LIFT = {"workflow": "workflow.hold", "workspace": "workspace.hold"}
"""By what is held; of everything superusers have it alone."""


def may_lift(request: HttpRequest, held: Hold) -> bool:
    right = RIGHTS_TO_LIFT.get(held.what)
    return is_superuser(request) or is_allowed(request, right, held)


@admin.register(Hold)
class HoldAdmin(ScopedAdmin):
    """What is held, for all who see the runs that it keeps back; that everything is held each page
    tells. To add one is to hold everything."""

    view_right = "run.view"
    list_display = ("__str__", "kind", "workspace", "reason", "created_by", "since")
    list_filter = ("created_at",)
    actions = ("lift_all",)
    actions_detail = ("lift",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        rows: QuerySet[Hold] = super().get_queryset(request)
        named = rows.select_related("workflow", "workspace", "created_by")
        return named.defer("workflow__draft_graph")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [("Hold everything", {"description": WHAT_HOLDS, "fields": ("reason",)})]
        fields = ("held", "kind", "workspace", "reason", "created_by", "created_at")
        return [(None, {"fields": fields})]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if obj is None:
            form.base_fields["reason"].required = True
            form.base_fields["reason"].help_text = "Told on each page, to all who have runs."
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("held", "kind", "since") if obj else ()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        context |= ONE_BUTTON | {"submits": "Hold everything"}
        return super().render_change_form(request, context, *args, **kw)

    def response_add(self, request: HttpRequest, obj: Hold, *args: Any, **kwargs: Any) -> Any:
        return back_to(request, reverse("admin:index"))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return superusers_alone(request)

    def has_lift_permission(self, request: HttpRequest, id: Any = None) -> bool:
        if id is None:
            return any(is_allowed(request, right) for right in RIGHTS_TO_LIFT.values())
        held = self.get_object(request, str(id))
        return held is not None and may_lift(request, held)

    def save_model(self, request: HttpRequest, obj: Hold, form: ModelForm, change: bool) -> None:
        obj.pk = hold(None, obj.reason, by=principal_of(request)).pk

    @display(description="what")
    def kind(self, held: Hold) -> str:
        return held.what

    @display(description="held")
    def held(self, held: Hold) -> SafeString | str:
        """What is, with a link to it."""
        if held.workflow_id:
            return admin_link("workflows_workflow", held.workflow_id, held)
        if held.workspace_id:
            return admin_link("workspaces_workspace", held.workspace_id, held)
        return str(held)

    @display(description="since", ordering="created_at")
    def since(self, held: Hold) -> SafeString | str:
        return ago(held.created_at)

    @admin.action(description="Lift", permissions=["lift"])
    def lift_all(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        def lift_one(held: Hold, *, by: Principal) -> None:
            if not may_lift(request, held):
                least = RIGHTS[RIGHTS_TO_LIFT[held.what]]
                told = f"To lift this takes the role {least} in its workspace."
                raise NotAllowedError("role_too_low", told)
            lift(held.workflow or held.workspace, by=by)

        self.do_each(request, queryset, "hold{s} lifted", lift_one)

    @asking_action(
        description="Lift",
        icon="play_circle",
        permissions=["lift"],
        dialog={
            "title": "Lift this hold?",
            "description": "Those that wait go between the runs of others, some at a time.",
            "form_class": None,
            "form_submit_text": "Lift",
        },
    )
    def lift(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.lift_all(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:runs_hold_changelist"))
