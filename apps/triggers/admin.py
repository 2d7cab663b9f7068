"""What starts runs from outside, in the admin: to be read. Publishing makes and changes it."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.runs.admin.filters import WorkflowFilter
from apps.runs.admin.show import SHOWN_TEXT, admin_link, ago, cut, preformatted, shown
from apps.triggers.models import Schedule, ScheduleFire, WebhookEndpoint, WebhookRequest
from apps.workspaces.scoped_admin import BigTableAdmin, ScopedAdmin, VisibleFilter


class TriggerAdmin(ScopedAdmin):
    """Rows of a node of a workflow."""

    view_right = "trigger.view"
    list_select_related = ("workspace",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.annotate(workflow_title=F("workflow__name"))

    @display(description="workflow")
    def workflow_link(self, row: Any) -> SafeString | str:
        return admin_link("workflows_workflow", row.workflow_id, row.workflow_title)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(TriggerAdmin):
    list_display = ("address", "is_live", "workflow_link", "node_id", "workspace")
    list_filter = ("is_live", ("workflow", WorkflowFilter), ("workspace", VisibleFilter))
    search_fields = ("path",)
    fields = (("address", "is_live"), ("workflow_link", "node_id", "workspace"), "created_at")
    readonly_fields = ("address", "workflow_link")

    @display(description="address", ordering="path")
    def address(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)


@admin.register(WebhookRequest)
class WebhookRequestAdmin(BigTableAdmin):
    view_right = "trigger.view"
    list_display = ("__str__", "received", "run_link", "workspace")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    ordering = ("-id",)
    fields = (
        ("method", "path", "endpoint_link"),
        ("received_at", "run_link", "workspace"),
        "query",
        "header_lines",
        "beginning",
    )
    readonly_fields = ("endpoint_link", "run_link", "header_lines", "beginning")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookRequest]:
        rows: QuerySet[WebhookRequest] = super().get_queryset(request)
        return rows.defer("body", "headers")

    @display(description="received")
    def received(self, request: WebhookRequest) -> SafeString | str:
        return ago(request.received_at)

    @display(description="endpoint")
    def endpoint_link(self, request: WebhookRequest) -> SafeString | str:
        return admin_link("triggers_webhookendpoint", request.endpoint_id)

    @display(description="run")
    def run_link(self, request: WebhookRequest) -> SafeString | str:
        return admin_link("runs_run", request.run_id)

    @display(description="headers")
    def header_lines(self, request: WebhookRequest) -> SafeString:
        return shown(request.headers)

    @display(description="body")
    def beginning(self, request: WebhookRequest) -> SafeString:
        return preformatted(cut(bytes(request.body).decode(errors="replace"), SHOWN_TEXT))


@admin.register(Schedule)
class ScheduleAdmin(TriggerAdmin):
    list_display = (
        "workflow_title",
        "node_id",
        "is_live",
        "paused_at",
        "next_run_at",
        "timezone",
        "workspace",
    )
    list_filter = ("is_live", ("workflow", WorkflowFilter), ("workspace", VisibleFilter))
    ordering = ("next_run_at", "id")
    fields = (
        ("workflow_link", "node_id", "workspace"),
        ("is_live", "paused_at", "next_run_at"),
        ("timezone", "created_at"),
        "when",
    )
    readonly_fields = ("workflow_link", "when")

    @display(description="workflow", ordering="workflow__name")
    def workflow_title(self, schedule: Any) -> str:
        return str(schedule.workflow_title)

    @display(description="rule")
    def when(self, schedule: Schedule) -> SafeString:
        return shown(schedule.rule)


@admin.register(ScheduleFire)
class ScheduleFireAdmin(BigTableAdmin):
    view_right = "trigger.view"
    list_display = ("slot", "workflow_title", "fired_at", "run_link", "workspace")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    ordering = ("-id",)
    fields = (("slot", "fired_at"), ("schedule_link", "run_link", "workspace"))
    readonly_fields = ("schedule_link", "run_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduleFire]:
        rows: QuerySet[ScheduleFire] = super().get_queryset(request)
        return rows.annotate(workflow_title=F("schedule__workflow__name"))

    @display(description="workflow")
    def workflow_title(self, fire: Any) -> str:
        return str(fire.workflow_title)

    @display(description="schedule")
    def schedule_link(self, fire: ScheduleFire) -> SafeString | str:
        return admin_link("triggers_schedule", fire.schedule_id)

    @display(description="run")
    def run_link(self, fire: ScheduleFire) -> SafeString | str:
        return admin_link("runs_run", fire.run_id)
