"""Deeds to many runs at once."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.engine.items import Json
from apps.operations.bulk.begin import RIGHTS, begin_job, stop_job
from apps.operations.bulk.choose import Asked, estimate
from apps.operations.bulk.counts import counts_of
from apps.operations.models import BulkJob, BulkJobRun
from apps.runs.cancel import LONGEST_NOTE
from apps.runs.retry import FROM_FAILED, FROM_START, SAME, VERSIONS
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import ChoiceField, JSONField, TextField, TimeField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.permissions import require
from apps.workspaces.views import TenantView

REFUSALS_TOLD = 20


@extend_schema_field({"type": "object", "additionalProperties": {}})
class FilterField(JSONField):
    """As the parameters of `GET /runs`, those that may be given several times as lists."""

    default_error_messages = {"invalid": "Must be an object."}

    def to_internal_value(self, data: Any) -> Json:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class NewBulkJobSerializer(Body):
    deed = ChoiceField(choices=BulkJob.Deed.choices)
    filter = FilterField(help_text="As the parameters of `GET /runs`; lists where several are.")
    version = ChoiceField(choices=VERSIONS, required=False, default=SAME)
    note = TextField(
        required=False, default="", max_length=LONGEST_NOTE, help_text="Of `mark_failed`: why."
    )
    dry_run = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is no name that Python lets a class have.
        choices = [FROM_FAILED, FROM_START]
        start = ChoiceField(choices=choices, required=False, default=FROM_FAILED, source="start")
        return {"from": start, **super().get_fields()}


class BulkEffectSerializer(serializers.Serializer):
    type = serializers.CharField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field]:
        # `label` is a field's own.
        return {**super().get_fields(), "label": serializers.CharField()}


class BulkEstimateSerializer(serializers.Serializer):
    """What a job would do: steps that are executed again (of a cancel: that are open), and of
    these, by type of node, those that touch the outside."""

    runs = serializers.IntegerField()
    steps = serializers.IntegerField()
    effects = BulkEffectSerializer(many=True)


class BulkJobSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    deed = ChoiceField(choices=BulkJob.Deed.choices)
    version = serializers.CharField()
    note = serializers.CharField()
    filter = FilterField()
    status = ChoiceField(choices=BulkJob.Status.choices)
    stopped_because = serializers.CharField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = TimeField()
    finished_at = TimeField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": serializers.CharField(source="start")}


class BulkRefusalSerializer(serializers.Serializer):
    run = serializers.UUIDField()
    error = serializers.CharField()


class BulkJobDetailSerializer(BulkJobSerializer):
    runs = serializers.DictField(
        source="counts", child=serializers.IntegerField(), help_text="How many of each outcome."
    )
    refusals = BulkRefusalSerializer(many=True, help_text="The first of them.")


class JobsView(TenantView):
    queryset = BulkJob.objects.all()
    rights = {"GET": "run.view", "POST": "run.retry"}

    @extend_schema(responses=BulkJobSerializer(many=True), operation_id="bulk_jobs_list")
    def get(self, request: Request, id: UUID) -> Response:
        page = self.paginate_queryset(self.get_queryset().filter(workspace=self.workspace(id)))
        return self.get_paginated_response(BulkJobSerializer(page, many=True).data)

    @extend_schema(
        request=NewBulkJobSerializer,
        responses={
            200: OpenApiResponse(BulkEstimateSerializer, "With `dry_run`: nothing is done."),
            202: BulkJobDetailSerializer,
        },
        operation_id="bulk_jobs_create",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Do something to all runs that a filter finds now, or count what that would do."""
        workspace = self.workspace(id)
        given = self.parsed(NewBulkJobSerializer)
        is_dry = given.pop("dry_run")
        require(self.principal, RIGHTS[BulkJob.Deed(given["deed"])], workspace.pk)
        asked = Asked(workspace, **given)
        if is_dry:
            return Response(BulkEstimateSerializer(estimate(asked)).data)
        job = begin_job(asked, by=self.principal)
        return Response(told(job), status.HTTP_202_ACCEPTED)


class JobView(TenantView):
    queryset = BulkJob.objects.all()
    rights = {"GET": "run.view"}

    @extend_schema(responses=BulkJobDetailSerializer, operation_id="bulk_jobs_get")
    def get(self, request: Request, id: UUID) -> Response:
        """A job, and how far it has come."""
        return Response(told(self.get_object()))


class StopView(TenantView):
    queryset = BulkJob.objects.all()
    rights = {"POST": "run.retry"}

    @extend_schema(
        request=None, responses={202: BulkJobDetailSerializer}, operation_id="bulk_jobs_stop"
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Do no more of it; what was done stays."""
        job = self.get_object()
        self.parsed(Body)
        stop_job(job, by=self.principal)
        job.refresh_from_db()
        return Response(told(job), status.HTTP_202_ACCEPTED)


def told(job: Any) -> Any:
    job.counts = counts_of(job)
    refused = job.runs.filter(outcome=BulkJobRun.Outcome.REFUSED).order_by("id")
    job.refusals = list(refused[:REFUSALS_TOLD])
    return BulkJobDetailSerializer(job).data
