"""Changes what a published workflow allows its runs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from apps.engine.graph import GraphSettings
from apps.engine.items import Json
from apps.versions.draft import put_into_draft, require_unarchived
from apps.versions.limits import (
    LIMITS,
    Limits,
    differing_limits,
    limits_in_words,
    read_limits,
    settings_of,
)
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.versions.save import LONGEST_NOTE, save_version
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.errors import ConflictError
from apps.workspaces.permissions import Principal


@dataclass(frozen=True, slots=True)
class LimitsChange:
    """What became of a change of limits, in words."""

    version: int
    """The one that is published now."""
    told: str
    """Each limit before and after: `runs at once 5 → 2`."""
    left_in_draft: str
    """The limits that the draft has otherwise, and keeps: `runs at once 10`; empty: none."""


def change_limits(
    workflow: Workflow, limits: Limits, *, seen: int | None, by: Principal | None
) -> LimitsChange | None:
    """Publish the published graph with these limits instead of its own, and have the draft follow.

    Where the draft has a limit otherwise than the published version, somebody is at it, and there
    it stays. None, and nothing is made, where the limits are these already. `seen` is the version
    of which they were changed.

    Raises FaultsError for what is wrong with them, or with the graph by now; ConflictError where
    none, or another one, is published, or the workflow is archived.
    """
    after = read_limits(limits)
    # All of it under one lock: nobody publishes or edits in between.
    with transaction.atomic():
        rows = Workflow.objects.select_for_update(no_key=True).without_draft()
        locked = rows.get(pk=workflow.pk)
        require_unarchived(locked)
        graph = _published(locked, seen).graph_json
        before = settings_of(graph)
        changed = differing_limits(before, after)
        if not changed:
            return None
        old, new = limits_in_words(before), limits_in_words(after)
        told = ", ".join(f"{LIMITS[name].lower()} {old[name]} → {new[name]}" for name in changed)
        with_limits = _with_limits(graph, limits, changed)
        note = f"Limits changed: {told}"[:LONGEST_NOTE]
        version, _ = save_version(locked, with_limits, note, by=by)
        current = publish_version(version, by=by)

        revision = current.draft_revision
        left = _give_to_draft(current, before, limits, changed)
        changes = {LIMITS[name]: (old[name], new[name]) for name in changed}
        moved = {"draft_revision": (revision, current.draft_revision)}
        record("workflow.limits", current, changes | moved, by=by, version=version.version)
    return LimitsChange(version.version, told, left)


def _give_to_draft(
    workflow: Workflow, before: GraphSettings, limits: Limits, changed: list[str]
) -> str:
    """Change these limits in the draft but those that it has otherwise already, and tell them."""
    draft = settings_of(workflow.draft_graph)
    edited = [name for name in differing_limits(before, draft) if name in changed]
    if free := [name for name in changed if name not in edited]:
        put_into_draft(workflow, _with_limits(workflow.draft_graph, limits, free))
    own, otherwise = limits_in_words(draft), differing_limits(read_limits(limits), draft)
    return ", ".join(f"{LIMITS[name].lower()} {own[name]}" for name in edited if name in otherwise)


def _published(workflow: Workflow, seen: int | None) -> WorkflowVersion:
    """The published version, which is the one that was seen."""
    if workflow.version is None:
        raise ConflictError(
            "not_published",
            "The workflow has no published version.",
            "Its draft's limits are changed on the canvas.",
        )
    if workflow.version != seen:
        raise ConflictError(
            "published_meanwhile",
            f"Version {workflow.version} was published meanwhile, so nothing was changed.",
            "Look at its limits first.",
        )
    return workflow.versions.get(version=workflow.version)


def _with_limits(document: Json, limits: Limits, names: Iterable[str]) -> Json:
    """The graph with those of the limits; one that is none, or as by default, is not written."""
    settings = dict(document.get("settings") or {})
    defaults = GraphSettings()
    for name in names:
        value = limits.get(name)
        if value is None or value == getattr(defaults, name):
            settings.pop(name, None)
        else:
            settings[name] = value
    return document | {"settings": settings}
