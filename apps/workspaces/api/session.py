"""Logging in and out in the browser, and who one is."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import NameField, RoleField, TextField
from apps.workspaces.errors import WrongCredentialsError
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Principal, principal_of


class LoginSerializer(Body):
    email = TextField(max_length=254)
    password = TextField(max_length=1000)


class MyWorkspaceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = NameField()
    role = RoleField()


class MeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField(allow_null=True, help_text="null: an API key")
    is_staff = serializers.BooleanField()
    is_superuser = serializers.BooleanField()
    hooks_url = serializers.CharField(help_text="what the addresses of hooks begin with")
    environment = serializers.CharField(help_text="which installation this is; empty: not said")
    workspaces = MyWorkspaceSerializer(many=True)


class LoginView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    metadata_class = None

    @extend_schema(request=LoginSerializer, responses=MeSerializer, operation_id="login", auth=[])
    def post(self, request: Request) -> Response:
        """Begin a session. Wrong credentials: 400; too many of them in a minute: 429."""
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        email, password = serializer.validated_data["email"], serializer.validated_data["password"]
        user = authenticate(request._request, username=email, password=password)
        if user is None:
            raise WrongCredentialsError
        login(request._request, user)
        return Response(me(user))


class LogoutView(APIView):
    metadata_class = None

    @extend_schema(request=None, responses={204: OpenApiResponse()}, operation_id="logout")
    def post(self, request: Request) -> Response:
        """End the session."""
        Body(data=request.data).is_valid(raise_exception=True)
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


# Whoever is not logged in gets the cookie too, for the login that follows.
@method_decorator(ensure_csrf_cookie, name="dispatch")
class MeView(APIView):
    metadata_class = None

    @extend_schema(responses=MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who asks, and the role in each workspace."""
        return Response(me(principal_of(request)))


def me(principal: Principal) -> dict[str, Any]:
    user, roles = principal.as_user, principal.roles()
    return {
        "id": str(principal.pk),
        "email": user.email if user else None,
        "is_staff": bool(user and user.is_staff),
        "is_superuser": bool(user and user.is_superuser),
        "hooks_url": settings.HOOKS_URL,
        "environment": settings.ENVIRONMENT,
        "workspaces": [
            {"id": str(workspace.pk), "name": workspace.name, "role": roles[workspace.pk]}
            for workspace in Workspace.objects.visible_to(principal)
        ],
    }
