"""To hold runs back: of a workflow, of a workspace, or all there are; and to let them go on.

What runs goes on to its end, what wakes waits as pending, and triggers go on making runs. A run
that is only to be ended is ended all the same.
"""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.engine.errors import Fault, FaultsError
from apps.runs import sql
from apps.runs.line import open_lines
from apps.runs.models import EVERYTHING, Hold, Line
from apps.runs.publish import tell_hold
from apps.workflows.models import Workflow
from apps.workspaces.audit import record
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal

Held = Workflow | Workspace | None
"""What is held; None: everything."""


def hold(what: Held, reason: str = "", *, by: Principal | None) -> Hold:
    """Let no run of it be claimed from now on. Doing it again only changes the reason, which
    whoever holds everything must give: it stops the runs of people who know nothing of it."""
    if what is None and not reason.strip():
        raise FaultsError([Fault("reason", "required", "Say why everything is held.")])
    workflow = what if isinstance(what, Workflow) else None
    workspace: Any = workflow.workspace if workflow else what
    with transaction.atomic():
        before = Hold.objects.filter(pk=_key(what)).first()
        made, _ = Hold.objects.update_or_create(
            pk=_key(what),
            defaults={"reason": reason},
            create_defaults={
                "reason": reason,
                "workflow": workflow,
                "workspace": workspace,
                "created_by": by.as_user if by else None,
            },
        )
        told = {
            "held": (before is not None, True),
            "reason": (before.reason if before else None, reason),
        }
        record(f"{made.what}.hold", what or made, told, by=by)
        _tell(made)
    return made


def hold_of(what: Held) -> Hold | None:
    """Its own hold, whatever else may keep its runs back."""
    return Hold.objects.select_related("created_by").filter(pk=_key(what)).first()


def lift(what: Held, *, by: Principal | None) -> None:
    """Let its runs be claimed again, where no other hold keeps them. Twice changes nothing.

    The first go at once, and their queue is woken; the sweep lets the others go, some at a time.
    """
    with transaction.atomic():
        held = Hold.objects.select_for_update(of=("self",)).filter(pk=_key(what)).first()
        if held is None:
            return
        told = {"held": (True, False), "reason": (held.reason, None)}
        record(f"{held.what}.lift", what or held, told, by=by)
        _tell(held)
        held.delete()
        lines = Line.objects.filter(kind=Line.Kind.HOLD)
        if isinstance(what, Workflow):
            lines = lines.filter(pk=Line.id_of(what.pk, Line.Kind.HOLD))
        elif isinstance(what, Workspace):
            lines = lines.filter(workspace=what)
        # In the order in which `set_aside` locks them: neither waits for the other for ever.
        locked = [line.pk for line in lines.select_for_update().order_by("pk")]
        lines = Line.objects.filter(pk__in=locked)
        lines.update(look_at=sql.database_now())
        open_lines(lines)


def _tell(held: Hold) -> None:
    """All who look at what is held, or let go."""
    told = Workspace.objects.order_by()
    if held.workspace_id:  # a workflow's hold names its workspace too
        told = told.filter(pk=held.workspace_id)
    for workspace in told.values_list("pk", flat=True):
        transaction.on_commit(partial(tell_hold, workspace, held.pk, held.what))


def _key(what: Held) -> UUID:
    return EVERYTHING if what is None else what.pk
