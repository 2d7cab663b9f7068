"""The inbox of the hooks: requests as they came, and their replay."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import F, Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.runs.api import answer_with
from apps.runs.serializers import RunDetailSerializer
from apps.runs.states import RunStatus
from apps.triggers.hooks.inbox import shown_body
from apps.triggers.hooks.replay import replay_request
from apps.triggers.models import WebhookEndpoint, WebhookReplay, WebhookRequest
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import ChoiceField, JSONField, TimeField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.views import TenantView

SHOWN_REPLAYS = 100
REQUESTS = WebhookRequest.objects.annotate(
    workflow=F("endpoint__workflow"),
    workflow_name=F("endpoint__workflow__name"),
    node=F("endpoint__node_id"),
    run_status=F("run__status"),
).order_by("-id")


class RequestFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter(method="of_workflow")
    node = django_filters.CharFilter(method="of_node", help_text="By its id in the graph.")
    endpoint = django_filters.UUIDFilter()
    run = django_filters.UUIDFilter(method="of_run", help_text="That it made, or was replayed by.")
    received_after = django_filters.IsoDateTimeFilter("received_at", "gte")
    received_before = django_filters.IsoDateTimeFilter("received_at", "lt")

    def of_workflow(self, rows: QuerySet[Any], _: str, workflow: UUID) -> QuerySet[Any]:
        return rows.filter(endpoint__in=WebhookEndpoint.objects.filter(workflow=workflow))

    def of_node(self, rows: QuerySet[Any], _: str, node: str) -> QuerySet[Any]:
        return rows.filter(endpoint__in=WebhookEndpoint.objects.filter(node_id=node))

    def of_run(self, rows: QuerySet[Any], _: str, run: UUID) -> QuerySet[Any]:
        replayed = WebhookReplay.objects.filter(run=run).values("request")
        return rows.filter(Q(run=run) | Q(pk__in=replayed))

    class Meta:
        model = WebhookRequest
        fields: list[str] = []


class RequestSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    workflow = serializers.UUIDField()
    workflow_name = serializers.CharField()
    endpoint = serializers.UUIDField(source="endpoint_id")
    node = serializers.CharField()
    run = serializers.UUIDField(source="run_id", allow_null=True)
    run_status = ChoiceField(choices=RunStatus.choices, allow_null=True)
    method = serializers.CharField()
    path = serializers.CharField()
    size = serializers.IntegerField(help_text="Of the body, in bytes.")
    address = serializers.CharField(help_text="Of who sent it; empty where it is unknown.")
    received_at = TimeField()


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class HeadersField(JSONField):
    """`{name: value}`, names in small letters."""


class BodySerializer(serializers.Serializer):
    """`content` is text, or base64 of what is none, without its content coding; of a large body
    `payload` has the whole, as it came."""

    encoding = ChoiceField(choices=["text", "base64"])
    content = serializers.CharField(allow_null=True)
    payload = serializers.UUIDField(allow_null=True)


class ReplayedSerializer(serializers.Serializer):
    run = serializers.UUIDField(source="run_id")
    run_status = ChoiceField(choices=RunStatus.choices, source="run.status")
    version = serializers.IntegerField(source="run.version.version")
    created_at = TimeField()


class RequestDetailSerializer(RequestSerializer):
    params = serializers.SerializerMethodField(
        help_text="What stood at the names of the path; empty where it has none."
    )
    query = serializers.CharField()
    headers = HeadersField()
    body = serializers.SerializerMethodField(
        help_text="Null where it was larger than the inbox keeps."
    )
    replays = serializers.SerializerMethodField(
        help_text="The runs that it was replayed by, the newest first."
    )

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_params(self, request: WebhookRequest) -> dict[str, str]:
        return request.params or {}

    @extend_schema_field(BodySerializer(allow_null=True))
    def get_body(self, request: WebhookRequest) -> Any:
        body = shown_body(request)
        return body and BodySerializer(body).data

    @extend_schema_field(ReplayedSerializer(many=True))
    def get_replays(self, request: WebhookRequest) -> Any:
        replays = request.replays.select_related("run__version").only(
            "request", "created_at", "run__status", "run__version__version"
        )
        return ReplayedSerializer(replays[:SHOWN_REPLAYS], many=True).data


class ReplaySerializer(Body):
    version = ChoiceField(choices=["same", "published"], required=False, default="same")


class RequestsView(TenantView):
    queryset = REQUESTS.defer("params", "query", "headers", "body")
    filterset_class = RequestFilter
    orderings = {"-received_at": ("-id",), "received_at": ("id",)}
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=RequestSerializer(many=True), operation_id="hook_requests_list")
    def get(self, request: Request) -> Response:
        """Requests that came to hooks, as long as they are kept."""
        page = self.paginate_queryset(self.allowed())
        return self.get_paginated_response(RequestSerializer(page, many=True).data)


class RequestView(TenantView):
    queryset = REQUESTS
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=RequestDetailSerializer, operation_id="hook_requests_get")
    def get(self, request: Request, id: UUID) -> Response:
        """A request as it came, but for its secrets."""
        return Response(RequestDetailSerializer(self.get_object()).data)


class ReplayView(TenantView):
    queryset = WebhookRequest.objects.select_related("endpoint__workflow", "run__version")
    rights = {"POST": "trigger.replay"}

    @extend_schema(
        request=ReplaySerializer,
        responses={202: RunDetailSerializer},
        operation_id="hook_requests_replay",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Start a run as if the request came again, whether or not its workflow is active."""
        kept = self.get_object()
        asked = self.parsed(ReplaySerializer)
        run = replay_request(kept, asked["version"], by=self.principal)
        return answer_with(run, status.HTTP_202_ACCEPTED)
