"""What a first start makes: an admin, and a workspace with workflows to try."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from apps.engine.encoding import read_json
from apps.engine.items import Json
from apps.versions.draft import replace_draft
from apps.versions.publish import publish_version
from apps.versions.save import save_draft
from apps.workflows.activate import activate_workflow
from apps.workflows.edit import create_workflow
from apps.workspaces.api_keys import create_api_key
from apps.workspaces.edit import create_workspace
from apps.workspaces.models import User, Workspace
from apps.workspaces.permissions import Role

ADMIN_EMAIL = "admin@localhost"
WORKSPACE_NAME = "Demo"
WORKFLOWS = {"GitHub events": "github_events.json", "Parcels, one by one": "one_by_one.json"}


@dataclass(frozen=True)
class Access:
    """How to get in. Shown once: neither password nor key can be read again."""

    email: str
    password: str
    api_key: str


def set_up_demo(own_address: str) -> Access | None:
    """Make the first admin, and the demo; None, and nothing made, where there is a user already.

    `own_address` is where the demo's HTTP call reaches this FlowForge: `http://127.0.0.1:8000`.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        admin = User.objects.create_superuser(ADMIN_EMAIL, password)
        workspace = create_workspace(WORKSPACE_NAME, owner=admin)
        for name, file in WORKFLOWS.items():
            make_workflow(workspace, name, demo_graph(file, own_address), admin)
        _, api_key = create_api_key(workspace, Role.ADMIN, name="First start", by=admin)
    return Access(admin.email, password, api_key)


def demo_graph(file: str, own_address: str) -> Json:
    """Read a graph that lies beside this module."""
    text = (Path(__file__).parent / "demo_workflows" / file).read_text()
    return read_json(text.replace("OWN_ADDRESS", own_address).encode())


def make_workflow(workspace: Workspace, name: str, graph: Json, by: User) -> None:
    """Take a graph all the way: draft, version, published, active."""
    workflow = create_workflow(workspace, name, by=by)
    replace_draft(workflow, graph, workflow.draft_revision)
    version, _ = save_draft(workflow, "Comes with FlowForge", by=by)
    activate_workflow(publish_version(version, by=by), by=by)
