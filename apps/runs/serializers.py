"""The forms of runs and steps in requests and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.engine.items import Json
from apps.runs.cancel import LONGEST_NOTE
from apps.runs.decide import MOST_COMMENT, VERDICTS
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, SAME, VERSIONS
from apps.runs.start import DRAFT
from apps.runs.states import Priority, RunStatus, StepStatus, Trigger, WorkerState
from apps.runs.waits import wait_of
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import (
    ChoiceField,
    JSONField,
    ObjectsField,
    TextField,
    TimeField,
)


@extend_schema_field(
    {"oneOf": [{"type": "integer"}, {"type": "string", "enum": [DRAFT]}], "nullable": True}
)
class VersionField(JSONField):
    """A version's number, or `draft`."""

    default_error_messages = {"invalid": "Must be the number of a version, or “draft”."}

    def to_internal_value(self, data: Any) -> int | str:
        is_number = isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**31
        if data != DRAFT and not is_number:
            self.fail("invalid")
        return data


class PriorityField(ChoiceField):
    """A priority by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Priority.labels, **options)

    def to_internal_value(self, data: Any) -> Any:
        return Priority.named(super().to_internal_value(data))

    def to_representation(self, value: Any) -> str:
        return Priority.of(value).label


class SecondsField(serializers.FloatField):
    """A span of time; text is no number."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StartSerializer(Body):
    input = JSONField(required=False, allow_null=True, help_text="Items, objects, or one of them.")
    version = VersionField(required=False, allow_null=True)
    start_node = TextField(required=False, default="", allow_blank=True, max_length=64)
    stop_node = TextField(required=False, default="", allow_blank=True, max_length=64)
    data_from = serializers.UUIDField(
        required=False, allow_null=True, help_text="A run: what its steps gave, `start_node` takes."
    )
    pins = JSONField(
        required=False,
        allow_null=True,
        help_text="What nodes give instead of running: `{node: {output: [items]}}`, or `[items]`.",
    )
    priority = PriorityField(
        required=False, allow_null=True, help_text="Without: as the workflow's settings say."
    )
    deadline_s = SecondsField(
        required=False, allow_null=True, min_value=0.001, max_value=366 * 86_400
    )


class MarkFailedSerializer(Body):
    note = TextField(max_length=LONGEST_NOTE, help_text="Why.")


class RetrySerializer(Body):
    version = ChoiceField(
        choices=[*VERSIONS, DRAFT],
        required=False,
        default=SAME,
        help_text="That of the run, the published one, or the draft as it is, kept as a version.",
    )
    input = JSONField(
        required=False,
        allow_null=True,
        help_text="With `from: start`: what the trigger gives instead. Items, objects, or one.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is no name that Python lets a class have.
        start = TextField(required=False, default=FROM_FAILED, max_length=64)
        start.source = "from_"
        return {"from": start, **super().get_fields()}


class DecisionSerializer(Body):
    step = serializers.UUIDField()
    decision = ChoiceField(choices=["run_again", "fail", "use", *VERDICTS])
    items = JSONField(required=False, allow_null=True, help_text="With `use`: what the step gave.")
    comment = TextField(required=False, default="", allow_blank=True, max_length=MOST_COMMENT)


class AsksSerializer(serializers.Serializer):
    """What a step asks people for."""

    question = serializers.CharField()
    details = serializers.CharField()
    only = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="The addresses of those who alone may decide; without it operators may.",
    )
    page = JSONField(required=False, help_text="Of a form, with its fields.")


class WaitSerializer(serializers.Serializer):
    """What a step of a run waits for."""

    step = serializers.UUIDField()
    node = serializers.CharField()
    until = TimeField(allow_null=True)
    asks = AsksSerializer(required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "for": serializers.CharField()}


class CancelSerializer(serializers.Serializer):
    """How far a cancel has come. Once acknowledged, nothing more of the run begins; what cannot be
    interrupted ends by itself, or loses the run by force."""

    asked_at = TimeField()
    asked_by = serializers.UUIDField(allow_null=True)
    asked_by_email = serializers.EmailField(allow_null=True)
    acknowledged_at = TimeField(allow_null=True)
    forced_at = TimeField(allow_null=True)


class PendingSerializer(serializers.Serializer):
    """What a pending run waits for."""

    reason = ChoiceField(choices=["worker", "slot", "rate", "hold"])
    since = TimeField()
    place = serializers.IntegerField(allow_null=True, help_text="In line; null: too far behind.")
    until = TimeField(allow_null=True, help_text="When it may go on, where that is known.")
    told = serializers.CharField(help_text="In a sentence.")


class HoldRequestSerializer(Body):
    reason = TextField(required=False, default="", allow_blank=True, max_length=500)


class HoldSerializer(serializers.Serializer):
    """That runs are held, and why; `held` false: they are not."""

    held = serializers.BooleanField()
    reason = serializers.CharField()
    by = serializers.EmailField(allow_null=True)
    since = TimeField(allow_null=True)


class SearchedSerializer(serializers.Serializer):
    runs = serializers.IntegerField()
    since = TimeField()


class RunSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    workflow = serializers.UUIDField(source="workflow_id")
    workflow_name = serializers.CharField()
    version = serializers.IntegerField(source="version_number")
    status = ChoiceField(choices=RunStatus.choices)
    trigger = ChoiceField(choices=Trigger.choices)
    priority = PriorityField()
    triggered_by = serializers.UUIDField(source="triggered_by_id", allow_null=True)
    triggered_by_email = serializers.EmailField(allow_null=True)
    created_at = TimeField()
    started_at = TimeField(allow_null=True)
    finished_at = TimeField(allow_null=True)
    wake_at = TimeField(allow_null=True)
    deadline_at = TimeField(allow_null=True)
    waiting_for = serializers.SerializerMethodField()
    error_code = serializers.CharField()
    error_message = serializers.CharField(allow_null=True)
    parent_run = serializers.UUIDField(allow_null=True)
    retry_of = serializers.UUIDField(source="retry_of_id", allow_null=True)
    seq = serializers.IntegerField()

    @extend_schema_field(WaitSerializer(many=True))
    def get_waiting_for(self, run: Run) -> list[dict[str, Json]]:
        """What a waiting run waits for: told by the event with which it suspended."""
        if run.status != RunStatus.WAITING or not run.marks:
            return []
        mark = run.marks[-1]
        return [{name: mark.get(name) for name in ("step", "node", "for", "until")}]


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class ValuesField(JSONField):
    """`{name: value}`."""


class RunDetailSerializer(RunSerializer):
    cancel = serializers.SerializerMethodField()
    kept_bytes = serializers.IntegerField(
        source="output_bytes", help_text="Of what it was given, what its steps gave, and files."
    )
    values = serializers.SerializerMethodField(
        help_text="What its steps kept, by which it is found."
    )

    @extend_schema_field(CancelSerializer(allow_null=True))
    def get_cancel(self, run: Any) -> dict[str, Json] | None:
        if run.cancel_requested_at is None:
            return None
        told = {
            "asked_at": run.cancel_requested_at,
            "asked_by": run.cancel_requested_by_id,
            "asked_by_email": run.cancel_requested_by_email,
            "acknowledged_at": run.cancel_acknowledged_at,
            "forced_at": run.cancel_forced_at,
        }
        return dict(CancelSerializer(told).data)

    waits_for = serializers.SerializerMethodField(help_text="Of a pending run; else null.")

    @extend_schema_field(PendingSerializer(allow_null=True))
    def get_waits_for(self, run: Run) -> dict[str, Json] | None:
        wait = wait_of(run)
        return None if wait is None else dict(PendingSerializer(wait).data)

    @extend_schema_field(ValuesField)
    def get_values(self, run: Run) -> dict[str, str]:
        return dict(run.values.order_by("name").values_list("name", "value"))

    @extend_schema_field(WaitSerializer(many=True))
    def get_waiting_for(self, run: Run) -> list[dict[str, Json]]:
        """Everything that an open run waits for."""
        if not run.is_open:
            return []
        waiting = run.steps.filter(status=StepStatus.WAITING).without_payloads()
        return [
            {"step": str(step.id), "node": step.node_id, **step.attempts[-1]["wait"]}
            for step in waiting
        ]


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
class CountsField(JSONField):
    """A number for each output."""


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "array"}}}
)
class SourcesField(JSONField):
    """`{input: [[node, iteration, output], …]}`."""


@extend_schema_field({"type": "object", "additionalProperties": {}, "nullable": True})
class ItemsByNameField(JSONField):
    """The items of each input or output."""


class WorkerSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    host = serializers.CharField()
    pid = serializers.IntegerField()
    state = ChoiceField(choices=WorkerState.choices)
    version = serializers.CharField()
    threads = serializers.IntegerField()
    queues = serializers.CharField()
    runs = serializers.ListField(
        child=serializers.UUIDField(), source="held", help_text="That it executes."
    )
    created_at = TimeField()
    seen_at = TimeField(help_text="Of its last heartbeat.")
    drain_requested_at = TimeField(allow_null=True)
    drained_at = TimeField(allow_null=True)
    stop_requested_at = TimeField(allow_null=True)
    is_server = serializers.BooleanField(help_text="It cannot be stopped: it serves the web too.")


class StepSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    run = serializers.UUIDField(source="run_id")
    node = serializers.CharField(source="node_id")
    iteration = serializers.IntegerField()
    status = ChoiceField(choices=StepStatus.choices)
    started_at = TimeField()
    finished_at = TimeField(allow_null=True)
    retry_count = serializers.IntegerField()
    attempts = ObjectsField()
    log = ObjectsField()
    error = serializers.CharField(allow_null=True)
    error_code = serializers.CharField()
    error_hint = serializers.CharField()
    output_counts = CountsField()
    sources = SourcesField()
    copied_from = serializers.UUIDField(source="copied_from_id", allow_null=True)
    seq_started = serializers.IntegerField()
    seq_finished = serializers.IntegerField(allow_null=True)
    seq = serializers.IntegerField()


class StepDetailSerializer(StepSerializer):
    """With what the step took and gave.

    `left_out` names what is larger than a list carries; `payloads` gives the ids under which of
    that `GET /payloads/{id}` has the whole.
    """

    input_json = ItemsByNameField()
    output_json = ItemsByNameField()
    left_out = serializers.ListField(child=serializers.CharField())
    payloads = serializers.DictField(child=serializers.UUIDField())


class ListedStepSerializer(StepDetailSerializer):
    """How a list's step is described: what it took and gave comes with `include=payloads`."""

    input_json = ItemsByNameField(required=False)
    output_json = ItemsByNameField(required=False)
    left_out = serializers.ListField(child=serializers.CharField(), required=False)
    payloads = serializers.DictField(child=serializers.UUIDField(), required=False)
