"""The sources that triggers look at, in the admin: to be read, with why the last look failed."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.runs.admin.show import admin_link, cut
from apps.triggers.models import Poll
from apps.triggers.polls.look_now import look_now
from apps.workspaces.admin_filters import TypedFilter, VisibleFilter
from apps.workspaces.scoped_admin import ScopedAdmin, is_allowed


@admin.register(Poll)
class PollAdmin(ScopedAdmin):
    view_right = "trigger.view"
    list_display = (
        "workflow_link",
        "node_id",
        "type",
        "is_live",
        "looked_at",
        "due_at",
        "failures",
        "short_error",
        "workspace",
    )
    list_display_links = ("node_id",)
    list_select_related = ("workspace",)
    actions = ("look_at_all",)
    list_filter = ("is_live", "type", ("workflow", TypedFilter), ("workspace", VisibleFilter))
    fields = (
        ("workflow_link", "node_id", "type"),
        ("is_live", "looked_at", "due_at"),
        ("failures", "error"),
        "workspace",
    )
    readonly_fields = ("workflow_link",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer("cursor").annotate(workflow_title=F("workflow__name"))

    @display(description="workflow")
    def workflow_link(self, poll: Any) -> SafeString | str:
        return admin_link("workflows_workflow", poll.workflow_id, poll.workflow_title)

    @display(description="error")
    def short_error(self, poll: Poll) -> str:
        return cut(poll.error, 100) or "–"

    def has_look_permission(self, request: HttpRequest) -> bool:
        return is_allowed(request, "run.start")

    @admin.action(description="Look now", permissions=["look"])
    def look_at_all(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "run.start", "source{s} to be looked at now", look_now)
