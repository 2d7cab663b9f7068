"""What other runs have to do with a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.runs.models import Run, RunValue

ERROR_OF = "flowforge.error_of"
"""The name of the value that a run of an error workflow keeps: whose failure it was started by. No
name that a node gives has a dot."""
MOST = 20
"""Of each kind: a step may start a thousand runs, and a loop has many steps."""


@dataclass(frozen=True, slots=True)
class Kin:
    """The newest of each."""

    retries: Sequence[UUID]
    children: Sequence[UUID]
    failed: Sequence[UUID]
    """The run whose failure this one was started by, if it was."""
    error_runs: Sequence[UUID]
    """Those that this run's failure started."""


def kin_of(run: Run) -> Kin:
    """Four small looks by indexes. What is kept no longer is left out."""
    values = RunValue.objects.filter(workspace=run.workspace_id, name=ERROR_OF)
    told = values.filter(run=run).values_list("value", flat=True)
    return Kin(
        _ids(run.retries.all()),
        _ids(Run.objects.filter(parent_step__run=run)),
        _ids(Run.objects.filter(workspace=run.workspace_id, pk__in=[UUID(id) for id in told])),
        list(
            values.filter(value=str(run.pk)).order_by("-run").values_list("run", flat=True)[:MOST]
        ),
    )


def note_failure(run: Run, failed: Run) -> None:
    """Note whose failure started the run. For the transaction that makes it."""
    RunValue.objects.create(
        workspace_id=run.workspace_id, run=run, name=ERROR_OF, value=str(failed.pk)
    )


def _ids(runs: Any) -> list[UUID]:
    return list(runs.order_by("-pk").values_list("pk", flat=True)[:MOST])
