"""Workspaces."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import NameField, RoleField, TimeField
from apps.workspaces.edit import create_workspace, rename_workspace
from apps.workspaces.idempotency import idempotent
from apps.workspaces.models import Workspace
from apps.workspaces.views import TenantView


class WorkspaceWriteSerializer(Body):
    name = NameField()


class WorkspaceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = NameField()
    role = serializers.SerializerMethodField(help_text="The asker's.")
    created_at = TimeField()

    @extend_schema_field(RoleField)
    def get_role(self, workspace: Workspace) -> str:
        return self.context["roles"][workspace.pk]


def answer(view: TenantView, workspaces: Any, *, many: bool = False) -> Any:
    roles = view.principal.roles()
    return WorkspaceSerializer(workspaces, many=many, context={"roles": roles}).data


class WorkspacesView(TenantView):
    queryset = Workspace.objects.all()
    rights = {"GET": "workspace.view"}

    @extend_schema(responses=WorkspaceSerializer(many=True), operation_id="workspaces_list")
    def get(self, request: Request) -> Response:
        """The workspaces that one is a member of, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(answer(self, page, many=True))

    @extend_schema(
        request=WorkspaceWriteSerializer,
        responses={201: WorkspaceSerializer},
        operation_id="workspaces_create",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a workspace and become its admin. An API key cannot: it belongs to one."""
        owner = self.principal.as_user
        if owner is None:
            raise PermissionDenied("An API key belongs to one workspace and makes no other.")
        workspace = create_workspace(self.parsed(WorkspaceWriteSerializer)["name"], owner)
        return Response(answer(self, workspace), status.HTTP_201_CREATED)


class WorkspaceView(TenantView):
    rights = {"GET": "workspace.view", "PATCH": "workspace.edit"}

    @extend_schema(responses=WorkspaceSerializer, operation_id="workspaces_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(answer(self, self.workspace(id)))

    @extend_schema(
        request=WorkspaceWriteSerializer,
        responses=WorkspaceSerializer,
        operation_id="workspaces_update",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Rename a workspace."""
        workspace = self.workspace(id)
        name = self.parsed(WorkspaceWriteSerializer)["name"]
        rename_workspace(workspace, name, by=self.principal)
        return Response(answer(self, workspace))
