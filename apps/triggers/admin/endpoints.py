"""Where webhooks and forms are, in the admin: to be read. Publishing makes and changes it."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.runs.admin.show import admin_link, ago, link
from apps.triggers.hooks.refusals import SHOWN_DAYS, refused_lately, refused_since
from apps.triggers.models import WebhookEndpoint, WebhookRequest
from apps.workspaces.admin_filters import TypedFilter, VisibleFilter
from apps.workspaces.scoped_admin import ScopedAdmin


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ScopedAdmin):
    view_right = "trigger.view"
    list_display = (
        "address",
        "is_live",
        "workflow_link",
        "node_id",
        "last_call",
        "refused",
        "workspace",
    )
    list_select_related = ("workspace",)
    list_filter = ("is_live", "kind", ("workflow", TypedFilter), ("workspace", VisibleFilter))
    search_fields = ("path",)
    fields = (
        ("address", "is_live"),
        ("workflow_link", "node_id"),
        ("last_call", "requests"),
        "refusals",
        ("created_at", "workspace"),
    )
    readonly_fields = ("address", "workflow_link", "last_call", "requests", "refusals")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        requests = WebhookRequest.objects.filter(endpoint=OuterRef("pk")).order_by("-id")
        # Of one endpoint all together.
        lately = refused_since().filter(endpoint=OuterRef("pk")).values("endpoint")
        return rows.annotate(
            workflow_title=F("workflow__name"),
            last_call_at=Subquery(requests.values("received_at")[:1]),
            refused_count=Subquery(lately.values_list(Sum("count"))),
            refused_at=Subquery(lately.values_list(Max("last_at"))),
        )

    def get_object(self, request: HttpRequest, *given: Any) -> Any:
        """With what it refused, read once: the page asks for each field several times."""
        endpoint: Any = super().get_object(request, *given)
        if endpoint is not None:
            endpoint.refused = refused_lately([endpoint])[endpoint.pk]
        return endpoint

    @display(description="address", ordering="path")
    def address(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @display(description="workflow")
    def workflow_link(self, endpoint: Any) -> SafeString | str:
        return admin_link("workflows_workflow", endpoint.workflow_id, endpoint.workflow_title)

    @display(description="last call that started a run")
    def last_call(self, endpoint: Any) -> SafeString | str:
        return ago(endpoint.last_call_at)

    @display(description=f"refused in {SHOWN_DAYS} days")
    def refused(self, endpoint: Any) -> SafeString | str:
        if not endpoint.refused_count:
            return "–"
        return format_html("{}, last {}", f"{endpoint.refused_count:,}", ago(endpoint.refused_at))

    @display(description=f"refused in {SHOWN_DAYS} days")
    def refusals(self, endpoint: Any) -> SafeString | str:
        """By reason; requests that are refused are not kept."""
        rows = (
            (f"{each.count:,}", each.get_reason_display(), ago(each.last_at))
            for each in endpoint.refused
        )
        return format_html_join(SafeString("<br>"), "{} × {}, last {}", rows) or "nothing"

    @display(description="inbox")
    def requests(self, endpoint: WebhookEndpoint) -> SafeString:
        inbox = reverse("admin:triggers_webhookrequest_changelist")
        return link(f"{inbox}?endpoint__id__exact={endpoint.pk}", "Its requests")
