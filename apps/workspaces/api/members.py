"""The members of a workspace."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import RoleField, TextField, TimeField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.members import add_member, change_role, remove_member
from apps.workspaces.models import Membership
from apps.workspaces.permissions import Role
from apps.workspaces.views import TenantView


class EmailField(TextField, serializers.EmailField):
    """An e-mail address."""


class NewMemberSerializer(Body):
    email = EmailField(max_length=254)
    role = RoleField()


class RoleSerializer(Body):
    role = RoleField()


class MemberSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user = serializers.UUIDField(source="user_id")
    email = serializers.EmailField(source="user.email")
    role = RoleField()
    created_at = TimeField()


class MembersView(TenantView):
    queryset = Membership.objects.select_related("user")
    rights = {"GET": "member.view", "POST": "member.manage"}

    @extend_schema(responses=MemberSerializer(many=True), operation_id="members_list")
    def get(self, request: Request, id: UUID) -> Response:
        members = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(members)
        return self.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(
        request=NewMemberSerializer,
        responses={201: MemberSerializer},
        operation_id="members_add",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Let somebody in, known by e-mail address."""
        workspace = self.workspace(id)
        asked = self.parsed(NewMemberSerializer)
        role = Role(asked["role"])
        membership = add_member(workspace, asked["email"], role, by=self.principal)
        return Response(MemberSerializer(membership).data, status.HTTP_201_CREATED)


class MemberView(TenantView):
    queryset = Membership.objects.select_related("user")
    rights = {"GET": "member.view", "PATCH": "member.manage", "DELETE": "member.manage"}

    @extend_schema(responses=MemberSerializer, operation_id="members_get")
    def get(self, request: Request, id: UUID, member: UUID) -> Response:
        return Response(MemberSerializer(self.member(id, member)).data)

    @extend_schema(
        request=RoleSerializer, responses=MemberSerializer, operation_id="members_change_role"
    )
    def patch(self, request: Request, id: UUID, member: UUID) -> Response:
        """Change a member's role."""
        membership = self.member(id, member)
        change_role(membership, Role(self.parsed(RoleSerializer)["role"]), by=self.principal)
        return Response(MemberSerializer(membership).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="members_remove")
    def delete(self, request: Request, id: UUID, member: UUID) -> Response:
        remove_member(self.member(id, member), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def member(self, workspace: UUID, id: UUID) -> Membership:
        return self.find(self.get_queryset(), workspace=workspace, pk=id)
