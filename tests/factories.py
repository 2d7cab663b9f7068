"""Makes rows for tests: plain functions, only what matters is given."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.utils import timezone

from apps.credentials.edit import create_credential
from apps.credentials.models import Credential
from apps.operations.alerts.kinds import KINDS
from apps.operations.models import AlertRule
from apps.runs.models import Run, StepRun
from apps.runs.states import OPEN, RunStatus, StepStatus, Trigger
from apps.triggers.models import Schedule
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.versions.save import save_version
from apps.workflows.models import Workflow
from apps.workspaces.api_keys import create_api_key
from apps.workspaces.models import ApiKey, Membership, User, Variable, Workspace
from apps.workspaces.permissions import Role
from apps.workspaces.variables import create_variable
from tests.graphs import chain

_numbers = count(1)


def make_user(workspace: Workspace | None = None, role: str = Role.ADMIN, **fields: Any) -> User:
    """A user without a password, and a member where a workspace is given."""
    fields.setdefault("email", f"user{next(_numbers)}@example.test")
    user = User.objects.create_user(**fields)
    if workspace:
        make_member(workspace, user, role)
    return user


def make_member(workspace: Workspace, user: User, role: str = Role.ADMIN) -> Membership:
    return Membership.objects.create(workspace=workspace, user=user, role=role)


def make_workspace(name: str = "Ops") -> Workspace:
    return Workspace.objects.create(name=name)


def make_api_key(
    workspace: Workspace | None = None, role: str = Role.ADMIN, **fields: Any
) -> tuple[ApiKey, str]:
    """A key and its text."""
    return create_api_key(workspace or make_workspace(), Role(role), **fields)


def make_variable(
    workspace: Workspace | None = None, name: str = "shop", value: str = "Berlin"
) -> Variable:
    return create_variable(workspace or make_workspace(), name, value, by=None)


def make_workflow(workspace: Workspace | None = None, **fields: Any) -> Workflow:
    """A workflow whose draft can be run."""
    fields = {"name": "Sync orders", "draft_graph": chain("start", "end")} | fields
    return Workflow.objects.create(workspace=workspace or make_workspace(), **fields)


def make_version(
    workflow: Workflow | None = None, graph: Any = None, *, is_published: bool = False
) -> WorkflowVersion:
    """A version of a graph that was not saved before, by default a chain of two nodes."""
    workflow = workflow or make_workflow()
    graph = graph or chain("start", f"end{next(_numbers)}")
    version, _ = save_version(workflow, graph, by=None)
    if is_published:
        workflow.version = publish_version(version, by=None).version
    return version


def make_schedule(workflow: Workflow | None = None, **fields: Any) -> Schedule:
    """A live schedule of a workflow, that is never due unless `due_at` says so."""
    workflow = workflow or make_workflow()
    due_at = fields.pop("due_at", datetime(2200, 1, 1, 8, tzinfo=UTC))
    fields = {"node_id": "tick", "rule": {"cron": "0 8 * * *"}, "is_live": True} | fields
    return Schedule.objects.create(
        workspace=workflow.workspace,
        workflow=workflow,
        next_run_at=due_at,
        due_at=due_at,
        **fields,
    )


def make_run(
    version: WorkflowVersion | None = None, status: str = RunStatus.PENDING, **fields: Any
) -> Run:
    """A run as it may stand in the table; nothing executes it."""
    version = version or make_version()
    defaults: dict[str, Any] = {
        "trigger": Trigger.API,
        "trigger_node": version.graph_json["nodes"][0]["id"],
        "input_json": [{"json": {}}],
        "finished_at": None if status in OPEN else timezone.now(),
    }
    return Run.objects.create(
        workspace_id=version.workspace_id,
        workflow_id=version.workflow_id,
        version=version,
        status=status,
        **defaults | fields,
    )


def make_step(
    run: Run | None = None, node: str = "end", wait: dict[str, Any] | None = None, **fields: Any
) -> StepRun:
    """A step that has begun, or that waits where `wait` says for what."""
    run = run or make_run()
    now = timezone.now()
    defaults: dict[str, Any] = {
        "status": StepStatus.WAITING if wait else StepStatus.RUNNING,
        "attempts": [{"n": 1, "seq": 1, "at": now.isoformat(), **({"wait": wait} if wait else {})}],
        "started_at": now,
        "seq_started": 1,
        "seq": 1,
    }
    return StepRun.objects.create(
        workspace_id=run.workspace_id, run=run, node_id=node, **defaults | fields
    )


def make_credential(
    workspace: Workspace | None = None,
    type: str = "http_bearer",
    values: dict[str, Any] | None = None,
    name: str | None = None,
) -> Credential:
    """A stored credential, by default a bearer token."""
    return create_credential(
        workspace or make_workspace(),
        name or f"Credential {next(_numbers)}",
        type,
        values or {"token": "s3cret-token"},
        by=None,
    )


def make_built_in_rule() -> AlertRule:
    """The rule that a migration makes, and that tests which empty the tables take away."""
    fields = {"name": "Late schedules", "kind": "schedule_late", "to_operators": True}
    return AlertRule.objects.get_or_create(is_built_in=True, defaults=fields)[0]


def make_alert_rule(
    workspace: Workspace | None = None, kind: str = "run_failed", **fields: Any
) -> AlertRule:
    """A rule with the numbers that its kind has by default, which mails to one address."""
    numbers = {name: number.default for name, number in KINDS[kind].numbers.items()}
    given = {"name": f"Rule {next(_numbers)}", "emails": ["ops@example.org"]} | numbers | fields
    return AlertRule.objects.create(workspace=workspace, kind=kind, **given)
