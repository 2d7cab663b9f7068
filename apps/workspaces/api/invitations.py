"""Who is invited to a workspace, and has not answered yet."""

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import RoleField, TimeField
from apps.workspaces.api.members import NewMemberSerializer
from apps.workspaces.idempotency import idempotent
from apps.workspaces.invitations import (
    invite,
    is_void,
    send_again,
    with_standing,
    withdraw,
)
from apps.workspaces.models import Invitation
from apps.workspaces.permissions import Role
from apps.workspaces.views import TenantView


class InvitationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = RoleField()
    invited_by = serializers.EmailField(
        source="invited_by.email", default=None, allow_null=True, help_text="null: an API key"
    )
    created_at = TimeField()
    expires_at = TimeField()
    has_expired = serializers.BooleanField()
    is_void = serializers.SerializerMethodField(
        help_text="Who sent it may not invite any more: the link works only once it is sent again."
    )
    mailed_at = TimeField(allow_null=True, help_text="When the last link was sent.")
    mail_error = serializers.CharField(help_text="Why it was not sent; empty: it was.")

    def get_is_void(self, invitation: Invitation) -> bool:
        return is_void(invitation)


class SentInvitationSerializer(InvitationSerializer):
    link = serializers.CharField(
        allow_null=True,
        help_text="Shown this once, where FlowForge has no mail server; else null: it is mailed.",
    )


class InvitationsView(TenantView):
    queryset = Invitation.objects.select_related("invited_by")
    rights = {"GET": "member.manage", "POST": "member.manage"}

    @extend_schema(responses=InvitationSerializer(many=True), operation_id="invitations_list")
    def get(self, request: Request, id: UUID) -> Response:
        """Invitations that wait for an answer, those that have expired too."""
        own = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(with_standing(own))
        return self.get_paginated_response(InvitationSerializer(page, many=True).data)

    @extend_schema(
        request=NewMemberSerializer,
        responses={201: SentInvitationSerializer},
        operation_id="invitations_create",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Invite somebody by e-mail address: they become a member when they accept."""
        workspace = self.workspace(id)
        asked = self.parsed(NewMemberSerializer)
        invitation, link = invite(workspace, asked["email"], Role(asked["role"]), by=self.principal)
        return Response(sent(invitation, link), status.HTTP_201_CREATED)


class InvitationView(TenantView):
    queryset = Invitation.objects.select_related("invited_by")
    rights = {"DELETE": "member.manage"}

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="invitations_withdraw")
    def delete(self, request: Request, id: UUID, invitation: UUID) -> Response:
        """Withdraw an invitation: its link works no more."""
        found = self.find(self.get_queryset(), workspace=id, pk=invitation)
        withdraw(found, by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SendAgainView(TenantView):
    queryset = Invitation.objects.select_related("invited_by")
    rights = {"POST": "member.manage"}

    @extend_schema(
        request=None, responses=SentInvitationSerializer, operation_id="invitations_send_again"
    )
    @idempotent
    def post(self, request: Request, id: UUID, invitation: UUID) -> Response:
        """Send a new link, good for a week again; earlier ones are void."""
        found = self.find(self.get_queryset(), workspace=id, pk=invitation)
        self.parsed(Body)
        link = send_again(found, by=self.principal)
        found.refresh_from_db()
        return Response(sent(found, link))


def sent(invitation: Invitation, link: str | None) -> dict[str, object]:
    return InvitationSerializer(invitation).data | {"link": link}
