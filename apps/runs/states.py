"""Statuses of runs and steps, and the moves between them: one table."""

from django.db.models import TextChoices


class RunStatus(TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepStatus(TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Trigger(TextChoices):
    """What made a run."""

    MANUAL = "manual"
    API = "api"
    WEBHOOK = "webhook"
    FORM = "form"
    SCHEDULE = "schedule"
    RETRY = "retry"
    CHILD = "child"
    ERROR = "error"
    MODEL_EVENT = "model_event"
    POLL = "poll"


class SignalKind(TextChoices):
    """What can reach a run from outside."""

    CANCEL = "cancel"
    DECISION = "decision"
    RESUME = "resume"
    CHILD = "child"
    LATE = "late"


TERMINAL = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)
OPEN = (RunStatus.PENDING, RunStatus.RUNNING, RunStatus.WAITING)

MOVES: dict[RunStatus, tuple[RunStatus, ...]] = {
    RunStatus.PENDING: (RunStatus.RUNNING,),
    # To pending: taken over, or handed back; the others: ended or suspended by its owner.
    RunStatus.RUNNING: (RunStatus.PENDING, RunStatus.WAITING, *TERMINAL),
    # Woken: due, or a signal arrived.
    RunStatus.WAITING: (RunStatus.PENDING,),
    RunStatus.COMPLETED: (),
    RunStatus.FAILED: (),
    RunStatus.CANCELLED: (),
}
"""From each status of a run, those that it may move to. Whoever wants to end a run claims it."""
