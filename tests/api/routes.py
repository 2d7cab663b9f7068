"""What every route must answer to whom: written down here, judged by the table of rights.

A route that is not listed fails `test_rights.py`. Who adds one adds its line, and what it is
about to `Scene`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.credentials.models import Credential
from apps.engine.events import write_time
from apps.operations.models import AlertDelivery, AlertRule, BulkJob, Note
from apps.runs.models import Run, StepRun
from apps.runs.states import RunStatus
from apps.triggers.models import Poll, Schedule, WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.models import ApiKey, Invitation, Membership, Variable, Workspace
from tests.api import rows
from tests.factories import (
    make_alert_rule,
    make_api_key,
    make_credential,
    make_member,
    make_run,
    make_schedule,
    make_step,
    make_user,
    make_variable,
    make_version,
    make_workflow,
    make_workspace,
)
from tests.graphs import chain, graph, node
from tests.runs.work import make_worker


class Scene:
    """A workspace with one of everything in it."""

    def __init__(self) -> None:
        self.workspace: Workspace = make_workspace()
        self.member: Membership = make_member(self.workspace, make_user(), "viewer")
        # So that the member's role may be changed, and the member removed.
        make_user(self.workspace, "admin")
        self.invitation: Invitation = rows.invitation(self.workspace)
        self.api_key: ApiKey = make_api_key(self.workspace, "viewer")[0]
        self.variable: Variable = make_variable(self.workspace)
        self.credential: Credential = make_credential(self.workspace)
        self.oauth_credential: Credential = make_credential(
            self.workspace,
            "oauth2_client",
            {
                "authorize_url": "https://login.test/authorize",
                "token_url": "https://login.test/token",
                "client_id": "us",
            },
        )
        self.workflow: Workflow = make_workflow(self.workspace)
        self.idle_workflow: Workflow = make_workflow(self.workspace)
        hook = node("hook", "webhook", params={"path": "listens"})
        self.hooked_workflow: Workflow = make_workflow(self.workspace, draft_graph=graph([hook]))
        self.version: WorkflowVersion = make_version(self.workflow, is_published=True)
        self.schedule: Schedule = make_schedule(self.workflow)
        self.poll: Poll = rows.poll(self.version)
        self.ended_run: Run = make_run(self.version, RunStatus.FAILED)
        self.waiting_run: Run = make_run(self.version, RunStatus.WAITING)
        self.step: StepRun = make_step(self.waiting_run, wait={"for": "decision", "until": None})
        self.hook_request: WebhookRequest = rows.hook_request(self.ended_run)
        self.note: Note = rows.note(self.ended_run)
        self.alert_rule: AlertRule = make_alert_rule(self.workspace)
        self.alert_delivery: AlertDelivery = rows.alert_delivery(rows.alert(self.alert_rule))
        self.job: BulkJob = BulkJob.objects.create(workspace=self.workspace, deed="cancel")


Kwargs = Callable[[Scene], dict[str, Any]]
Body = Callable[[Scene], Any]


@dataclass(frozen=True)
class About:
    """A route about one thing: 404 to strangers, 403 where the role is too low for the action."""

    action: str
    body: Body = lambda scene: None
    keys_may: bool = True
    """False where only a person can do it: a key is told so (409)."""


@dataclass(frozen=True)
class Own:
    """A route about what one made oneself: 403 to all others of the workspace, 404 to strangers."""

    action: str
    body: Body


@dataclass(frozen=True)
class Lists:
    """A route that lists what one may see, and only that: `of` is the row that must be in it."""

    action: str
    of: Callable[[Scene], Any]


@dataclass(frozen=True)
class SignedIn:
    """A route for whoever is signed in, whatever the role."""

    body: Any = None
    keys_may: bool = True


PUBLIC = object()
"""A route for everybody."""

SUPERUSERS = object()
"""A route for superusers alone."""

BY_ADDRESS = object()
"""A route for whoever knows its address."""


def n8n_body(scene: "Scene") -> dict[str, Any]:
    return {"workspace": str(scene.workspace.pk), "workflow": {"nodes": [], "connections": {}}}


def of_token(**methods: Any) -> "Route":
    return Route(methods, lambda scene: {"token": "guessed"})


@dataclass(frozen=True)
class Route:
    methods: dict[str, Any]
    kwargs: Kwargs = field(default=lambda scene: {})


def of_workspace(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.workspace.pk})


def of_invitation(**methods: Any) -> Route:
    return Route(
        methods, lambda scene: {"id": scene.workspace.pk, "invitation": scene.invitation.pk}
    )


def of_workflow(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.workflow.pk})


def of_alert_rule(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.alert_rule.pk})


def of_alert_delivery(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.alert_delivery.pk})


def soon() -> str:
    return write_time(timezone.now() + timedelta(hours=1))


def of_version(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.workflow.pk, "number": 1})


def of_run(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.waiting_run.pk})


def of_credential(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.credential.pk})


def of_hook_request(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.hook_request.pk})


def of_schedule(**methods: Any) -> Route:
    return Route(methods, lambda scene: {"id": scene.schedule.pk})


API_ROUTES: dict[str, Route] = {
    "healthz": Route({"GET": PUBLIC}),
    "readyz": Route({"GET": PUBLIC}),
    "web_app": Route({"GET": PUBLIC}),
    "favicon": Route({"GET": PUBLIC}),
    "echo": Route({"GET": PUBLIC}),
    "wait": of_token(GET=BY_ADDRESS),
    "decide": of_token(GET=BY_ADDRESS),
    "file": of_token(GET=BY_ADDRESS),
    "form": Route({"GET": BY_ADDRESS}, lambda scene: {"path": "guessed"}),
    "form-course": of_token(GET=BY_ADDRESS),
    "invitation": of_token(GET=BY_ADDRESS),
    "admin_password_reset": Route({"GET": PUBLIC, "POST": PUBLIC, "PUT": PUBLIC}),
    "password_reset_sent": Route({"GET": PUBLIC}),
    "password_reset_done": Route({"GET": PUBLIC}),
    "password_reset_confirm": Route(
        {"GET": BY_ADDRESS, "POST": BY_ADDRESS, "PUT": BY_ADDRESS},
        lambda scene: {"uidb64": "guessed", "token": "guessed"},
    ),
    "schema": Route({"GET": PUBLIC}),
    "docs": Route({"GET": PUBLIC}),
    "login": Route({"POST": PUBLIC}),
    "logout": Route({"POST": SignedIn()}),
    "me": Route({"GET": SignedIn()}),
    "sessions": Route({"GET": SignedIn(keys_may=False), "DELETE": SignedIn(keys_may=False)}),
    "session": Route({"DELETE": SignedIn(keys_may=False)}, lambda scene: {"id": uuid4()}),
    "node-types": Route({"GET": SignedIn()}),
    "node-type": Route({"GET": SignedIn()}, lambda scene: {"type": "manual"}),
    "samples": Route({"GET": SignedIn()}),
    "workspaces": Route(
        {
            "GET": Lists("workspace.view", lambda scene: scene.workspace),
            "POST": SignedIn({"name": "Another"}, keys_may=False),
        }
    ),
    "workspace": of_workspace(
        GET=About("workspace.view"),
        PATCH=About("workspace.edit", lambda scene: {"name": "Renamed"}),
    ),
    "members": of_workspace(
        GET=About("member.view"),
        POST=About("member.manage", lambda scene: {"email": "new@example.test", "role": "viewer"}),
    ),
    "member": Route(
        {
            "GET": About("member.view"),
            "PATCH": About("member.manage", lambda scene: {"role": "editor"}),
            "DELETE": About("member.manage"),
        },
        lambda scene: {"id": scene.workspace.pk, "member": scene.member.pk},
    ),
    "invitations": of_workspace(
        GET=About("member.manage"),
        POST=About("member.manage", lambda scene: {"email": "new@example.test", "role": "viewer"}),
    ),
    "invitation-of-workspace": of_invitation(DELETE=About("member.manage")),
    "send-invitation": of_invitation(POST=About("member.manage")),
    "api-keys": of_workspace(
        GET=About("api_key.view"),
        POST=About("api_key.manage", lambda scene: {"role": "viewer"}),
    ),
    "api-key": Route(
        {"GET": About("api_key.view"), "DELETE": About("api_key.manage")},
        lambda scene: {"id": scene.workspace.pk, "key": scene.api_key.pk},
    ),
    "variables": of_workspace(
        GET=About("variable.view"),
        POST=About("variable.edit", lambda scene: {"name": "another", "value": "1"}),
    ),
    "workflow-tags": of_workspace(GET=About("workflow.view")),
    "variable": Route(
        {
            "GET": About("variable.view"),
            "PATCH": About("variable.edit", lambda scene: {"value": "2"}),
            "DELETE": About("variable.edit"),
        },
        lambda scene: {"id": scene.workspace.pk, "variable": scene.variable.pk},
    ),
    "audit": of_workspace(GET=About("audit.view")),
    "workflows": Route(
        {
            "GET": Lists("workflow.view", lambda scene: scene.workflow),
            "POST": About(
                "workflow.edit",
                lambda scene: {"workspace": str(scene.workspace.pk), "name": "Another"},
            ),
        }
    ),
    "workflow": Route(
        {
            "GET": About("workflow.view"),
            "PATCH": About("workflow.edit", lambda scene: {"name": "Renamed"}),
            "DELETE": About("workflow.edit"),
        },
        lambda scene: {"id": scene.idle_workflow.pk},
    ),
    "workflow-activate": of_workflow(POST=About("workflow.activate")),
    "workflow-deactivate": of_workflow(POST=About("workflow.activate")),
    "workflow-archive": of_workflow(POST=About("workflow.activate")),
    "draft": of_workflow(
        GET=About("workflow.view"),
        PUT=About("workflow.edit", lambda scene: {"graph": chain("start", "next"), "revision": 0}),
    ),
    "workflow-validate": of_workflow(
        POST=About("workflow.view", lambda scene: {"graph": chain("start", "next")})
    ),
    "workflow-publish": of_workflow(POST=About("workflow.publish", lambda scene: {"version": 1})),
    "versions": of_workflow(
        GET=About("version.view"),
        POST=About("version.save", lambda scene: {"graph": chain("start", "next")}),
    ),
    "version": of_version(GET=About("version.view")),
    "version-diff": Route(
        {"GET": About("version.view")},
        lambda scene: {"id": scene.workflow.pk, "number": 1, "query": "against=1"},
    ),
    "expression-evaluate": Route(
        {
            "POST": About(
                "expression.evaluate",
                lambda scene: {"workspace": str(scene.workspace.pk), "expression": "={{ 1 + 1 }}"},
            )
        }
    ),
    "import-n8n": Route({"POST": About("workflow.edit", n8n_body)}),
    "import-n8n-convert": Route({"POST": About("workflow.edit", n8n_body)}),
    "workflow-runs": of_workflow(POST=About("run.start", lambda scene: {"input": {"n": 1}})),
    "runs": Route({"GET": Lists("run.view", lambda scene: scene.ended_run)}),
    "run": Route(
        {"GET": About("run.view"), "DELETE": About("run.delete")},
        lambda scene: {"id": scene.ended_run.pk},
    ),
    "steps": of_run(GET=About("run.view")),
    "short-steps": of_run(GET=About("run.view")),
    "step": Route(
        {"GET": About("run.view")},
        lambda scene: {"id": scene.waiting_run.pk, "step": scene.step.pk},
    ),
    "run-cancel": of_run(POST=About("run.cancel")),
    "run-mark-failed": of_run(POST=About("run.cancel", lambda scene: {"note": "It is of no use."})),
    "run-retry": Route(
        {"POST": About("run.retry", lambda scene: {"from": "start", "version": "same"})},
        lambda scene: {"id": scene.ended_run.pk},
    ),
    "run-resume": of_run(
        POST=About(
            "run.decide", lambda scene: {"step": str(scene.step.pk), "decision": "run_again"}
        )
    ),
    "workflow-hold": of_workflow(
        GET=About("workflow.view"), PUT=About("workflow.hold"), DELETE=About("workflow.hold")
    ),
    "workspace-hold": of_workspace(
        GET=About("workspace.view"), PUT=About("workspace.hold"), DELETE=About("workspace.hold")
    ),
    "hold": Route({"GET": SignedIn(), "PUT": SUPERUSERS, "DELETE": SUPERUSERS}),
    "workers": Route({"GET": SUPERUSERS}),
    "worker-stop": Route({"POST": SUPERUSERS}, lambda scene: {"id": make_worker().pk}),
    "polls": Route({"GET": Lists("trigger.view", lambda scene: scene.poll)}),
    "poll-look": Route({"POST": About("run.start")}, lambda scene: {"id": scene.poll.pk}),
    "schedules": Route({"GET": Lists("trigger.view", lambda scene: scene.schedule)}),
    "schedule": of_schedule(
        GET=About("trigger.view"), PATCH=About("trigger.pause", lambda scene: {"paused": True})
    ),
    "schedule-next": of_schedule(GET=About("trigger.view")),
    "schedule-fires": of_schedule(GET=About("trigger.view")),
    "schedule-run": of_schedule(POST=About("run.start")),
    "schedule-backfill": of_schedule(
        POST=About(
            "run.start",
            lambda scene: {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
        )
    ),
    "bulk-jobs": of_workspace(
        GET=About("run.view"),
        POST=About("run.retry", lambda scene: {"deed": "retry", "filter": {}}),
    ),
    "bulk-job": Route({"GET": About("run.view")}, lambda scene: {"id": scene.job.pk}),
    "error-groups": of_workspace(GET=About("run.view")),
    "error-group": Route(
        {
            "GET": About("run.view"),
            "PATCH": About("group.manage", lambda scene: {"status": "resolved"}),
        },
        lambda scene: {"id": rows.error_group(scene.ended_run).pk},
    ),
    "run-notes": of_run(
        GET=About("run.view"), POST=About("note.write", lambda scene: {"text": "Seen."})
    ),
    "workflow-notes": of_workflow(
        GET=About("workflow.view"), POST=About("note.write", lambda scene: {"text": "Seen."})
    ),
    "note": Route(
        {
            "PATCH": Own("note.write", lambda scene: {"text": "More."}),
            "DELETE": About("note.manage"),
        },
        lambda scene: {"id": scene.note.pk},
    ),
    "alerts": Route({"GET": Lists("alert.view", lambda scene: rows.alert(scene.alert_rule))}),
    "alert": Route(
        {"GET": About("alert.view")}, lambda scene: {"id": rows.alert(scene.alert_rule).pk}
    ),
    "alert-rules": Route(
        {
            "GET": Lists("alert.view", lambda scene: scene.alert_rule),
            "POST": About(
                "alert.edit",
                lambda scene: {
                    "workspace": str(scene.workspace.pk),
                    "name": "New",
                    "kind": "run_failed",
                },
            ),
        }
    ),
    "alert-rule": of_alert_rule(
        GET=About("alert.view"),
        PATCH=About("alert.edit", lambda scene: {"revision": 1, "name": "Other"}),
        DELETE=About("alert.edit"),
    ),
    "alert-silence": of_alert_rule(
        PUT=About("alert.silence", lambda scene: {"until": soon(), "reason": "Moving house"}),
        DELETE=About("alert.silence"),
    ),
    "alert-test": of_alert_rule(POST=About("alert.send")),
    "alert-deliveries": Route({"GET": Lists("alert.view", lambda scene: scene.alert_delivery)}),
    "alert-delivery": of_alert_delivery(GET=About("alert.view")),
    "alert-redeliver": of_alert_delivery(POST=About("alert.send")),
    "bulk-job-stop": Route({"POST": About("run.retry")}, lambda scene: {"id": scene.job.pk}),
    "schedule-preview": Route({"POST": SignedIn({"params": {"cron": "@daily"}})}),
    "credentials": Route(
        {
            "GET": Lists("credential.view", lambda scene: scene.credential),
            "POST": About(
                "credential.edit",
                lambda scene: {
                    "workspace": str(scene.workspace.pk),
                    "name": "Another",
                    "type": "http_bearer",
                    "values": {"token": "s3cret"},
                },
            ),
        }
    ),
    "credential": of_credential(
        GET=About("credential.view"),
        PATCH=About("credential.edit", lambda scene: {"revision": 1, "name": "Renamed"}),
        DELETE=About("credential.edit"),
    ),
    "credential-test": of_credential(
        POST=About("credential.use", lambda scene: {"url": "http://127.0.0.1:1/"})
    ),
    "credential-rotate": of_credential(
        POST=About("credential.edit", lambda scene: {"revision": 1, "values": {"token": "new"}})
    ),
    "credential-authorize": Route(
        {"POST": About("credential.edit", keys_may=False)},
        lambda scene: {"id": scene.oauth_credential.pk},
    ),
    "oauth-callback": Route({"GET": SignedIn()}),
    "credential-types": Route({"GET": SignedIn()}),
    "payload": Route(
        {"GET": About("run.view")}, lambda scene: {"id": rows.input_payload(scene.ended_run).pk}
    ),
    "workflow-listen": Route(
        {"POST": About("trigger.listen", lambda scene: {"node": "hook"})},
        lambda scene: {"id": scene.hooked_workflow.pk},
    ),
    "listener": Route(
        {"GET": About("trigger.view")},
        lambda scene: {"id": rows.webhook_listener(scene.workflow).pk},
    ),
    "listener-stop": Route(
        {"POST": About("trigger.listen")},
        lambda scene: {"id": rows.webhook_listener(scene.workflow).pk},
    ),
    "hooks": Route({"GET": Lists("trigger.view", lambda scene: scene.hook_request.endpoint)}),
    "hook-requests": Route({"GET": Lists("trigger.view", lambda scene: scene.hook_request)}),
    "hook-request": of_hook_request(GET=About("trigger.view")),
    "hook-request-replay": of_hook_request(
        POST=About("trigger.replay", lambda scene: {"version": "same"})
    ),
}


STREAMS = {
    "api/v1/runs/<uuid:run>/events": About("run.view"),
    "runs/<uuid:run>/events": About("run.view"),
}
"""What the ASGI router serves beside Django, about one run."""

SOCKETS = {"ws/workspaces/<uuid:workspace>": About("run.view")}
"""WebSockets, about one workspace."""

OTHER_ASGI = {"^(?:wait|decide|forms?|files)/", ""}
"""Steps that wait and forms, whose senders are known by other means (`tests/triggers`), and
Django itself."""
