"""Statuses of runs and steps, and the moves between them: one table."""

from django.db.models import IntegerChoices, TextChoices


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
    API = "api", "API"
    WEBHOOK = "webhook"
    FORM = "form"
    SCHEDULE = "schedule"
    RETRY = "retry"
    CHILD = "child"
    ERROR = "error"
    MODEL_EVENT = "model_event"
    POLL = "poll"


class Priority(IntegerChoices):
    """Which runs are claimed first, whatever else waits. They go by their names."""

    HIGH = 1, "high"
    DEFAULT = 0, "default"
    LOW = -1, "low"

    @classmethod
    def named(cls, name: str) -> "Priority":
        return cls[name.upper()]

    @classmethod
    def of(cls, number: int) -> "Priority":
        """Of a row that was given a number, as could be done once."""
        return cls((number > 0) - (number < 0))


class WorkerState(TextChoices):
    """What a worker process does, as its row tells. Stuck: it was asked to stop and lives on, since
    it hangs, or is of a version that cannot be asked."""

    WORKING = "working"
    DRAINING = "draining"
    DRAINED = "drained"
    STOPPING = "stopping"
    STUCK = "stuck"
    SILENT = "silent"


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
