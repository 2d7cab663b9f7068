"""Rows that the admin shows and that runs or requests make: one of each, for a scene."""

from uuid import uuid4

from django.utils.timezone import now

from apps.operations.models import Alert, AlertDelivery, AlertRule, ErrorGroup, Note
from apps.runs.models import Payload, Run, RunSignal, StepRun
from apps.runs.payloads import store_payload
from apps.runs.states import SignalKind
from apps.triggers.models import Poll, WebhookEndpoint, WebhookListener, WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.models import ApiKey, IdempotencyKey, Invitation, Workspace


def idempotency_key(key: ApiKey) -> IdempotencyKey:
    return IdempotencyKey.objects.get_or_create(
        workspace=key.workspace,
        principal=key.pk,
        defaults={"expires_at": now(), "request": "POST /api/v1/workflows"},
    )[0]


def invitation(workspace: Workspace) -> Invitation:
    email = f"invited-{uuid4().hex[:8]}@example.test"
    return Invitation.objects.create(
        workspace=workspace, email=email, role="viewer", expires_at=now()
    )


def payload(workflow: Workflow) -> Payload:
    return Payload.objects.get_or_create(
        workspace=workflow.workspace, sha256="0" * 64, defaults={"size": 1, "file": "00"}
    )[0]


def input_payload(run: Run) -> Payload:
    """The payload of what a run took, with its file."""
    if run.input_payload is None:
        run.input_payload_id = store_payload(run.workspace_id, b"[]")
        run.save(update_fields=["input_payload"])
    return Payload.objects.get(pk=run.input_payload_id)


def run_signal(step: StepRun) -> RunSignal:
    return RunSignal.objects.get_or_create(
        workspace=step.workspace, run=step.run, kind=SignalKind.CANCEL
    )[0]


def webhook_endpoint(workflow: Workflow) -> WebhookEndpoint:
    return WebhookEndpoint.objects.get_or_create(
        workspace=workflow.workspace,
        workflow=workflow,
        node_id="start",
        defaults={"path": str(workflow.pk), "method": "POST"},
    )[0]


def poll(version: WorkflowVersion) -> Poll:
    return Poll.objects.get_or_create(
        workspace=version.workspace,
        workflow=version.workflow,
        version=version,
        node_id="new",
        defaults={"type": "rss_trigger", "params": {}, "due_at": now(), "is_live": True},
    )[0]


def webhook_listener(workflow: Workflow) -> WebhookListener:
    return WebhookListener.objects.get_or_create(
        workspace=workflow.workspace,
        workflow=workflow,
        node_id="hook",
        defaults={"params": {}, "until": now()},
    )[0]


def hook_request(run: Run) -> WebhookRequest:
    """A request of the inbox that made this run."""
    endpoint = webhook_endpoint(run.workflow)
    return WebhookRequest.objects.get_or_create(
        workspace=run.workspace,
        run=run,
        defaults={"endpoint": endpoint, "method": "POST", "path": endpoint.path},
    )[0]


def error_group(run: Run) -> ErrorGroup:
    """The group of the failures that are like a run's."""
    return ErrorGroup.objects.get_or_create(
        workspace=run.workspace,
        fingerprint=run.pk.hex * 2,
        defaults={
            "error_code": "http_status",
            "first_seen": now(),
            "last_seen": now(),
            "last_run": run.pk,
        },
    )[0]


def note(run: Run) -> Note:
    """A note of somebody who is gone."""
    return Note.objects.get_or_create(
        workspace=run.workspace,
        run=run,
        defaults={"text": "Seen.", "author": uuid4(), "author_name": "gone@example.test"},
    )[0]


def alert(rule: AlertRule) -> Alert:
    """That the rule fires."""
    return Alert.objects.get_or_create(
        workspace=rule.workspace,
        rule=rule,
        resolved_at=None,
        defaults={"title": "1 run failed", "opened_at": now(), "seen_at": now()},
    )[0]


def alert_delivery(alert: Alert) -> AlertDelivery:
    """What was told of an alert by mail."""
    return AlertDelivery.objects.get_or_create(
        workspace=alert.workspace,
        rule=alert.rule,
        alert=alert,
        event="opened",
        channel="email",
        defaults={"subject": alert.title, "status": "sent", "give_up_at": now()},
    )[0]
