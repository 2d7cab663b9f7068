"""One's own sessions in browsers."""

from typing import Any
from uuid import UUID

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.engine.errors import FaultsError
from apps.workspaces.api.fields import TimeField
from apps.workspaces.models import User, UserSession
from apps.workspaces.permissions import principal_of
from apps.workspaces.sessions import browser_of, end_all_sessions, end_session, sessions_of
from apps.workspaces.unknown_names import unknown_parameters


class SessionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    browser = serializers.SerializerMethodField()
    address = serializers.IPAddressField(allow_null=True)
    created_at = TimeField()
    seen_at = TimeField(help_text="Noted every few minutes.")
    is_this = serializers.SerializerMethodField(help_text="Whether it is the one that asks.")

    def get_browser(self, session: UserSession) -> str:
        return browser_of(session.browser)

    def get_is_this(self, session: UserSession) -> bool:
        return bool(session.session_key == self.context["key"])


class SessionListSerializer(serializers.Serializer):
    results = SessionSerializer(many=True)


class SessionsView(APIView):
    metadata_class = None

    @extend_schema(responses=SessionListSerializer, operation_id="sessions_list")
    def get(self, request: Request) -> Response:
        """Where one is signed in, the one last seen first. An API key has no sessions."""
        if unknown := unknown_parameters(request.query_params, ()):
            raise FaultsError(unknown)
        sessions: Any = sessions_of(person(request))
        context = {"key": request.session.session_key}
        return Response({"results": SessionSerializer(sessions, many=True, context=context).data})

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="sessions_end_others")
    def delete(self, request: Request) -> Response:
        """Sign out everywhere but here."""
        user = person(request)
        end_all_sessions(user, by=user)
        update_session_auth_hash(request._request, user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    metadata_class = None

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="sessions_end")
    def delete(self, request: Request, id: UUID) -> Response:
        """Sign one browser out, if it is not out already."""
        user = person(request)
        if session := UserSession.objects.filter(user=user, pk=id).first():
            end_session(session, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def person(request: Request) -> User:
    user = principal_of(request).as_user
    if not isinstance(user, User):
        raise PermissionDenied("An API key has no sessions.")
    return user
