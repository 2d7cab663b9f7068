"""Schedules: when they fire, that they did, and to pause and make up for them.

Publishing makes and changes them, so there is neither POST nor DELETE.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.engine.errors import Fault, FaultsError, NodeError
from apps.nodes.params import literal_faults
from apps.nodes.schedules.recurrence import Recurrence, ScheduleParams, Slot
from apps.nodes.schedules.zones import checked_zone
from apps.runs.api import answer_with
from apps.runs.serializers import RunDetailSerializer
from apps.runs.states import RunStatus
from apps.triggers.models import Schedule, ScheduleFire
from apps.triggers.schedules.backfill import backfill, estimate
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from apps.triggers.schedules.plans import plan_of
from apps.triggers.schedules.run_now import run_now
from apps.triggers.schedules.states import ScheduleState, with_state
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import (
    ChoiceField,
    FlagField,
    ObjectField,
    TextField,
    TimeField,
    must_be_one_of,
)
from apps.workspaces.idempotency import idempotent
from apps.workspaces.unknown_names import unknown_parameters
from apps.workspaces.views import TenantView

SHOWN, MOST_SHOWN = 5, 100
"""How many of the next times are told, unless asked, and at most."""
_FIRED = ScheduleFire.objects.filter(
    schedule=OuterRef("pk"), outcome=ScheduleFire.Outcome.FIRED, is_backfill=False
).order_by("-slot")
SCHEDULES = with_state(
    Schedule.objects.annotate(
        workflow_name=F("workflow__name"),
        last_slot=Subquery(_FIRED.values("slot")[:1]),
        last_fired_at=Subquery(_FIRED.values("fired_at")[:1]),
    )
)


class LastFireSerializer(serializers.Serializer):
    slot = TimeField()
    fired_at = TimeField()


class ScheduleSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    workflow = serializers.UUIDField(source="workflow_id")
    workflow_name = serializers.CharField()
    node = serializers.CharField(source="node_id")
    state = serializers.ChoiceField(ScheduleState.values)
    rule = ObjectField(help_text="The params of the node.")
    timezone = serializers.SerializerMethodField()
    sentence = serializers.SerializerMethodField(help_text="When it fires, in English.")
    next_run_at = TimeField(allow_null=True, help_text="The next slot; null: never again.")
    due_at = TimeField(allow_null=True, help_text="When that is to fire: with its jitter.")
    paused_at = TimeField(allow_null=True)
    error = serializers.CharField(help_text="Why it could not be fired when it was due.")
    created_at = TimeField()

    last_fire = serializers.SerializerMethodField(help_text="Of its own times; null: none yet.")

    @extend_schema_field(LastFireSerializer(allow_null=True))
    def get_last_fire(self, schedule: Any) -> Any:
        if schedule.last_slot is None:
            return None
        told = {"slot": schedule.last_slot, "fired_at": schedule.last_fired_at}
        return LastFireSerializer(told).data

    def get_timezone(self, schedule: Schedule) -> str:
        return str(schedule.rule.get("timezone") or schedule.timezone)

    def get_sentence(self, schedule: Schedule) -> str:
        try:
            return plan_of(schedule).recurrence.sentence()
        except NodeError:
            return ""  # `error` says what is wrong with its rule, once it is due


class PauseSerializer(Body):
    paused = FlagField()


class BackfillSerializer(Body):
    dry_run = FlagField(required=False, default=False, help_text="Only tell what it would do.")

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is no name that Python lets a class have.
        first, last = TimeField(source="first"), TimeField(source="last")
        return {"from": first, "to": last, **super().get_fields()}


class BackfilledSerializer(serializers.Serializer):
    dry_run = serializers.BooleanField()
    slots = serializers.ListField(
        child=TimeField(), help_text="Those that had no run and are given one, or queued."
    )


class BackfillEffectSerializer(serializers.Serializer):
    type = serializers.CharField()
    count = serializers.IntegerField(help_text="So many nodes of this type a run may come to.")

    def get_fields(self) -> dict[str, serializers.Field]:
        # `label` is a field's own.
        return {**super().get_fields(), "label": serializers.CharField()}


class BackfillEstimateSerializer(BackfilledSerializer):
    skipped = serializers.IntegerField(help_text="Slots that have a run, or are queued.")
    most = serializers.IntegerField(help_text="So many runs it may make.")
    effects = BackfillEffectSerializer(many=True, help_text="What of a run touches the outside.")


class FireSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    slot = TimeField()
    outcome = serializers.ChoiceField(ScheduleFire.Outcome.values)
    missed_from = TimeField(
        allow_null=True, help_text="Of `missed`: all slots from here to this one were."
    )
    is_backfill = serializers.BooleanField()
    run = serializers.UUIDField(source="run_id", allow_null=True)
    run_status = ChoiceField(choices=RunStatus.choices, allow_null=True)
    fired_at = TimeField(help_text="When it fired, or that it did not was noted.")


class SlotSerializer(serializers.Serializer):
    at = TimeField()
    local = serializers.CharField(help_text="The same moment in the time zone, with its offset.")
    clock_moved_s = serializers.IntegerField(
        help_text="By how much the clock was put forward (back: below 0) since the time before."
    )


class TimesSerializer(serializers.Serializer):
    timezone = serializers.CharField()
    sentence = serializers.CharField()
    results = SlotSerializer(many=True)


class PreviewSerializer(Body):
    params = ObjectField(help_text="The params of a schedule node.")
    timezone = TextField(
        required=False, default="UTC", help_text="The workflow's, where the params name none."
    )

    def validate_timezone(self, name: str) -> str:
        try:
            return checked_zone(name)
        except ValueError as error:
            raise serializers.ValidationError(str(error), "unknown") from None


class ScheduleFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter()
    state = django_filters.MultipleChoiceFilter(
        choices=ScheduleState.choices,
        distinct=False,
        error_messages=must_be_one_of(ScheduleState.values),
    )

    class Meta:
        model = Schedule
        fields: list[str] = []


class SchedulesView(TenantView):
    queryset = SCHEDULES
    filterset_class = ScheduleFilter
    orderings = {"-created_at": ("-id",), "created_at": ("id",)}
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=ScheduleSerializer(many=True), operation_id="schedules_list")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.allowed())
        return self.get_paginated_response(ScheduleSerializer(page, many=True).data)


class ScheduleView(TenantView):
    queryset = SCHEDULES
    rights = {"GET": "trigger.view", "PATCH": "trigger.pause"}

    @extend_schema(responses=ScheduleSerializer, operation_id="schedules_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(ScheduleSerializer(self.get_object()).data)

    @extend_schema(
        request=PauseSerializer, responses=ScheduleSerializer, operation_id="schedules_update"
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Pause or resume. What comes while it is paused is not made up for."""
        schedule = self.get_object()
        deed = pause_schedule if self.parsed(PauseSerializer)["paused"] else resume_schedule
        deed(schedule, by=self.principal)
        return Response(ScheduleSerializer(self.get_object()).data)


class NextView(TenantView):
    queryset = SCHEDULES
    rights = {"GET": "trigger.view"}

    @extend_schema(
        responses=TimesSerializer,
        operation_id="schedules_next",
        parameters=[
            OpenApiParameter(
                "count",
                {"type": "integer", "minimum": 1, "maximum": MOST_SHOWN, "default": SHOWN},
            )
        ],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The next times from now, whether or not it is paused."""
        schedule = self.get_object()
        count = _count(request)
        return Response(times_of(plan_of(schedule).recurrence, count))


class RunNowView(TenantView):
    queryset = SCHEDULES
    rights = {"POST": "run.start"}

    @extend_schema(request=None, responses={202: RunDetailSerializer}, operation_id="schedules_run")
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Start a run as if it were due now, beside its times; also while it is paused."""
        schedule = self.get_object()
        self.parsed(Body)
        run = run_now(schedule, by=self.principal)
        return answer_with(run, status.HTTP_202_ACCEPTED)


class BackfillView(TenantView):
    queryset = SCHEDULES
    rights = {"POST": "run.start"}

    @extend_schema(
        request=BackfillSerializer,
        responses={
            200: OpenApiResponse(BackfillEstimateSerializer, "With `dry_run`: nothing is done."),
            202: BackfilledSerializer,
        },
        operation_id="schedules_backfill",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Make a run for each slot of a span of the past that has none, or tell what that would do.

        With overlap `queue` they are made one after another.
        """
        schedule = self.get_object()
        asked = self.parsed(BackfillSerializer)
        span = asked["first"], asked["last"]
        if asked["dry_run"]:
            told = asdict(estimate(schedule, *span))
            return Response(BackfillEstimateSerializer({"dry_run": True, **told}).data)
        slots = backfill(schedule, *span, by=self.principal)
        answer = BackfilledSerializer({"dry_run": False, "slots": slots}).data
        return Response(answer, status.HTTP_202_ACCEPTED)


class FiresView(TenantView):
    queryset = SCHEDULES
    orderings = {"-slot": ("-slot",), "slot": ("slot",)}
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=FireSerializer(many=True), operation_id="schedules_fires")
    def get(self, request: Request, id: UUID) -> Response:
        """What became of its slots."""
        fires = self.get_object().fires.annotate(run_status=F("run__status"))
        page = self.paginate_queryset(fires)
        return self.get_paginated_response(FireSerializer(page, many=True).data)


class PreviewView(APIView):
    metadata_class = None

    @extend_schema(
        request=PreviewSerializer, responses=TimesSerializer, operation_id="schedules_preview"
    )
    def post(self, request: Request) -> Response:
        """What params that are not saved yet mean: in words, and the next five times."""
        asked = PreviewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        params, zone = asked.validated_data["params"], asked.validated_data["timezone"]
        return Response(times_of(Recurrence(_params(params), zone), SHOWN))


def times_of(recurrence: Recurrence, count: int) -> dict[str, Any]:
    """The next times of a schedule, its zone and its sentence."""
    slots: Sequence[Slot] = recurrence.upcoming(timezone.now(), count)
    told = [
        {
            "at": slot.at.astimezone(UTC),
            "local": slot.at.isoformat(timespec="seconds"),
            "clock_moved_s": slot.clock_moved.total_seconds(),
        }
        for slot in slots
    ]
    return TimesSerializer(
        {"timezone": recurrence.timezone, "sentence": recurrence.sentence(), "results": told}
    ).data


def _params(params: Any) -> ScheduleParams:
    if not isinstance(params, dict):
        raise FaultsError([Fault("params", "wrong_type", "An object is needed.")])
    faults = literal_faults(ScheduleParams, params, code_fields=frozenset(), allow_templates=False)
    if faults:
        raise FaultsError(
            [Fault(f"params.{each.path}".rstrip("."), each.code, each.message) for each in faults]
        )
    return ScheduleParams.model_validate(params)


def _count(request: Request) -> int:
    faults = unknown_parameters(request.query_params, {"count"})
    asked = request.query_params.get("count", str(SHOWN))
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= 3
    if not is_number or not 1 <= int(asked) <= MOST_SHOWN:
        told = f"“count” must be a number from 1 to {MOST_SHOWN}."
        faults.append(Fault("count", "out_of_range", told))
    if faults:
        raise FaultsError(faults)
    return int(asked)
