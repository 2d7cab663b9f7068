"""Runs, and who executes them."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.runs.querysets import RunQuerySet
from apps.runs.states import OPEN, Priority, RunStatus, Trigger, WorkerState
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace

DEFAULT_QUEUE = "default"
READY = Q(status=RunStatus.PENDING, line=None)
"""Pending, and nothing is known for which it must wait."""


STOP_ENDS_S = 30.0
"""So long after it was drained a worker's process has ended that was asked to stop."""


class Worker(Identified):
    """A worker process, from its start to its end; never the same again after a restart.

    A heartbeat is a counter: silence is measured by whoever watches it, on its own clock.
    """

    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    boot = models.CharField(max_length=64, help_text="The host's boot, and its pid namespace.")
    process_started = models.CharField(max_length=64, help_text="Tells a reused pid apart.")
    beats = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(default=timezone.now, help_text="Of the last heartbeat.")
    created_at = models.DateTimeField(default=timezone.now)
    version = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text="Of FlowForge."
    )
    threads = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many runs it executes at once."
    )
    queues = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="Of the broker."
    )
    drain_requested_at = models.DateTimeField(
        null=True, help_text="Since then it is to claim nothing more."
    )
    drained_at = models.DateTimeField(null=True, help_text="Since then it holds nothing.")
    stop_requested_at = models.DateTimeField(
        null=True, help_text="Since then its process is to end itself."
    )
    is_server = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its process serves the web too, and is not stopped from there.",
    )

    class Meta:
        db_table = "workers"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    @property
    def state(self) -> WorkerState:
        if timezone.now() - self.seen_at > timedelta(seconds=settings.SILENT_AFTER_S):
            return WorkerState.SILENT
        if self.stop_requested_at is not None:
            late_after = self.stop_requested_at + timedelta(seconds=settings.DRAIN_S + STOP_ENDS_S)
            return WorkerState.STUCK if timezone.now() > late_after else WorkerState.STOPPING
        if self.drain_requested_at is None:
            return WorkerState.WORKING
        return WorkerState.DRAINING if self.drained_at is None else WorkerState.DRAINED


class Run(Identified):
    """One execution of a version of a workflow, bound to that version for ever."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="runs", db_index=False, editable=False
    )
    workflow = models.ForeignKey(Workflow, models.RESTRICT, related_name="runs", db_index=False)
    version = models.ForeignKey(
        WorkflowVersion, models.RESTRICT, related_name="runs", db_index=False
    )
    status = models.CharField(max_length=16, choices=RunStatus.choices, default=RunStatus.PENDING)
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    trigger_node = models.CharField(max_length=64, help_text="The node that the run starts at.")
    triggered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    input_json = OrderedJSONField(null=True, help_text="The items that the trigger gives.")
    input_payload = models.ForeignKey(
        "runs.Payload",
        models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where large.",
    )
    stop_node = models.CharField(max_length=64, blank=True)
    pins = OrderedJSONField(
        null=True,
        help_text="What was pinned for it, beside what its graph pins; null: no pins count.",
    )
    pins_payload = models.ForeignKey(
        "runs.Payload",
        models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where large.",
    )

    queue = models.CharField(max_length=64, default=DEFAULT_QUEUE)
    priority = models.SmallIntegerField(
        default=Priority.DEFAULT,
        choices=Priority.choices,
        help_text="Higher runs are claimed first.",
    )
    turn = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="Its place among the pending runs of all workspaces: below 0 if it has begun.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(
        default=timezone.now, help_text="When its wake-up message was last sent."
    )
    deadline_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True, help_text="When a waiting run goes on by itself.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    worker = models.ForeignKey(
        Worker, models.SET_NULL, null=True, related_name="runs", db_index=False
    )
    fence = models.BigIntegerField(default=0, help_text="Grows with each claim and takeover.")
    crashes = models.PositiveIntegerField(default=0)
    signals = models.PositiveIntegerField(default=0, help_text="How many have arrived.")
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    cancel_acknowledged_at = models.DateTimeField(
        null=True, help_text="When its owner had seen that, and let nothing more begin."
    )
    cancel_forced_at = models.DateTimeField(
        null=True, help_text="When it was taken from an owner that did not let go."
    )
    slots = models.PositiveIntegerField(
        null=True, help_text="How many runs of its workflow and key may execute at once."
    )
    limit_key = models.CharField(max_length=128, blank=True)
    slot = models.PositiveIntegerField(null=True, help_text="The one that it holds.")
    rate_limit = models.PositiveIntegerField(
        null=True, help_text="How many runs of its workflow and rate_key may start in any rate_s."
    )
    rate_s = models.PositiveIntegerField(null=True)
    rate_key = models.CharField(max_length=128, blank=True, default="", db_default="")
    start_no = models.BigIntegerField(
        null=True, help_text="Its number among the starts of its workflow and rate_key."
    )
    line = models.ForeignKey(
        "runs.Line",
        models.SET_NULL,
        null=True,
        related_name="runs",
        db_index=False,
        help_text="In which it waits, hidden from the claim; null: nothing is known against it.",
    )

    seq = models.BigIntegerField(default=0, help_text="The number of its last event.")
    marks = OrderedJSONField(default=list, help_text="Events of the run itself.")
    output_bytes = models.BigIntegerField(
        default=0, db_default=0, help_text="Of what it was given, what its steps gave, and files."
    )
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(null=True)  # noqa: DJ001 - null: none
    failure_due_at = models.DateTimeField(
        null=True, help_text="When its failure is to be told; null: it was, or nobody asks for it."
    )

    error_group = models.UUIDField(
        null=True, help_text="Of the failures like its own; null: it did not fail, or is new."
    )

    is_trial = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Its version was not published when it was made: nobody is alarmed if it fails.",
    )

    parent_step = models.ForeignKey(
        "runs.StepRun", models.SET_NULL, null=True, related_name="child_runs", db_index=False
    )
    parent_item = models.PositiveIntegerField(null=True)
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="retries", db_index=False
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        db_table = "runs"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=RunStatus.values), name="runs_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, status__in=OPEN)
                | (Q(finished_at__isnull=False) & ~Q(status__in=OPEN)),
                name="runs_finished_when_ended",
            ),
            # Serves: who holds the slots of a limit.
            models.UniqueConstraint(
                fields=("workflow", "limit_key", "slot"),
                condition=Q(slot__isnull=False),
                name="runs_slot_held_once",
            ),
            # Serves: the last starts of a rate.
            models.UniqueConstraint(
                fields=("workflow", "rate_key", "start_no"),
                condition=Q(start_no__isnull=False),
                name="runs_start_no_once",
            ),
            # Serves: the runs that a step made, and those that it makes no second time.
            models.UniqueConstraint(
                fields=("parent_step", "parent_item"),
                condition=Q(parent_step__isnull=False),
                name="runs_child_once_an_item",
            ),
        ]
        indexes = [
            # Serves: the runs of a workspace, newest first, perhaps of one status.
            models.Index(fields=("workspace", "-id"), name="runs_newest"),
            models.Index(fields=("workspace", "status", "-id"), name="runs_newest_by_status"),
            # Serves: the runs of a workflow, newest first.
            models.Index(fields=("workflow", "-id"), name="runs_newest_of_workflow"),
            # Serves: the runs of a version, newest first, and whether there are any.
            models.Index(fields=("version", "-id"), name="runs_newest_of_version"),
            # Serves: the runs of a workspace that something rare has made, newest first.
            models.Index(fields=("workspace", "trigger", "-id"), name="runs_newest_by_trigger"),
            # Serves: the runs of a workspace that started at some time.
            models.Index(
                fields=("workspace", "started_at"),
                # Not those that are new: they would cost an entry more, and PostgreSQL take it for
                # an index of those that wait.
                condition=Q(started_at__isnull=False),
                name="runs_by_start",
            ),
            # Serves: the best claimable run of a queue.
            models.Index(
                fields=("queue", "-priority", "turn", "id"),
                condition=READY,
                name="runs_ready",
            ),
            # Serves: the turn of a workspace's next run.
            models.Index(
                fields=("workspace", "queue", "priority", "turn"),
                condition=READY,
                name="runs_ready_turns",
            ),
            # Serves: pending runs whose wake-up was sent long ago.
            models.Index(fields=("sent_at",), condition=READY, name="runs_ready_unheard"),
            # Serves: waiting runs that are due.
            models.Index(
                fields=("wake_at",), condition=Q(status=RunStatus.WAITING), name="runs_due"
            ),
            # Serves: what refers to a payload.
            models.Index(
                fields=("input_payload",),
                condition=Q(input_payload__isnull=False),
                name="runs_input_payloads",
            ),
            models.Index(
                fields=("pins_payload",),
                condition=Q(pins_payload__isnull=False),
                name="runs_pins_payloads",
            ),
            # Serves: the runs of a line in their order, and whether there are any.
            models.Index(
                fields=("line", "-priority", "id"),
                condition=Q(line__isnull=False),
                name="runs_in_line",
            ),
            # Serves: who goes before a line's first: was let go, and is not claimed yet.
            models.Index(
                fields=("workflow", "limit_key", "-priority", "id"),
                condition=READY & Q(slots__isnull=False),
                name="runs_ready_for_slot",
            ),
            models.Index(
                fields=("workflow", "rate_key", "-priority", "id"),
                condition=READY & Q(rate_limit__isnull=False, started_at=None),
                name="runs_ready_to_start",
            ),
            # Serves: runs in lines that may wait no longer.
            models.Index(
                fields=("deadline_at",),
                condition=Q(
                    status=RunStatus.PENDING, line__isnull=False, deadline_at__isnull=False
                ),
                name="runs_late_in_line",
            ),
            # Serves: runs in no line that are too late before they were claimed.
            models.Index(
                fields=("deadline_at",),
                condition=READY & Q(deadline_at__isnull=False),
                name="runs_ready_late",
            ),
            # Serves: cancelled runs that nobody has claimed to end them.
            models.Index(
                fields=("cancel_requested_at",),
                condition=Q(status=RunStatus.PENDING, cancel_requested_at__isnull=False),
                name="runs_pending_cancelled",
            ),
            # Serves: runs of low priority that have waited for long.
            models.Index(
                fields=("id",), condition=READY & Q(priority__lt=0), name="runs_ready_low"
            ),
            # Serves: waiting runs that may wait no longer.
            models.Index(
                fields=("deadline_at",),
                condition=Q(status=RunStatus.WAITING, deadline_at__isnull=False),
                name="runs_late",
            ),
            # Serves: the runs of a schedule that have not ended.
            models.Index(
                fields=("workflow", "trigger_node"),
                condition=Q(trigger=Trigger.SCHEDULE, finished_at=None),
                name="runs_open_of_schedules",
            ),
            # Serves: failures that are still to be told.
            models.Index(
                fields=("failure_due_at",),
                condition=Q(failure_due_at__isnull=False),
                name="runs_failures_to_tell",
            ),
            # Serves: failures that are in no group yet.
            models.Index(
                fields=("id",),
                condition=Q(status=RunStatus.FAILED, error_group=None, is_trial=False),
                name="runs_to_group",
            ),
            # Serves: the runs of a group of failures, newest first.
            models.Index(
                fields=("error_group", "-id"),
                condition=Q(error_group__isnull=False),
                name="runs_of_error_group",
            ),
            # Serves: how many ended lately, how, and after how long.
            models.Index(
                fields=("finished_at",),
                condition=Q(finished_at__isnull=False),
                name="runs_finished",
            ),
            # Serves: how many of a workspace failed lately.
            models.Index(
                fields=("workspace", "finished_at"),
                condition=Q(status=RunStatus.FAILED),
                name="runs_failed_lately",
            ),
            # Serves: cancelled runs that their owner does not let go.
            models.Index(
                fields=("cancel_acknowledged_at",),
                condition=Q(status=RunStatus.RUNNING, cancel_acknowledged_at__isnull=False),
                name="runs_held_in_spite",
            ),
            # Serves: orphans, and the runs that a worker owns.
            models.Index(
                fields=("worker",), condition=Q(status=RunStatus.RUNNING), name="runs_owned"
            ),
            # Serves: forgetting a worker; most runs have none.
            models.Index(
                fields=("worker",), condition=Q(worker__isnull=False), name="runs_of_workers"
            ),
            # Serves: the retries of a run, and forgetting it; most runs are none.
            models.Index(
                fields=("retry_of",), condition=Q(retry_of__isnull=False), name="runs_retries"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
