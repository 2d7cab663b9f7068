"""Where webhooks listen and forms are: publishing makes and changes it, so it can only be read."""

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.triggers.hooks.refusals import SHOWN_DAYS, refused_lately
from apps.triggers.models import WebhookEndpoint, WebhookRefusal
from apps.workspaces.api.fields import TimeField
from apps.workspaces.views import TenantView


class HookFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter()

    class Meta:
        model = WebhookEndpoint
        fields: list[str] = []


class HookRefusalSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(WebhookRefusal.Reason.choices)
    count = serializers.IntegerField()
    last_at = TimeField()


class HookSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    workflow = serializers.UUIDField(source="workflow_id")
    workflow_name = serializers.CharField()
    node = serializers.CharField(source="node_id")
    kind = serializers.ChoiceField(WebhookEndpoint.Kind.choices)
    method = serializers.CharField()
    path = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="The whole address.")
    is_live = serializers.BooleanField(help_text="Whether it answers.")
    created_at = TimeField()
    refusals = HookRefusalSerializer(
        many=True,
        source="refused",
        help_text=f"By reason, how often requests were refused in {SHOWN_DAYS} days.",
    )

    def get_url(self, hook: Any) -> str:
        return f"{settings.HOOKS_URL}{hook.address}"


class HooksView(TenantView):
    queryset = WebhookEndpoint.objects.annotate(workflow_name=F("workflow__name"))
    filterset_class = HookFilter
    orderings = {"-created_at": ("-id",), "created_at": ("id",)}
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=HookSerializer(many=True), operation_id="hooks_list")
    def get(self, request: Request) -> Response:
        """The addresses of webhooks, of each method one, and of forms; those that were made for a
        node, too."""
        page: list[Any] = self.paginate_queryset(self.allowed()) or []
        refused = refused_lately(page)
        for hook in page:
            hook.refused = refused[hook.pk]
        return self.get_paginated_response(HookSerializer(page, many=True).data)
