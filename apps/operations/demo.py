"""What a first start makes: an admin, and a workspace with workflows to try."""

import logging
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import F

from apps.engine.encoding import encode, read_json
from apps.engine.errors import FlowForgeError
from apps.engine.items import Json
from apps.versions.draft import replace_draft
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.versions.save import save_draft, save_version
from apps.workflows.activate import activate_workflow
from apps.workflows.edit import create_workflow
from apps.workflows.models import Workflow
from apps.workspaces.api_keys import create_api_key
from apps.workspaces.edit import create_workspace
from apps.workspaces.models import User, Workspace
from apps.workspaces.permissions import Role

logger = logging.getLogger(__name__)

ADMIN_EMAIL = "admin@localhost"
WORKSPACE_NAME = "Demo"
CALLING = "GitHub events"
WORKFLOWS = {CALLING: "github_events.json", "Parcels, one by one": "one_by_one.json"}
ECHO_URL = re.compile(r"(http://[^/\"]+)/echo(?=\")")
NOTE = "Comes with FlowForge"


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
    workflow = create_workflow(workspace, name, graph, by=by)
    version, _ = save_draft(workflow, NOTE, by=by)
    activate_workflow(publish_version(version, by=by), by=by)


def move_demo(own_address: str) -> None:
    """Let the demo call this FlowForge where it is now: it may have been started elsewhere.

    A graph that somebody else made stays as it is.
    """
    published = WorkflowVersion.objects.filter(
        workflow__workspace__name=WORKSPACE_NAME,
        workflow__name=CALLING,
        workflow__status=Workflow.Status.ACTIVE,
        workflow__version=F("version"),
        note=NOTE,
    ).first()
    if published is None:
        return
    graph = encode(published.graph_json).decode()
    called = ECHO_URL.search(graph)
    if called is None or called[1] == own_address:
        return
    try:
        _replace(published, read_json(graph.replace(called[0], f"{own_address}/echo").encode()))
    except FlowForgeError as error:
        logger.warning("the demo still calls %s: %s", called[1], error)


def _replace(published: WorkflowVersion, graph: Json) -> None:
    demo = published.workflow
    with transaction.atomic():
        version, _ = save_version(demo, graph, NOTE, by=None)
        publish_version(version, by=None)
        if demo.draft_graph == published.graph_json:
            replace_draft(demo, graph, demo.draft_revision)
