"""The API keys of a workspace."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import RoleField, TextField, TimeField
from apps.workspaces.api_keys import create_api_key, revoke_api_key
from apps.workspaces.idempotency import idempotent
from apps.workspaces.models import ApiKey
from apps.workspaces.permissions import Role
from apps.workspaces.views import TenantView


class NewApiKeySerializer(Body):
    role = RoleField()
    name = TextField(required=False, default="", allow_blank=True, max_length=200)
    expires_at = TimeField(required=False, default=None, allow_null=True)

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("This time is over.", code="out_of_range")
        return moment


class ApiKeySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key goes on after `ff_`.")
    role = RoleField()
    created_at = TimeField()
    expires_at = TimeField(allow_null=True)
    last_used_at = TimeField(allow_null=True)
    revoked_at = TimeField(allow_null=True)


class ShownApiKeySerializer(ApiKeySerializer):
    key = serializers.CharField(help_text="Shown this once.")


class ApiKeysView(TenantView):
    queryset = ApiKey.objects.all()
    rights = {"GET": "api_key.view", "POST": "api_key.manage"}

    @extend_schema(responses=ApiKeySerializer(many=True), operation_id="api_keys_list")
    def get(self, request: Request, id: UUID) -> Response:
        keys = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(keys)
        return self.get_paginated_response(ApiKeySerializer(page, many=True).data)

    @extend_schema(
        request=NewApiKeySerializer,
        responses={201: ShownApiKeySerializer},
        operation_id="api_keys_create",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Make a key. The answer is the only one that holds it."""
        workspace = self.workspace(id)
        asked = self.parsed(NewApiKeySerializer)
        key, text = create_api_key(
            workspace,
            Role(asked["role"]),
            name=asked["name"],
            expires_at=asked["expires_at"],
            by=self.principal,
        )
        return Response(ApiKeySerializer(key).data | {"key": text}, status.HTTP_201_CREATED)


class ApiKeyView(TenantView):
    queryset = ApiKey.objects.all()
    rights = {"GET": "api_key.view", "DELETE": "api_key.manage"}

    @extend_schema(responses=ApiKeySerializer, operation_id="api_keys_get")
    def get(self, request: Request, id: UUID, key: UUID) -> Response:
        return Response(ApiKeySerializer(self.key(id, key)).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="api_keys_revoke")
    def delete(self, request: Request, id: UUID, key: UUID) -> Response:
        """Revoke a key for good; it stays in the list."""
        revoke_api_key(self.key(id, key), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def key(self, workspace: UUID, id: UUID) -> ApiKey:
        return self.find(self.get_queryset(), workspace=workspace, pk=id)
