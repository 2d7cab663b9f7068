"""To have a webhook of a draft listen for one request."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.triggers.hooks.listen import listen, stop_listening
from apps.triggers.models import WebhookListener
from apps.workflows.models import Workflow
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import TextField, TimeField
from apps.workspaces.views import TenantView


class ListenSerializer(Body):
    node = TextField(max_length=64)
    run = serializers.BooleanField(
        required=False, default=False, help_text="Whether the request starts a run of the draft."
    )


class RefusalSerializer(serializers.Serializer):
    status = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()
    at = serializers.DateTimeField()


class ListenerSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workflow = serializers.UUIDField(source="workflow_id")
    node = serializers.CharField(source="node_id")
    url = serializers.SerializerMethodField()
    until = TimeField()
    request = serializers.UUIDField(
        source="request_id", allow_null=True, help_text="What came; null: nothing yet."
    )
    run = serializers.UUIDField(
        source="request.run_id", default=None, allow_null=True, help_text="That it started."
    )
    refusal = serializers.SerializerMethodField(
        help_text="Why the last request was not let in; null: none was refused."
    )

    def get_url(self, listener: WebhookListener) -> str:
        return f"{settings.HOOKS_URL}/hooks/{listener.whole_path}"

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, listener: WebhookListener) -> dict[str, Any] | None:
        return listener.refusal


class ListenView(TenantView):
    queryset = Workflow.objects.all()
    rights = {"POST": "trigger.listen"}

    @extend_schema(
        request=ListenSerializer, responses=ListenerSerializer, operation_id="workflows_listen"
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Have a webhook of the draft listen for one request, at an address for tests."""
        workflow = self.get_object()
        asked: dict[str, Any] = self.parsed(ListenSerializer)
        listener = listen(workflow, asked["node"], starts_run=asked["run"], by=self.principal)
        return Response(ListenerSerializer(listener).data)


class ListenerView(TenantView):
    queryset = WebhookListener.objects.select_related("request")
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=ListenerSerializer, operation_id="listeners_get")
    def get(self, request: Request, id: UUID) -> Response:
        """A listener, and what came to it."""
        return Response(ListenerSerializer(self.get_object()).data)


class StopView(TenantView):
    queryset = WebhookListener.objects.select_related("request")
    rights = {"POST": "trigger.listen"}

    @extend_schema(request=None, responses=ListenerSerializer, operation_id="listeners_stop")
    def post(self, request: Request, id: UUID) -> Response:
        """Have it listen no more."""
        listener = self.get_object()
        self.parsed(Body)
        stop_listening(listener)
        return Response(ListenerSerializer(listener).data)
