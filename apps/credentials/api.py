"""Credentials, whose secrets are written and never shown; and the types that there are."""

from typing import Any
from uuid import UUID

import django_filters
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.credentials.consent import (
    BY_CONSENT,
    ConsentError,
    Pending,
    begin_consent,
    finish_consent,
    redirect_uri,
    take_pending,
)
from apps.credentials.edit import (
    Values,
    change_credential,
    create_credential,
    delete_credential,
)
from apps.credentials.models import Credential
from apps.credentials.querysets import CredentialQuerySet
from apps.credentials.replace import replace_secrets
from apps.credentials.serializers import (
    ConsentSerializer,
    CredentialChangeSerializer,
    CredentialDetailSerializer,
    CredentialSavedSerializer,
    CredentialSerializer,
    CredentialTypesSerializer,
    ListedCredentialSerializer,
    NewCredentialSerializer,
    NewSecretsSerializer,
    TrialSerializer,
    TriedSerializer,
)
from apps.credentials.try_out import try_credential
from apps.credentials.uses import uses_of
from apps.credentials.weak import weak_secrets
from apps.engine.errors import Fault, FaultsError, FlowForgeError, NodeError
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import must_be_one_of
from apps.workspaces.idempotency import idempotent
from apps.workspaces.scoped_admin import seen_by, sentence
from apps.workspaces.unknown_names import unknown_parameters
from apps.workspaces.views import TenantView


class CredentialFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    search = django_filters.CharFilter(
        method="named_like", strip=False, label="Words in the name, in any case."
    )
    type = django_filters.MultipleChoiceFilter(
        choices=[(type.id, type.label) for type in CREDENTIAL_TYPES.values()],
        distinct=False,
        error_messages=must_be_one_of(CREDENTIAL_TYPES),
    )

    class Meta:
        model = Credential
        fields: list[str] = []

    def named_like(self, rows: CredentialQuerySet, name: str, words: str) -> CredentialQuerySet:
        return rows.named_like(words)


class CredentialsView(TenantView):
    queryset = Credential.objects.select_related("grant")
    filterset_class = CredentialFilter
    orderings = {"name": ("name", "id"), "-name": ("-name", "-id"), "-created_at": ("-id",)}
    choices = {"include": ["uses"]}
    rights = {"GET": "credential.view", "POST": "credential.edit"}

    @extend_schema(
        responses=ListedCredentialSerializer(many=True),
        operation_id="credentials_list",
        parameters=[
            OpenApiParameter(
                "include",
                OpenApiTypes.STR,
                enum=["uses"],
                description="`uses`: which workflows name each.",
            )
        ],
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.allowed()) or []
        listed: list[dict[str, Any]] = [CredentialSerializer(each).data for each in page]
        if "include" in request.query_params:
            uses = uses_of(page)
            for row, credential in zip(listed, page, strict=True):
                row["used_by"] = [use.as_dict() for use in uses[credential.pk]]
        return self.get_paginated_response(listed)

    @extend_schema(
        request=NewCredentialSerializer,
        responses={201: CredentialSavedSerializer},
        operation_id="credentials_create",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Store a secret. No answer will hold it."""
        asked = self.parsed(NewCredentialSerializer)
        workspace = self.workspace(asked.get("workspace"))
        credential = create_credential(
            workspace, asked["name"], asked["type"], asked["values"], by=self.principal
        )
        return Response(saved(credential, asked["values"]), status.HTTP_201_CREATED)


class CredentialView(TenantView):
    queryset = Credential.objects.select_related("grant")
    rights = {"GET": "credential.view", "PATCH": "credential.edit", "DELETE": "credential.edit"}

    @extend_schema(responses=CredentialDetailSerializer, operation_id="credentials_get")
    def get(self, request: Request, id: UUID) -> Response:
        """A credential without its secrets, and which workflows name it."""
        return Response(detail(self.get_object()))

    @extend_schema(
        request=CredentialChangeSerializer,
        responses=CredentialSavedSerializer,
        operation_id="credentials_update",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change the name, or some values: others stay, null takes away.

        409 with the current revision if it changed since. What says where the secrets go changes
        only together with the secrets.
        """
        credential = self.get_object()
        asked = self.parsed(CredentialChangeSerializer)
        changed = change_credential(credential, by=self.principal, **asked)
        return Response(saved(changed, asked.get("values", {})))

    @extend_schema(
        responses={204: OpenApiResponse()},
        operation_id="credentials_delete",
        parameters=[
            OpenApiParameter(
                "force",
                OpenApiTypes.BOOL,
                description="Also where workflows name it; without: 409 with `used_by`.",
            )
        ],
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Delete a credential for good."""
        credential = self.get_object()
        delete_credential(credential, by=self.principal, even_if_used=_is_forced(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrialView(TenantView):
    queryset = Credential.objects.all()
    rights = {"POST": "credential.use"}

    @extend_schema(
        request=TrialSerializer, responses=TriedSerializer, operation_id="credentials_test"
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Try it on its service, of HTTP by a GET of `url`. An error is an answer too (200)."""
        credential = self.get_object()
        tried = try_credential(
            credential, url=self.parsed(TrialSerializer)["url"], by=self.principal
        )
        error = tried.error.told() if tried.error else None
        return Response(TriedSerializer({"ok": error is None, "error": error, "at": tried.at}).data)


class ReplaceView(TenantView):
    queryset = Credential.objects.select_related("grant")
    rights = {"POST": "credential.edit"}

    @extend_schema(
        request=NewSecretsSerializer,
        responses=CredentialSavedSerializer,
        operation_id="credentials_rotate",
    )
    def post(self, request: Request, id: UUID) -> Response:
        """New secrets under the same name, tried on the service before they are stored.

        409 where the service does not take them or cannot be asked: the old ones stay.
        """
        credential = self.get_object()
        asked = self.parsed(NewSecretsSerializer)
        changed = replace_secrets(credential, by=self.principal, **asked)
        return Response(saved(changed, asked["values"]))


class ConsentView(TenantView):
    queryset = Credential.objects.all()
    rights = {"POST": "credential.edit"}

    @extend_schema(request=None, responses=ConsentSerializer, operation_id="credentials_authorize")
    def post(self, request: Request, id: UUID) -> Response:
        """Where to send the person whose consent the credential needs, in this same browser.

        409 where none is needed, or where no browser's session asks.
        """
        credential = self.get_object()
        self.parsed(Body)
        url = begin_consent(credential, request.session, by=self.principal)
        return Response(ConsentSerializer({"url": url}).data)


class CallbackView(TenantView):
    queryset = Credential.objects.all()
    rights = {"GET": "credential.edit"}

    @extend_schema(
        responses={
            (200, "text/html"): str,
            302: OpenApiResponse(description="Back to the admin, where it was begun there."),
        },
        operation_id="oauth_callback",
        parameters=[OpenApiParameter(name) for name in ("state", "code", "error")],
    )
    def get(self, request: Request) -> HttpResponse:
        """Where authorization servers send people back: a page that says what came of it."""
        answer = request.query_params.dict()
        try:
            waited_for = take_pending(request.session, answer.get("state", ""))
        except ConsentError as error:
            return _page(request, {"error": error})
        request.session.save()  # at once: the same answer works no second time
        credential = self._credential(waited_for)
        refusal: FlowForgeError | None = None
        try:
            finish_consent(credential, waited_for, answer, by=self.principal)
        except (ConsentError, NodeError) as error:
            refusal = error
        if waited_for.back_to:
            _say(request, credential, refusal)
            return HttpResponseRedirect(waited_for.back_to)
        return _page(request, {"credential": credential, "error": refusal})

    def _credential(self, waited_for: Pending) -> Credential:
        """The credential, if who comes back may still change it where they began."""
        if not waited_for.back_to:
            return self.find(self.get_queryset(), pk=waited_for.credential)
        # Of the admin: its superusers are members of no workspace.
        found = seen_by(self.request._request, Credential.objects.all(), self.right)
        return get_object_or_404(found, pk=waited_for.credential)


class CredentialTypesView(APIView):
    metadata_class = None

    @extend_schema(responses=CredentialTypesSerializer, operation_id="credential_types_list")
    def get(self, request: Request) -> Response:
        """All types of credentials: what forms are made of."""
        if unknown := unknown_parameters(request.query_params, ()):
            raise FaultsError(unknown)
        back = {BY_CONSENT: redirect_uri()}
        types = [
            type.describe() | {"redirect_uri": back.get(type.id)}
            for type in CREDENTIAL_TYPES.values()
        ]
        return Response({"results": types})


def detail(credential: Credential) -> dict[str, Any]:
    used_by = [use.as_dict() for use in uses_of([credential])[credential.pk]]
    return CredentialSerializer(credential).data | {"used_by": used_by}


def saved(credential: Credential, entered: Values) -> dict[str, Any]:
    warnings = [fault.as_dict() for fault in weak_secrets(credential.type, entered)]
    return detail(credential) | {"warnings": warnings}


def _say(request: Request, credential: Credential, refusal: FlowForgeError | None) -> None:
    if refusal is None:
        messages.success(request._request, f"“{credential}” is authorized.")
    else:
        messages.error(request._request, sentence(refusal))


def _page(request: Request, context: dict[str, Any]) -> HttpResponse:
    page = render(request._request, "credentials/consent.html", context)
    page["Cache-Control"] = "no-store"
    return page


def _is_forced(request: Request) -> bool:
    faults = unknown_parameters(request.query_params, {"force"})
    asked = request.query_params.get("force", "false")
    if asked not in ("true", "false"):
        faults.append(Fault("force", "invalid", "“force” must be true or false."))
    if faults:
        raise FaultsError(faults)
    return asked == "true"
