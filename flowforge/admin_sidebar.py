"""The admin's pages as its sidebar lists them: by the duty of those who operate FlowForge."""

from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse


class Page(NamedTuple):
    """The list of a model's rows: for all who may see rows of it."""

    title: str
    icon: str
    model: str
    """App and model, as in `runs.run`."""


GROUPS: dict[str, tuple[Page, ...]] = {
    "Runs": (
        Page("Runs", "play_circle", "runs.run"),
        Page("Steps", "steps", "runs.steprun"),
        Page("Error groups", "bug_report", "operations.errorgroup"),
        Page("Notes", "sticky_note_2", "operations.note"),
        Page("Bulk jobs", "checklist", "operations.bulkjob"),
        Page("Signals", "sensors", "runs.runsignal"),
        Page("Payloads", "database", "runs.payload"),
    ),
    "Workflows": (
        Page("Workflows", "account_tree", "workflows.workflow"),
        Page("Versions", "history", "versions.workflowversion"),
        Page("Schedules", "schedule", "triggers.schedule"),
        Page("Holds", "pause_circle", "runs.hold"),
        Page("Webhook requests", "inbox", "triggers.webhookrequest"),
        Page("Webhooks", "webhook", "triggers.webhookendpoint"),
        Page("Polls", "rss_feed", "triggers.poll"),
        Page("Credentials", "key", "credentials.credential"),
        Page("Variables", "data_object", "workspaces.variable"),
    ),
    "Alerts": (
        Page("Alerts", "notifications_active", "operations.alert"),
        Page("Alert rules", "rule", "operations.alertrule"),
        Page("Deliveries", "outgoing_mail", "operations.alertdelivery"),
    ),
    "Installation": (
        Page("Workers and queues", "memory", "runs.worker"),
        Page("Periodic tasks", "update", "django_celery_beat.periodictask"),
        Page("Intervals", "timer", "django_celery_beat.intervalschedule"),
        Page("Crontabs", "calendar_month", "django_celery_beat.crontabschedule"),
        Page("Clocked times", "alarm", "django_celery_beat.clockedschedule"),
        Page("Solar events", "wb_twilight", "django_celery_beat.solarschedule"),
        Page("Idempotency keys", "repeat_one", "workspaces.idempotencykey"),
    ),
    "People": (
        Page("Workspaces", "workspaces", "workspaces.workspace"),
        Page("Members", "group", "workspaces.membership"),
        Page("Invitations", "mail", "workspaces.invitation"),
        Page("Users", "person", "workspaces.user"),
        Page("API keys", "vpn_key", "workspaces.apikey"),
        Page("Audit", "policy", "workspaces.auditentry"),
    ),
}

FOLDED = ("Installation", "People")
"""What is opened by its title; the others are wanted all day."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What the sidebar offers to who asks."""
    board = {"title": "Status board", "icon": "monitoring", "link": reverse("admin:index")}
    listed = {
        title: [_item(page) for page in pages if _is_for(request, page)]
        for title, pages in GROUPS.items()
    }
    return [{"items": [board]}] + [
        {"title": title, "separator": True, "collapsible": title in FOLDED, "items": items}
        for title, items in listed.items()
        if items
    ]


def _is_for(request: HttpRequest, page: Page) -> bool:
    return admin.site.get_model_admin(apps.get_model(page.model)).has_view_permission(request)


def _item(page: Page) -> dict[str, Any]:
    link = reverse(f"admin:{page.model.replace('.', '_')}_changelist")
    return {"title": page.title, "icon": page.icon, "link": link}
