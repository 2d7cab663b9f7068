"""The steps of runs, and what reaches them."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.engine.items import Json
from apps.runs.models.runs import Run
from apps.runs.querysets import StepRunQuerySet
from apps.runs.states import SignalKind, StepStatus
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


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
            # Serves: the steps that run, or wait, newest first; most have ended.
            models.Index(
                fields=("status", "-id"),
                condition=Q(status__in=(StepStatus.RUNNING, StepStatus.WAITING)),
                name="step_runs_open",
            ),
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
        # With a word before it: the admin begins what it names with a capital, which ids have not.
        return f"step {self.node_id}[{self.iteration}]"

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
            # Serves: deleting a run, which asks for all that refers to it.
            models.Index(fields=("run",), name="run_signals_of_run"),
            # Serves: what a run has not yet read, oldest first.
            models.Index(
                fields=("run", "id"), condition=Q(consumed_at=None), name="run_signals_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.run_id}"
