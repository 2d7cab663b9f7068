"""A webhook node of a draft listens for one request, at an address for tests, while one waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from apps.engine.errors import Fault, FaultsError
from apps.engine.events import write_time
from apps.nodes.webhooks.params import WebhookParams
from apps.nodes.webhooks.paths import has_names, pattern_of, patterns_for
from apps.runs.create import RunRequest, VersionRef, create_run
from apps.runs.files import own_files
from apps.runs.publish import tell_heard, tell_refused
from apps.runs.start import require_startable
from apps.runs.states import Trigger
from apps.triggers.errors import RefusedError
from apps.triggers.hooks.answer import JSON, HookAnswer
from apps.triggers.hooks.inbox import row_of
from apps.triggers.hooks.request import HookRequest
from apps.triggers.hooks.secrets import Secrets
from apps.triggers.models import WebhookEndpoint, WebhookListener, WebhookRequest
from apps.triggers.models.hooks import TEST_PREFIX
from apps.versions.save import save_draft
from apps.versions.validate import require_graph, validate
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal

LISTENS_FOR = timedelta(minutes=2)


def listen(
    workflow: Workflow, node: str, *, starts_run: bool, by: Principal | None
) -> WebhookListener:
    """Have a webhook node of the draft listen for one request, from now for two minutes.

    It is known by the node's params as they are now; its address stays the same whenever it
    listens. With `starts_run` the request starts a run of the draft as it is now. Raises
    ConflictError where the workflow is archived, FaultsError where the node is no sound webhook or,
    with a run, the draft has faults.
    """
    require_startable(workflow)
    params = _params(workflow, node)
    with transaction.atomic():
        version = save_draft(workflow, by=by)[0] if starts_run else None
        listener, _ = WebhookListener.objects.update_or_create(
            workflow=workflow,
            workspace_id=workflow.workspace_id,
            node_id=node,
            defaults={
                "params": params,
                "version": version,
                "until": now() + LISTENS_FOR,
                "request": None,
                "refusal": None,
                "created_by": by.as_user if by else None,
            },
        )
        record("workflow.listen", workflow, by=by, node=node)
    return listener


def stop_listening(listener: WebhookListener) -> None:
    """Let it listen no more; what came to it stays."""
    listener.until = min(listener.until, now())
    listener.save(update_fields=["until"])


def _params(workflow: Workflow, id: str) -> dict[str, Any]:
    """The params of a webhook node of the draft."""
    validation = validate(workflow.draft_graph, workflow.workspace_id)
    require_graph(validation)
    for place, node in enumerate(workflow.draft_graph["nodes"]):
        if node["id"] == id and node["type"] == "webhook":
            path = f"nodes[{place}]."
            if faults := [each for each in validation.errors if each.path.startswith(path)]:
                raise FaultsError(faults, "The webhook has faults.")
            return dict(node["params"])
    told = Fault("node", "unknown_node", f"The draft has no webhook “{id}”.")
    raise FaultsError([told])


@dataclass(frozen=True, slots=True)
class Listening:
    """A node that listens for one request, by one of its methods."""

    id: UUID
    path: str
    method: str
    node_id: str
    workflow_id: UUID
    workspace_id: UUID
    version: VersionRef | None
    """Of which it starts a run."""
    params: WebhookParams

    def is_meant(self, parts: Sequence[str]) -> bool:
        """Whether these parts of a path, the first of which is its own, fit the whole."""
        pattern, rest = pattern_of(self.params.path), parts[1:]
        return pattern in patterns_for(rest) if has_names(pattern) else not rest


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that a node listened for."""

    by: Listening
    request: HookRequest
    secrets: Secrets
    item: dict[str, Any]
    headers: dict[str, str]
    """Of the answer."""


def listening_at(paths: set[str]) -> dict[str, list[Listening]]:
    """Who listens at these paths for tests, by each method."""
    found: dict[str, list[Listening]] = {}
    rows = WebhookListener.objects.filter(path__in=paths, request=None, until__gt=now())
    rows = rows.annotate(published_at=F("version__published_at"))
    for row in rows:
        params = WebhookParams.model_validate(row.params)
        version = None
        if row.version_id is not None:
            version = VersionRef(
                row.version_id,
                row.workflow_id,
                row.workspace_id,
                is_published=row.published_at is not None,
            )
        found[row.path] = [
            Listening(
                *(row.pk, row.whole_path, method, row.node_id),
                *(row.workflow_id, row.workspace_id, version, params),
            )
            for method in (params.method, *params.more_methods)
        ]
    return found


def keep_heard(heard: Heard) -> HookAnswer | RefusedError:
    """Keep the request, start the run that is wanted, and tell who waits; in a transaction.

    Refuses where another request came first.
    """
    by = heard.by
    waiting = WebhookListener.objects.select_for_update().filter(pk=by.id, request=None).first()
    if waiting is None:
        return not_listening(by.path)
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        workflow_id=by.workflow_id,
        node_id=by.node_id,
        method=by.method,
        defaults={"workspace_id": by.workspace_id, "path": waiting.path},
    )
    run = None
    if by.version is not None:
        # As a person's run: the pins of the draft count, but for what came instead of one.
        asked = RunRequest(
            Trigger.WEBHOOK,
            by.node_id,
            [heard.item],
            triggered_by=waiting.created_by_id,
            pins={by.node_id: None},
        )
        run = create_run(by.version, asked)
        own_files(run, [heard.item])
    run_id = run.pk if run else None
    kept = WebhookRequest.objects.create(
        **row_of(heard.request, heard.secrets, endpoint.pk, by.path, by.workspace_id, run_id)
    )
    waiting.request = kept
    waiting.save(update_fields=["request"])
    transaction.on_commit(
        lambda: tell_heard(by.workspace_id, by.workflow_id, by.node_id, kept.pk, run_id)
    )
    told = {"run": str(run_id) if run else None, "request": str(kept.pk)}
    return HookAnswer(202, orjson.dumps(told), {"Content-Type": JSON, **heard.headers})


def note_refusal(by: Listening, refused: RefusedError) -> None:
    """Tell who waits that a request came which is not let in, and keep why: of the last one."""
    refusal: dict[str, int | str] = {
        "status": refused.status,
        "code": refused.code,
        "message": refused.message,
        "at": write_time(now()),
    }
    if WebhookListener.objects.filter(pk=by.id, request=None).update(refusal=refusal):
        tell_refused(by.workspace_id, by.workflow_id, by.node_id, refusal)


def not_listening(path: str) -> RefusedError:
    sentence = "No active workflow listens at this address."
    if path.startswith(TEST_PREFIX):
        sentence = (
            "An address for tests takes one request, within two minutes of being told to listen."
        )
    return RefusedError(404, "unknown_hook", sentence)
