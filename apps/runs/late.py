"""What came of an effect after the claim of its run was lost."""

import logging

from django.db import DatabaseError, InterfaceError

from apps.engine.events import write_time
from apps.engine.journal import StepRow
from apps.runs.claim import Claim
from apps.runs.models import Run
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind
from apps.workspaces.errors import ConflictError

logger = logging.getLogger(__name__)


def send_late(claim: Claim, row: StepRow) -> None:
    """Let the run know that this attempt succeeded: whoever owns it now keeps that on the attempt.

    A run that has ended wants to know no more.
    """
    assert row.finished_at is not None
    body = {"status": row.status, "at": write_time(row.finished_at), "items": row.output_counts}
    run = Run(pk=claim.run, workspace_id=claim.workspace, queue=claim.queue)
    try:
        send_signal(run, SignalKind.LATE, body=body, step=row.id, attempt=len(row.attempts))
    except ConflictError:
        pass
    except (DatabaseError, InterfaceError) as error:
        logger.warning("run %s: what came late could not be told: %s", claim.run, error)
