"""The audit trail of a workspace."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.fields import JSONField, TimeField
from apps.workspaces.models import AuditEntry
from apps.workspaces.views import TenantView


class AuditEntrySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    at = TimeField()
    action = serializers.CharField()
    user = serializers.UUIDField(source="user_id", allow_null=True)
    user_email = serializers.CharField(source="user.email", default=None, allow_null=True)
    api_key = serializers.UUIDField(source="api_key_id", allow_null=True)
    api_key_prefix = serializers.CharField(source="api_key.prefix", default=None, allow_null=True)
    object_type = serializers.CharField()
    object_id = serializers.UUIDField(allow_null=True)
    object_name = serializers.CharField()
    detail = JSONField()


class AuditView(TenantView):
    queryset = AuditEntry.objects.select_related("user", "api_key")
    rights = {"GET": "audit.view"}

    @extend_schema(responses=AuditEntrySerializer(many=True), operation_id="audit_list")
    def get(self, request: Request, id: UUID) -> Response:
        """Who changed what in the workspace, newest first."""
        entries = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(entries)
        return self.get_paginated_response(AuditEntrySerializer(page, many=True).data)
