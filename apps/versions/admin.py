"""Versions in the admin: to be read, and to be published."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.workspaces.scoped_admin import ScopedAdmin, VisibleFilter, is_allowed, shown_json


@admin.register(WorkflowVersion)
class WorkflowVersionAdmin(ScopedAdmin):
    view_right = "version.view"
    list_display = ("workflow", "version", "is_published", "created_by", "created_at", "note")
    list_select_related = ("workflow", "created_by")
    list_filter = (("workspace", VisibleFilter),)
    search_fields = ("workflow__name", "note")
    ordering = ("-id",)
    fields = (
        "workspace",
        "workflow",
        "version",
        "note",
        "created_by",
        "created_at",
        "published_at",
        "content_hash",
        "graph",
    )
    readonly_fields = ("graph",)
    actions = ("publish",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowVersion]:
        return super().get_queryset(request).without_graph()

    @display(description="published", boolean=True)
    def is_published(self, version: WorkflowVersion) -> bool:
        return version.workflow.version == version.version

    @display(description="graph")
    def graph(self, version: WorkflowVersion) -> SafeString:
        return shown_json(version.graph_json)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return is_allowed(request, "workflow.publish")

    @admin.action(description="Publish (or roll back to) this version", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.run_deed(request, queryset, "workflow.publish", "versions published", publish_version)
