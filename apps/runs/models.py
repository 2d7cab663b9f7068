"""Runs, their steps, and who executes them."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.engine.items import Json
from apps.runs.querysets import RunQuerySet, StepRunQuerySet
from apps.runs.states import OPEN, RunStatus, SignalKind, StepStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet

DEFAULT_QUEUE = "default"


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

    class Meta:
        db_table = "workers"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Run(Identified):
    """One execution of a version of a workflow, bound to that version for ever."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="runs", db_index=False, editable=False
    )
    workflow = models.ForeignKey(Workflow, models.RESTRICT, related_name="runs", db_index=False)
    version = models.ForeignKey(WorkflowVersion, models.RESTRICT, related_name="runs")
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
    priority = models.SmallIntegerField(default=0, help_text="Higher runs are claimed first.")
    turn = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="Its place among the pending runs of all workspaces; 0: it was had.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(
        default=timezone.now, help_text="When its wake-up message was last sent."
    )
    deadline_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True, help_text="When a waiting run goes on by itself.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    worker = models.ForeignKey(Worker, models.SET_NULL, null=True, related_name="runs")
    fence = models.BigIntegerField(default=0, help_text="Grows with each claim and takeover.")
    crashes = models.PositiveIntegerField(default=0)
    signals = models.PositiveIntegerField(default=0, help_text="How many have arrived.")
    cancel_requested_at = models.DateTimeField(null=True)
    slots = models.PositiveIntegerField(
        null=True, help_text="How many runs of its workflow and key may execute at once."
    )
    limit_key = models.CharField(max_length=128, blank=True)
    slot = models.PositiveIntegerField(null=True, help_text="The one that it holds.")

    seq = models.BigIntegerField(default=0, help_text="The number of its last event.")
    marks = OrderedJSONField(default=list, help_text="Events of the run itself.")
    output_bytes = models.BigIntegerField(
        default=0, db_default=0, help_text="Of all that its steps gave."
    )
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(null=True)  # noqa: DJ001 - null: none

    parent_step = models.ForeignKey(
        "runs.StepRun", models.SET_NULL, null=True, related_name="child_runs"
    )
    parent_item = models.PositiveIntegerField(null=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries")

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
            # Serves: the best claimable run of a queue.
            models.Index(
                fields=("queue", "-priority", "turn", "id"),
                condition=Q(status=RunStatus.PENDING),
                name="runs_in_turn",
            ),
            # Serves: the turn of a workspace's next run.
            models.Index(
                fields=("workspace", "queue", "priority", "turn"),
                condition=Q(status=RunStatus.PENDING),
                name="runs_turns_taken",
            ),
            # Serves: pending runs whose wake-up was sent long ago.
            models.Index(
                fields=("sent_at",), condition=Q(status=RunStatus.PENDING), name="runs_unheard"
            ),
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
            # Serves: the place in the line for a slot.
            models.Index(
                fields=("workflow", "limit_key", "-priority", "turn", "id"),
                condition=Q(status=RunStatus.PENDING, slots__isnull=False),
                name="runs_in_line_for_slot",
            ),
            # Serves: waiting runs that may wait no longer.
            models.Index(
                fields=("deadline_at",),
                condition=Q(status=RunStatus.WAITING, deadline_at__isnull=False),
                name="runs_late",
            ),
            # Serves: orphans, and the runs that a worker owns.
            models.Index(
                fields=("worker",), condition=Q(status=RunStatus.RUNNING), name="runs_owned"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


def failure_of(error: str | None, code: str, hint: str) -> dict[str, Json] | None:
    """A step's error as it is told, of the columns that hold it."""
    return None if error is None else {"code": code, "message": error, "hint": hint or None}


class StepRun(Identified):
    """One activation of a node in a run. Written by the journal alone."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="steps", db_index=False)
    node_id = models.CharField(max_length=64)
    iteration = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=16, choices=StepStatus.choices)
    input_json = OrderedJSONField(
        null=True, help_text="Null where it is what `sources` say of exactly one output."
    )
    output_json = OrderedJSONField(null=True)
    input_payload = models.ForeignKey(
        "runs.Payload",
        models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where large.",
    )
    output_payload = models.ForeignKey(
        "runs.Payload",
        models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where large.",
    )
    output_counts = OrderedJSONField(default=dict)
    sources = OrderedJSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    retry_count = models.PositiveIntegerField(default=0)
    attempts = OrderedJSONField(default=list)
    log = OrderedJSONField(default=list)
    error = models.TextField(null=True)  # noqa: DJ001 - null: none
    error_code = models.CharField(max_length=64, blank=True)
    error_hint = models.TextField(blank=True)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    seq_started = models.BigIntegerField()
    seq_finished = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(help_text="The number of its last event.")

    objects = StepRunQuerySet.as_manager()

    class Meta:
        db_table = "step_runs"
        ordering = ("seq_started",)
        constraints = [
            # Serves: the journal's upsert; the steps of a node in a run.
            models.UniqueConstraint(
                fields=("run", "node_id", "iteration"), name="step_runs_iteration_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=StepStatus.values), name="step_runs_status_is_known"
            ),
        ]
        indexes = [
            # Serves: the events of a run behind a cursor, up to a number.
            models.Index(fields=("run", "seq", "seq_started"), name="step_runs_in_page"),
            # Serves: what refers to a payload.
            models.Index(
                fields=("output_payload",),
                condition=Q(output_payload__isnull=False),
                name="step_runs_output_payloads",
            ),
            models.Index(
                fields=("input_payload",),
                condition=Q(input_payload__isnull=False),
                name="step_runs_input_payloads",
            ),
            # Serves: deleting a step, which asks for the copies of it.
            models.Index(
                fields=("copied_from",),
                condition=Q(copied_from__isnull=False),
                name="step_runs_copies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id}[{self.iteration}]"

    # As `engine.events.RecordedStep` wants it.

    @property
    def step_id(self) -> str:
        return str(self.id)

    @property
    def node(self) -> str:
        return self.node_id

    @property
    def failure(self) -> Mapping[str, Json] | None:
        return failure_of(self.error, self.error_code, self.error_hint)


class RunSignal(Identified):
    """Something that reached a run from outside; consumed by the batch that records its effect."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="inbox", db_index=False)
    kind = models.CharField(max_length=16, choices=SignalKind.choices)
    step = models.ForeignKey(StepRun, models.CASCADE, null=True, related_name="+")
    attempt = models.PositiveIntegerField(null=True)
    body = OrderedJSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    consumed_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_signals"
        ordering = ("id",)
        indexes = [
            # Serves: what a run has not yet read, oldest first.
            models.Index(
                fields=("run", "id"), condition=Q(consumed_at=None), name="run_signals_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.run_id}"


class Payload(Identified):
    """A large value or binary data, stored once a workspace; the file is written before the row."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=255, default="application/octet-stream")
    file = models.CharField(max_length=255, help_text="Its name in the storage.")
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(
        default=timezone.now, help_text="When it was last stored again or referred to."
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "payloads"
        constraints = [
            # Serves: is this content stored already?
            models.UniqueConstraint(fields=("workspace", "sha256"), name="payloads_content_once"),
        ]
        indexes = [
            # Serves: the clean-up, which takes only what has been untouched for long.
            models.Index(fields=("touched_at",), name="payloads_untouched"),
        ]

    def __str__(self) -> str:
        return self.sha256


class RunFile(Identified):
    """A payload that a run may open by reference: its steps made it, or it was given it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="files", db_index=False)
    payload = models.ForeignKey(Payload, models.RESTRICT, related_name="runs")

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_files"
        constraints = [
            # Serves: may the run open it?
            models.UniqueConstraint(fields=("run", "payload"), name="run_files_once"),
        ]

    def __str__(self) -> str:
        return f"{self.payload_id} of {self.run_id}"


class RunValue(Identified):
    """A value that a step kept with its run, by which the run can be found."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="values", db_index=False)
    name = models.CharField(max_length=50)
    value = models.CharField(max_length=512)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_values"
        constraints = [
            # Serves: the values of a run.
            models.UniqueConstraint(fields=("run", "name"), name="run_values_once_a_name"),
        ]
        indexes = [
            # Serves: the runs of a workspace that have a value, newest first.
            models.Index(fields=("workspace", "name", "value", "-run"), name="run_values_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class RunAnswer(models.Model):
    """What a run's webhook is to answer, as a step of it says."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="answer")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    status = models.PositiveSmallIntegerField()
    headers = OrderedJSONField(default=dict)
    body = models.BinaryField(default=bytes)
    payload = models.ForeignKey(
        Payload, models.RESTRICT, null=True, related_name="+", help_text="The body where large."
    )
    made_at = models.DateTimeField(default=timezone.now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "run_answers"

    def __str__(self) -> str:
        return f"{self.status} for {self.run_id}"


class SeenKey(models.Model):
    """What a step took as new: `key` is a hash of it."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+", db_index=False)
    scope = models.CharField(max_length=128, help_text="The node, or a name that several share.")
    key = models.BinaryField(max_length=32)
    run = models.UUIDField(help_text="The run that took it; it may be gone.")
    node_id = models.CharField(max_length=64)
    iteration = models.PositiveIntegerField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "seen_keys"
        constraints = [
            # Serves: was it seen?
            models.UniqueConstraint(fields=("workflow", "scope", "key"), name="seen_keys_once"),
        ]
        indexes = [
            # Serves: forgetting the oldest of a scope.
            models.Index(fields=("workflow", "scope", "-id"), name="seen_keys_newest"),
        ]

    def __str__(self) -> str:
        return self.scope
