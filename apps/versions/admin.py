"""Versions in the admin: what each changed, to be read, and to be published or rolled back to."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.versions.changes import changes_between
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.scoped_admin import BigTableAdmin, back_to, shown_json

OFFERED = 50
"""Versions to compare with: the latest."""


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(BigTableAdmin):
    view_right = "version.view"
    list_display = ("workflow", "version", "is_published", "created_by", "created_at", "note")
    list_display_links = ("workflow", "version")
    list_select_related = ("workflow", "created_by")
    list_filter = (("workspace", VisibleFilter),)
    search_fields = ("workflow__name", "note")
    change_form_outer_after_template = "versions_admin/changes.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("workflow", "workspace"),
                    ("version", "is_published"),
                    ("created_by", "created_at"),
                    ("note", "published_at"),
                )
            },
        ),
        ("Graph", {"classes": ("collapse",), "fields": ("content_hash", "graph")}),
    )
    readonly_fields = ("is_published", "graph")
    actions = ("publish",)
    actions_detail = ("publish_this", "roll_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowVersion]:
        rows: Any = super().get_queryset(request)
        return rows.without_graph().select_related("workflow").defer("workflow__draft_graph")

    @display(description="published", label={"published": "success"})
    def is_published(self, version: WorkflowVersion) -> str | None:
        return "published" if version.workflow.version == version.version else None

    @display(description="graph")
    def graph(self, version: WorkflowVersion) -> SafeString:
        return shown_json(version.graph_json)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        context |= _compared(obj, request.GET.get("against", ""))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- To publish ---------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "workflow.publish", id)

    @admin.action(description="Publish (or roll back to) this version", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.run_deed(
            request, queryset, "workflow.publish", "version{s} published", publish_version
        )

    @asking_action(
        description="Publish",
        icon="publish",
        permissions=["publish"],
        dialog={
            "title": "Publish this version?",
            "description": "Runs that begin from now on are of it, and so are triggers. "
            "Those that have begun stay with theirs.",
            "form_class": None,
            "form_submit_text": "Publish",
        },
    )
    def publish_this(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.publish(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:versions_workflowversion_change", args=[object_id]))

    @asking_action(
        description="Roll back to this",
        icon="undo",
        permissions=["publish"],
        dialog={
            "title": "Roll back to this version?",
            "description": "It becomes the published version again: runs that begin from now on "
            "are of it, and so are triggers. Those that have begun stay with theirs, and the draft "
            "stays as it is.",
            "form_class": None,
            "form_submit_text": "Roll back",
        },
    )
    def roll_back(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self.publish(request, self.get_queryset(request).filter(pk=object_id))
        return back_to(request, reverse("admin:versions_workflowversion_change", args=[object_id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what leads to another published version: forwards, or back."""
        version = self.get_object(request, str(object_id))
        published = version.workflow.version if version else None
        found = super().get_actions_detail(request, object_id)
        if version is None or version.version == published:
            return []
        is_older = published is not None and version.version < published
        wrong = "_publish_this" if is_older else "_roll_back"
        return [each for each in found if not each.action_name.endswith(wrong)]


def _compared(version: WorkflowVersion | None, asked: str) -> dict[str, Any]:
    """What the page of a version says of its changes: since the one that is asked for, else what
    publishing it would change, else what it changed."""
    if version is None:
        return {}
    siblings = version.workflow.versions.exclude(pk=version.pk)
    offered = list(siblings.order_by("-version").values_list("version", flat=True)[:OFFERED])
    published = version.workflow.version
    wanted = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    if wanted is None:
        wanted = published if published != version.version else version.version - 1
    other = siblings.filter(version=wanted or 0).first()
    return {
        "offered": offered,
        "against": other and other.version,
        "published_number": published,
        "changes": other and changes_between(other.graph_json, version.graph_json),
    }
