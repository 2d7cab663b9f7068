"""To run a schedule's workflow now, beside its times."""

from django.db import transaction

from apps.runs import sql
from apps.runs.create import RunRequest, create_run
from apps.runs.models import Run
from apps.runs.states import Trigger
from apps.triggers.models import Schedule
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.runs import item_of, published, require_live
from apps.workspaces.audit import record
from apps.workspaces.permissions import Principal


def run_now(schedule: Schedule, *, by: Principal) -> Run:
    """Make a run as if a slot were due now; no slot is touched, and what is paused stays so.

    Raises ConflictError where its workflow is not active.
    """
    require_live(schedule)
    plan, now = plan_of(schedule), sql.database_now()
    request = RunRequest(
        Trigger.MANUAL if by.as_user else Trigger.API,
        schedule.node_id,
        [item_of(plan, plan.recurrence.sentence(), now, now)],
        triggered_by=by.as_user.pk if by.as_user else None,
    )
    with transaction.atomic():
        run = create_run(published(schedule), request)
        record("run.start", run, by=by, schedule=str(schedule.pk))
    return run
