"""Who sees what in the admin: written down here, judged by the table of rights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.workspaces.models import AuditEntry
from tests.api import rows
from tests.api.routes import Scene


@dataclass(frozen=True)
class AdminModel:
    """The rights that staff without superuser's powers need in a model's admin; None: nobody."""

    of: Callable[[Scene], Any]
    view: str
    add: str | None = None
    change: str | None = None
    delete: str | None = None
    told_of: Callable[[Any], Any] = lambda row: row.pk
    """Whose history it is told in."""


ADMIN_MODELS: dict[str, AdminModel] = {
    "workspaces.workspace": AdminModel(
        lambda scene: scene.workspace, "workspace.view", change="workspace.edit"
    ),
    "workspaces.membership": AdminModel(
        lambda scene: scene.member,
        "member.view",
        "member.manage",
        "member.manage",
        "member.manage",
    ),
    "workspaces.invitation": AdminModel(
        lambda scene: scene.invitation,
        "member.manage",
        add="member.manage",
        delete="member.manage",
    ),
    "workspaces.apikey": AdminModel(
        lambda scene: scene.api_key, "api_key.view", add="api_key.manage"
    ),
    "workspaces.variable": AdminModel(
        lambda scene: scene.variable,
        "variable.view",
        "variable.edit",
        "variable.edit",
        "variable.edit",
    ),
    "workspaces.user": AdminModel(lambda scene: scene.member.user, "member.view"),
    "workspaces.auditentry": AdminModel(
        lambda scene: AuditEntry.objects.filter(workspace=scene.workspace)[0], "audit.view"
    ),
    "workspaces.idempotencykey": AdminModel(
        lambda scene: rows.idempotency_key(scene.api_key), "audit.view"
    ),
    "credentials.credential": AdminModel(
        lambda scene: scene.credential,
        "credential.view",
        "credential.edit",
        "credential.edit",
        "credential.edit",
    ),
    "workflows.workflow": AdminModel(
        lambda scene: scene.workflow,
        "workflow.view",
        "workflow.edit",
        "workflow.edit",
        "workflow.edit",
    ),
    "versions.workflowversion": AdminModel(lambda scene: scene.version, "version.view"),
    "runs.run": AdminModel(lambda scene: scene.ended_run, "run.view", add="run.start"),
    "runs.steprun": AdminModel(lambda scene: scene.step, "run.view"),
    "runs.runsignal": AdminModel(lambda scene: rows.run_signal(scene.step), "run.view"),
    "runs.payload": AdminModel(lambda scene: rows.payload(scene.workflow), "run.view"),
    "operations.bulkjob": AdminModel(lambda scene: scene.job, "run.view", add="run.retry"),
    "operations.errorgroup": AdminModel(
        lambda scene: rows.error_group(scene.ended_run), "run.view"
    ),
    "operations.note": AdminModel(
        lambda scene: scene.note, "run.view", delete="note.manage", told_of=lambda note: note.run_id
    ),
    "operations.alertrule": AdminModel(
        lambda scene: scene.alert_rule, "alert.view", "alert.edit", "alert.edit", "alert.edit"
    ),
    "operations.alert": AdminModel(lambda scene: rows.alert(scene.alert_rule), "alert.view"),
    "operations.alertdelivery": AdminModel(lambda scene: scene.alert_delivery, "alert.view"),
    "triggers.poll": AdminModel(lambda scene: rows.poll(scene.version), "trigger.view"),
    "triggers.schedule": AdminModel(lambda scene: scene.schedule, "trigger.view"),
    "triggers.webhookendpoint": AdminModel(
        lambda scene: rows.webhook_endpoint(scene.workflow), "trigger.view"
    ),
    "triggers.webhookrequest": AdminModel(lambda scene: scene.hook_request, "trigger.view"),
}

SUPERUSERS_ONLY = {
    "runs.hold",
    "runs.worker",
    "django_celery_beat.clockedschedule",
    "django_celery_beat.crontabschedule",
    "django_celery_beat.intervalschedule",
    "django_celery_beat.periodictask",
    "django_celery_beat.solarschedule",
}
"""Models of the system as a whole, of no workspace."""

ADMIN_PAGES = {
    "admin",
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:view_on_site",
    "admin:app_list",
    "admin:search",
    "admin:toggle_sidebar",
    "admin/board",
    "admin/board-day",
    "admin/password-change",
    "admin/(?P<url>.*)$",
}
"""Pages of the admin that show no rows, or show them through a model's admin."""
