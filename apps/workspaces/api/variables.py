"""The variables of a workspace."""

from uuid import UUID

from django.core.validators import RegexValidator
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import TextField, TimeField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.models import VARIABLE_NAME, VARIABLE_NAME_RULE, Variable
from apps.workspaces.variables import change_variable, create_variable, delete_variable
from apps.workspaces.views import TenantView


class VariableNameField(TextField):
    """What follows `$vars.` in an expression."""

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=50, **options)
        self.validators.append(RegexValidator(VARIABLE_NAME, VARIABLE_NAME_RULE))


class NewVariableSerializer(Body):
    name = VariableNameField()
    value = TextField(max_length=4_000, allow_blank=True)


class VariableChangeSerializer(Body):
    name = VariableNameField(required=False)
    value = TextField(required=False, max_length=4_000, allow_blank=True)


class VariableSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    value = serializers.CharField()
    created_at = TimeField()


class VariablesView(TenantView):
    queryset = Variable.objects.all()
    rights = {"GET": "variable.view", "POST": "variable.edit"}

    @extend_schema(responses=VariableSerializer(many=True), operation_id="variables_list")
    def get(self, request: Request, id: UUID) -> Response:
        variables = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(variables)
        return self.get_paginated_response(VariableSerializer(page, many=True).data)

    @extend_schema(
        request=NewVariableSerializer,
        responses={201: VariableSerializer},
        operation_id="variables_create",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Make a variable, which expressions read as `$vars.name`. It is no secret."""
        workspace = self.workspace(id)
        asked = self.parsed(NewVariableSerializer)
        variable = create_variable(workspace, asked["name"], asked["value"], by=self.principal)
        return Response(VariableSerializer(variable).data, status.HTTP_201_CREATED)


class VariableView(TenantView):
    queryset = Variable.objects.all()
    rights = {"GET": "variable.view", "PATCH": "variable.edit", "DELETE": "variable.edit"}

    @extend_schema(responses=VariableSerializer, operation_id="variables_get")
    def get(self, request: Request, id: UUID, variable: UUID) -> Response:
        return Response(VariableSerializer(self.variable(id, variable)).data)

    @extend_schema(
        request=VariableChangeSerializer,
        responses=VariableSerializer,
        operation_id="variables_change",
    )
    def patch(self, request: Request, id: UUID, variable: UUID) -> Response:
        """Change the name or the value; of two changes at once the later wins."""
        row = self.variable(id, variable)
        asked = self.parsed(VariableChangeSerializer)
        name, value = asked.get("name", row.name), asked.get("value", row.value)
        change_variable(row, name, value, by=self.principal)
        return Response(VariableSerializer(row).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="variables_delete")
    def delete(self, request: Request, id: UUID, variable: UUID) -> Response:
        delete_variable(self.variable(id, variable), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def variable(self, workspace: UUID, id: UUID) -> Variable:
        return self.find(self.get_queryset(), workspace=workspace, pk=id)
