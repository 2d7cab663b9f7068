"""Where webhooks and forms are, in the admin: to be read. Publishing makes and changes it."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.runs.admin.filters import WorkflowFilter
from apps.runs.admin.show import admin_link
from apps.triggers.models import WebhookEndpoint
from apps.workspaces.scoped_admin import ScopedAdmin, VisibleFilter


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ScopedAdmin):
    view_right = "trigger.view"
    list_display = ("address", "is_live", "workflow_link", "node_id", "workspace")
    list_select_related = ("workspace",)
    list_filter = ("is_live", "kind", ("workflow", WorkflowFilter), ("workspace", VisibleFilter))
    search_fields = ("path",)
    fields = (("address", "is_live"), ("workflow_link", "node_id", "workspace"), "created_at")
    readonly_fields = ("address", "workflow_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.annotate(workflow_title=F("workflow__name"))

    @display(description="address", ordering="path")
    def address(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @display(description="workflow")
    def workflow_link(self, endpoint: Any) -> SafeString | str:
        return admin_link("workflows_workflow", endpoint.workflow_id, endpoint.workflow_title)
