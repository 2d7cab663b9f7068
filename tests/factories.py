"""Makes rows for tests: plain functions, only what matters is given."""

from itertools import count
from typing import Any

from apps.versions.models import WorkflowVersion
from apps.versions.save import save_version
from apps.workflows.models import Workflow
from apps.workspaces.api_keys import create_api_key
from apps.workspaces.models import ApiKey, Membership, User, Workspace
from apps.workspaces.permissions import Role
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
        workflow.version = version.version
        workflow.save(update_fields=["version"])
    return version
