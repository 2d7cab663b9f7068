"""The audit trail of a workspace."""

from datetime import datetime
from uuid import UUID

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.fields import JSONField, TimeField, must_be_one_of
from apps.workspaces.models import AuditEntry
from apps.workspaces.origin import Way
from apps.workspaces.querysets import AuditQuerySet
from apps.workspaces.views import TenantView


class AuditFilter(django_filters.FilterSet):
    action = django_filters.CharFilter(max_length=64)
    object_type = django_filters.CharFilter(max_length=64)
    object_id = django_filters.UUIDFilter()
    user = django_filters.UUIDFilter()
    api_key = django_filters.UUIDFilter()
    who = django_filters.CharFilter(method="done_by", max_length=254)
    way = django_filters.ChoiceFilter(
        choices=Way.choices, error_messages=must_be_one_of(Way.values)
    )
    after = django_filters.IsoDateTimeFilter(method="done_from")
    before = django_filters.IsoDateTimeFilter(method="done_until")

    def done_by(self, entries: AuditQuerySet, _: str, text: str) -> AuditQuerySet:
        return entries.done_by(text)

    def done_from(self, entries: AuditQuerySet, _: str, moment: datetime) -> AuditQuerySet:
        return entries.between(start=moment)

    def done_until(self, entries: AuditQuerySet, _: str, moment: datetime) -> AuditQuerySet:
        return entries.between(end=moment)

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class AuditEntrySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    at = TimeField()
    action = serializers.CharField()
    who = serializers.CharField(source="made_by", help_text="As they were called then.")
    user = serializers.UUIDField(source="user_id", allow_null=True)
    user_email = serializers.CharField(source="user.email", default=None, allow_null=True)
    api_key = serializers.UUIDField(source="api_key_id", allow_null=True)
    api_key_prefix = serializers.CharField(source="api_key.prefix", default=None, allow_null=True)
    way = serializers.ChoiceField(choices=Way.choices, allow_null=True)
    address = serializers.CharField(allow_null=True, help_text="Of the request.")
    object_type = serializers.CharField()
    object_id = serializers.UUIDField(allow_null=True)
    object_name = serializers.CharField()
    detail = JSONField(help_text="`changes`: each field with its value before and after.")


class AuditView(TenantView):
    queryset = AuditEntry.objects.select_related("user", "api_key")
    filterset_class = AuditFilter
    rights = {"GET": "audit.view"}

    @extend_schema(responses=AuditEntrySerializer(many=True), operation_id="audit_list")
    def get(self, request: Request, id: UUID) -> Response:
        """Who changed what in the workspace, newest first."""
        entries = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(entries)
        return self.get_paginated_response(AuditEntrySerializer(page, many=True).data)
