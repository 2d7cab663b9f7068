"""Failed runs that are in no group yet, as the groups want them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Coalesce, Left

from apps.engine.decisions import REASON
from apps.engine.endings import MARKED_FAILED
from apps.engine.items import Json
from apps.operations.groups.fingerprint import READ_CHARS, fingerprint
from apps.runs.models import Run
from apps.runs.querysets import RunQuerySet
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from apps.workspaces.constants import Constant

AT_ONCE = 500
Key = tuple[UUID, str]
"""Of a group: its workspace and fingerprint."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run, and what is told of its failure: what its row keeps masked."""

    run: UUID
    workspace: UUID
    workflow: UUID
    version: UUID
    created_at: datetime
    failed_at: datetime
    marks: Sequence[Mapping[str, Any]]
    code: str
    message: str

    @property
    def node(self) -> str:
        """The node that failed; none where the run ended for another reason."""
        error: Json = self.marks[-1].get("error") if self.marks else None
        return str((error or {}).get("node") or "")

    @property
    def reason(self) -> str:
        """What the message says of why it failed, without what a person wrote to it: two who mark
        runs as failed do not do it in the same words."""
        if self.code == MARKED_FAILED:
            return ""
        return REASON if self.message.startswith(REASON) else self.message

    @property
    def day(self) -> date:
        return self.failed_at.astimezone(UTC).date()


def ungrouped() -> RunQuerySet:
    """Those of trials stay out: who tries a draft out knows that it failed."""
    return Run.objects.filter(status=Constant(RunStatus.FAILED), error_group=None, is_trial=False)


def take_failures() -> list[tuple[Failure, str]]:
    """The oldest that nobody else holds, each with the type of the node that failed. For the
    caller's transaction."""
    rows = ungrouped().order_by("pk").values_list(
        "pk", "workspace", "workflow", "version", "created_at", "finished_at", "marks",
        "error_code", Left(Coalesce("error_message", Value("")), READ_CHARS),
    )  # fmt: skip
    held = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:AT_ONCE]
    failures = [Failure(*row) for row in held]
    types = _node_types(failure.version for failure in failures)
    return [(failure, types[failure.version].get(failure.node, "")) for failure in failures]


def key_of(failure: Failure, node_type: str) -> Key:
    return failure.workspace, fingerprint(failure.code, node_type, failure.reason)


def _node_types(versions: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """The types of the nodes of each version, by their ids."""
    rows = WorkflowVersion.objects.filter(pk__in=set(versions)).values_list("pk", "graph_json")
    return {
        version: {str(node["id"]): str(node["type"]) for node in graph["nodes"]}
        for version, graph in rows.iterator()
    }
