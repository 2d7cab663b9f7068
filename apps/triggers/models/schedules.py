"""When schedule nodes fire, and that they fired."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from apps.runs.models import Run
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class Schedule(Identified):
    """When a schedule node of a workflow fires next: updated by publishing, never replaced."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="schedules", db_index=False)
    node_id = models.CharField(max_length=64)
    rule = OrderedJSONField(help_text="The node's params.")
    timezone = models.CharField(max_length=64, default="UTC")
    is_live = models.BooleanField(default=False, help_text="Its workflow is active.")
    paused_at = models.DateTimeField(null=True)
    next_run_at = models.DateTimeField(null=True, help_text="The next slot; none: never again.")
    due_at = models.DateTimeField(null=True, help_text="When that is to fire: with its jitter.")
    error = models.TextField(blank=True, help_text="Why it could not be fired when it was due.")
    late_since = models.DateTimeField(
        null=True, help_text="When it should have fired, until it was told that it goes on again."
    )
    caught_up_at = models.DateTimeField(null=True, help_text="When it went on after it was late.")
    alert_due_at = models.DateTimeField(null=True, help_text="When operators are to be told.")
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "schedules"
        ordering = ("next_run_at",)
        constraints = [
            models.UniqueConstraint(fields=("workflow", "node_id"), name="schedules_one_a_node"),
        ]
        indexes = [
            # Serves: the tick: what is due.
            models.Index(
                fields=("due_at",),
                condition=Q(is_live=True, paused_at=None),
                name="schedules_due",
            ),
            # Serves: of which operators are to be told.
            models.Index(
                fields=("alert_due_at",),
                condition=Q(alert_due_at__isnull=False),
                name="schedules_to_tell_of",
            ),
            # Serves: the schedules of a workspace.
            models.Index(fields=("workspace", "next_run_at"), name="schedules_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} {self.node_id}"


class ScheduleFire(Identified):
    """What became of a slot of a schedule: it fires once, or is left out and says why."""

    class Outcome(models.TextChoices):
        FIRED = "fired"
        QUEUED = "queued", "queued: it is to fire once the run before has ended"
        MISSED = "missed", "missed: FlowForge was not running"
        OVERLAPPED = "overlapped", "left out: the run before had not ended"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="fires", db_index=False)
    slot = models.DateTimeField(help_text="The moment that it was due.")
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.FIRED)
    is_backfill = models.BooleanField(default=False)
    missed_from = models.DateTimeField(
        null=True, help_text="The slots from here to this one were missed."
    )
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    fired_at = models.DateTimeField(
        default=now, help_text="When it fired, or that it did not was noted."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "schedule_fires"
        ordering = ("-slot",)
        constraints = [
            # Serves: the fires of a schedule, and that no slot fires twice.
            models.UniqueConstraint(fields=("schedule", "slot"), name="schedule_fires_once_a_slot"),
        ]
        indexes = [
            # Serves: the tick: which slots of which schedules are queued, in order.
            models.Index(
                fields=("schedule", "slot"),
                condition=Q(outcome="queued"),
                name="schedule_fires_queued",
            ),
            # Serves: the clean-up.
            models.Index(fields=("fired_at",), name="schedule_fires_age"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.slot}"
