"""Workflows of other products."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.interchange.import_n8n import import_n8n
from apps.interchange.n8n.convert import convert
from apps.versions.validate import require_graph, validate
from apps.workflows.api import WORKFLOWS, WorkflowSerializer
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import NameField, ObjectField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.views import TenantView


class N8nSerializer(Body):
    workspace = serializers.UUIDField(
        required=False, help_text="May be left out by who has only one."
    )
    workflow = ObjectField(allow_null=True, help_text="What n8n exports, or has copied.")


class N8nImportSerializer(N8nSerializer):
    name = NameField(required=False, help_text="Without: the one that it has in n8n.")


class UnsupportedSerializer(serializers.Serializer):
    node = serializers.CharField()
    type = serializers.CharField(help_text="n8n's.")
    why = serializers.CharField()


class WarningSerializer(serializers.Serializer):
    node = serializers.CharField(allow_null=True, help_text="Null: of the whole workflow.")
    message = serializers.CharField()


class ReportSerializer(serializers.Serializer):
    nodes = serializers.IntegerField()
    edges = serializers.IntegerField()
    unsupported = UnsupportedSerializer(
        many=True, help_text="Nodes for which a No Operation of the same name stands."
    )
    warnings = WarningSerializer(many=True)


class N8nImportedSerializer(serializers.Serializer):
    workflow = WorkflowSerializer()
    version = serializers.IntegerField(
        allow_null=True, help_text="Null where the draft has faults, such as a missing credential."
    )
    report = ReportSerializer()


class N8nConvertedSerializer(serializers.Serializer):
    name = serializers.CharField()
    graph = ObjectField()
    report = ReportSerializer()


class ImportN8nView(TenantView):
    rights = {"POST": "workflow.edit"}

    @extend_schema(
        request=N8nImportSerializer,
        responses={201: N8nImportedSerializer},
        operation_id="import_n8n",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a workflow whose draft is one of n8n's.

        What could not be taken over is in the report; no credential is. What is no workflow of n8n
        is refused (422).
        """
        asked = self.parsed(N8nImportSerializer)
        workspace = self.workspace(asked.get("workspace"))
        imported = import_n8n(workspace, asked["workflow"], asked.get("name"), by=self.principal)
        workflow = WorkflowSerializer(WORKFLOWS.get(pk=imported.workflow.pk)).data
        version = imported.version and imported.version.version
        answer = {"workflow": workflow, "version": version, "report": imported.report.as_dict()}
        return Response(answer, status.HTTP_201_CREATED)


class ConvertN8nView(TenantView):
    rights = {"POST": "workflow.edit"}

    @extend_schema(
        request=N8nSerializer,
        responses=N8nConvertedSerializer,
        operation_id="import_n8n_convert",
    )
    def post(self, request: Request) -> Response:
        """Say what a workflow of n8n, or a part of one, is here; nothing is saved."""
        asked = self.parsed(N8nSerializer)
        workspace = self.workspace(asked.get("workspace"))
        converted = convert(asked["workflow"])
        require_graph(validate(converted.graph, workspace.pk))
        return Response(
            {
                "name": converted.name,
                "graph": converted.graph,
                "report": converted.report.as_dict(),
            }
        )
