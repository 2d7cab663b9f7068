"""The admin lists its pages in the order in which those who operate FlowForge look for them."""

from typing import Any

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite

ORDER = {
    "runs": ("Run", "StepRun", "Worker", "Hold", "RunSignal", "Payload"),
    "operations": ("BulkJob",),
    "workflows": ("Workflow",),
    "versions": ("WorkflowVersion",),
    "triggers": ("Schedule", "WebhookRequest", "WebhookEndpoint", "Poll"),
    "credentials": ("Credential",),
    "workspaces": (
        "Workspace",
        "Membership",
        "User",
        "ApiKey",
        "Variable",
        "AuditEntry",
        "IdempotencyKey",
    ),
}
"""App -> its models. What is not named here, as other packages' tables, comes last."""


class AdminSite(UnfoldAdminSite):
    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            order = ORDER.get(app["app_label"], ())
            app["models"].sort(key=lambda model, order=order: place(model["object_name"], order))
        return sorted(apps, key=lambda app: place(app["app_label"], tuple(ORDER)))


def place(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)
