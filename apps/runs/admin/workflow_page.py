"""What the page of a workflow shows beside its fields: all of it bounded."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from apps.credentials.models import Credential
from apps.credentials.vault import named_credentials
from apps.engine.errors import FaultsError
from apps.engine.items import Json
from apps.runs.admin.show import admin_link, ago, cut, duration, link
from apps.runs.plans import graph_of
from apps.versions.calls import Call, called_by, callers_of
from apps.versions.limits import LIMITS, limits_in_words
from apps.workflows.models import Workflow

VERSIONS_SHOWN = 10
CREDENTIALS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the page lists it; `back` is where it is asked whether to roll back to it."""

    link: SafeString | str
    is_published: bool
    note: str
    by: str
    saved: SafeString | str
    back: str


@dataclass(frozen=True, slots=True)
class Named:
    """What a workflow uses, or is used by: a link, how, and where that stands."""

    link: SafeString | str
    how: str
    where: str


def page_of(workflow: Workflow, *, may_publish: bool, may_limit: bool) -> dict[str, Any]:
    """The parts of the page, for its template."""
    published = workflow.versions.filter(version=workflow.version or 0).first()
    graph = published.graph_json if published else None
    return {
        "versions": _versions(workflow, may_publish=may_publish),
        "may_publish": may_publish,
        "limits": _limits(graph),
        "limits_page": reverse("admin:workflows_workflow_change_limits", args=[workflow.pk])
        if may_limit
        else "",
        "uses": [*map(_called, called_by(workflow, graph)), *_credentials(workflow, graph)],
        "used_by": [_caller(call) for call in callers_of(workflow)],
        "pages": _pages(workflow),
    }


def _versions(workflow: Workflow, *, may_publish: bool) -> list[Version]:
    return [
        Version(
            admin_link("versions_workflowversion", version.pk, version.version),
            version.version == workflow.version,
            cut(version.note, 120),
            str(version.created_by or "–"),
            ago(version.created_at),
            reverse("admin:versions_workflowversion_roll_back", args=[version.pk])
            if may_publish and version.version < (workflow.version or 0)
            else "",
        )
        for version in workflow.versions.without_graph().order_by("-version")[:VERSIONS_SHOWN]
    ]


def _limits(graph: Json) -> list[tuple[str, str]]:
    """What the settings of the published version allow its runs."""
    if graph is None:
        return []
    try:
        settings = graph_of(graph).settings
    except FaultsError as error:
        return [("settings", error.message)]
    words = limits_in_words(settings)
    if settings.timeout_s:
        words["timeout_s"] = duration(settings.timeout_s)
    return [
        *((LIMITS[name], told) for name, told in words.items()),
        ("Time zone", settings.timezone),
    ]


def _called(call: Call) -> Named:
    how = "is run" if call.how == "runs it" else "is told of failures"
    return Named(admin_link("workflows_workflow", call.workflow, call.name), how, "workflow")


def _caller(call: Call) -> Named:
    return Named(admin_link("workflows_workflow", call.workflow, call.name), call.how, call.where)


def _credentials(workflow: Workflow, graph: Json) -> list[Named]:
    named = named_credentials(graph) if graph else set()
    rows = Credential.objects.filter(workspace=workflow.workspace_id, pk__in=named)
    found = rows.order_by("name").values_list("pk", "name", "type")[:CREDENTIALS_SHOWN]
    return [
        Named(admin_link("credentials_credential", id, name), f"{type} credential", "credential")
        for id, name, type in found
    ]


def _pages(workflow: Workflow) -> list[SafeString]:
    """Where else the workflow is shown."""
    return [
        link(f"/workflows/{workflow.pk}/edit", "Canvas"),
        link(_list("runs_run", workflow), "Runs"),
        link(reverse("admin:runs_run_grid", args=[workflow.pk]), "Runs by steps"),
        link(_list("triggers_schedule", workflow), "Schedules"),
        link(_list("triggers_webhookendpoint", workflow), "Webhooks"),
        link(_list("versions_workflowversion", workflow), "Versions"),
    ]


def _list(model: str, workflow: Workflow) -> str:
    asked = urlencode({"workflow__id__exact": workflow.pk})
    return f"{reverse(f'admin:{model}_changelist')}?{asked}"
