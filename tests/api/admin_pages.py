"""The admin's pages, and who sees what in them: written here, judged by the table of rights."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.runs.holds import hold
from apps.runs.models import Worker
from apps.workspaces.models import AuditEntry, User
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
    "runs.hold": AdminModel(lambda scene: hold(scene.workflow, "broken", by=None), "run.view"),
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


def periodic(number: int) -> PeriodicTask:
    interval = IntervalSchedule.objects.create(every=number + 1, period="days")
    return PeriodicTask.objects.create(name=f"Own {number}", task="runs.tidy", interval=interval)


OF_INSTALLATION: dict[str, Callable[[Scene, int], Any]] = {
    "runs.worker": lambda scene, number: Worker.objects.create(host="here", pid=number),
    "django_celery_beat.periodictask": lambda scene, number: periodic(number),
    "django_celery_beat.intervalschedule": lambda scene, number: IntervalSchedule.objects.create(
        every=number + 1, period="hours"
    ),
    "django_celery_beat.crontabschedule": lambda scene, number: CrontabSchedule.objects.create(
        minute=number
    ),
    "django_celery_beat.clockedschedule": lambda scene, number: ClockedSchedule.objects.create(
        clocked_time=f"2200-01-0{number + 1}T00:00Z"
    ),
    "django_celery_beat.solarschedule": lambda scene, number: SolarSchedule.objects.create(
        event="sunrise", latitude=number, longitude=0
    ),
}
"""Rows of models of the system as a whole, of no workspace, by a number; for superusers alone."""

SUPERUSERS_ONLY = OF_INSTALLATION.keys()

DIALOGS = [
    (model._meta.label_lower, name)
    for model, its_admin in admin.site._registry.items()
    for name in getattr(its_admin, "actions_detail", ())
    if hasattr(getattr(its_admin, name), "dialog")
]
"""The buttons that ask before they act, by model."""

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


def rows_of(scene: Scene, number: int = 0) -> dict[str, Any]:
    """A row of each model that the admin shows."""
    made = {label: model.of(scene) for label, model in ADMIN_MODELS.items()}
    return made | {label: make(scene, number) for label, make in OF_INSTALLATION.items()}


def admin_reads(rows: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name and the address of the board, and of each model's list and page."""
    yield "admin", reverse("admin:index")
    for label in sorted(rows):
        yield f"admin, list of {label}", admin_page(label, "changelist")
        yield f"admin, a {label}", admin_page(label, "change", rows[label].pk)


def admin_asks(scene: Scene, rows: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name and the address of each page that asks for something, or is of no row."""
    asked = RequestFactory().get("/")
    asked.user = User(is_staff=True, is_superuser=True)
    for model, its_admin in admin.site._registry.items():
        label = model._meta.label_lower
        if its_admin.has_add_permission(asked):
            yield f"admin, add a {label}", admin_page(label, "add")
        if its_admin.has_delete_permission(asked, rows[label]):
            yield f"admin, delete a {label}", admin_page(label, "delete", rows[label].pk)
    for label, button in DIALOGS:
        yield f"admin, {button} a {label}", admin_page(label, button, rows[label].pk)
    yield "admin, events of a run", admin_page("runs.run", "events", scene.ended_run.pk)
    yield "admin, grid of a workflow", admin_page("runs.run", "grid", scene.workflow.pk)


def admin_page(label: str, name: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{name}", args=args)
