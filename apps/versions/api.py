"""A workflow's draft and versions, and the node types that graphs are built of."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.engine.errors import Fault, FaultsError
from apps.engine.parse_node import RETRYABLE_CODES
from apps.engine.validate import Validation
from apps.nodes.registry import library
from apps.versions.diff import diff_graphs
from apps.versions.draft import replace_draft
from apps.versions.evaluate import evaluate_expression
from apps.versions.models import WorkflowVersion
from apps.versions.ports import own_ports
from apps.versions.publish import publish_version
from apps.versions.samples import samples
from apps.versions.save import save_draft, save_version
from apps.versions.serializers import (
    DiffSerializer,
    DraftChangeSerializer,
    DraftSavedSerializer,
    DraftSerializer,
    EvaluatedSerializer,
    ExpressionSerializer,
    GraphSerializer,
    NewVersionSerializer,
    NodeTypeSerializer,
    NodeTypesSerializer,
    PublishSerializer,
    SamplesSerializer,
    ValidationSerializer,
    VersionDetailSerializer,
    VersionSavedSerializer,
    VersionSerializer,
)
from apps.versions.validate import validate
from apps.workflows.api import WorkflowSerializer
from apps.workflows.models import Workflow
from apps.workspaces.idempotency import idempotent
from apps.workspaces.unknown_names import unknown_parameters
from apps.workspaces.views import TenantView


class WorkflowPartView(TenantView):
    """Something of one workflow."""

    queryset = Workflow.objects.all()

    def version(self, workflow: Workflow, number: int) -> WorkflowVersion:
        version = workflow.versions.filter(version=number).first()
        if version is None:
            raise Http404
        return version


class DraftView(WorkflowPartView):
    rights = {"GET": "workflow.view", "PUT": "workflow.edit"}

    @extend_schema(responses=DraftSerializer, operation_id="draft_get")
    def get(self, request: Request, id: UUID) -> Response:
        """The draft, and what is wrong with it."""
        workflow = self.get_object()
        graph = {"graph": workflow.draft_graph, "revision": workflow.draft_revision}
        judged = validate(workflow.draft_graph, workflow.workspace_id)
        return Response(graph | told_with_ports(judged))

    @extend_schema(
        request=DraftChangeSerializer, responses=DraftSavedSerializer, operation_id="draft_put"
    )
    def put(self, request: Request, id: UUID) -> Response:
        """Replace the draft that one has seen; 409 with the current revision if it changed since.

        Faults of meaning are told and kept; what is no graph at all is refused (422).
        """
        workflow = self.get_object()
        asked = self.parsed(DraftChangeSerializer)
        revision, validation = replace_draft(workflow, asked["graph"], asked["revision"])
        return Response({"revision": revision} | told_with_ports(validation))


class ValidateView(WorkflowPartView):
    rights = {"POST": "workflow.view"}

    @extend_schema(
        request=GraphSerializer, responses=ValidationSerializer, operation_id="workflows_validate"
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Say what is wrong with a graph; nothing is saved."""
        workflow = self.get_object()
        graph = self.parsed(GraphSerializer)["graph"]
        return Response(told(validate(graph, workflow.workspace_id)))


class VersionsView(WorkflowPartView):
    rights = {"GET": "version.view", "POST": "version.save"}
    orderings = {"-version": ("-version",), "version": ("version",)}

    @extend_schema(responses=VersionSerializer(many=True), operation_id="versions_list")
    def get(self, request: Request, id: UUID) -> Response:
        page = self.paginate_queryset(self.get_object().versions.without_graph())
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(
        request=NewVersionSerializer,
        responses={201: VersionSavedSerializer, 200: VersionSavedSerializer},
        operation_id="versions_create",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Keep a graph, or the draft, as a version (201); 200 with the one that it is already."""
        workflow = self.get_object()
        asked = self.parsed(NewVersionSerializer)
        if "graph" in asked:
            saved = save_version(workflow, asked["graph"], asked["note"], by=self.principal)
        else:
            saved = save_draft(workflow, asked["note"], by=self.principal)
        version, is_new = saved
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        warnings = told(validate(version.graph_json, version.workspace_id))["warnings"]
        return Response(VersionDetailSerializer(version).data | {"warnings": warnings}, code)


class VersionView(WorkflowPartView):
    rights = {"GET": "version.view"}

    @extend_schema(responses=VersionDetailSerializer, operation_id="versions_get")
    def get(self, request: Request, id: UUID, number: int) -> Response:
        version = self.version(self.get_object(), number)
        return Response(VersionDetailSerializer(version).data)


class DiffView(WorkflowPartView):
    rights = {"GET": "version.view"}

    @extend_schema(
        responses=DiffSerializer,
        operation_id="versions_diff",
        parameters=[
            OpenApiParameter(
                "against",
                OpenApiTypes.INT,
                description="The version to compare with; without: the one before.",
            )
        ],
    )
    def get(self, request: Request, id: UUID, number: int) -> Response:
        """What this version changed since another."""
        workflow = self.get_object()
        after = self.version(workflow, number)
        before = self.version(workflow, _against(request, number))
        diff = diff_graphs(before.graph_json, after.graph_json)
        return Response({"version": number, "against": before.version} | diff.as_json())


class PublishView(WorkflowPartView):
    rights = {"POST": "workflow.publish"}

    @extend_schema(
        request=PublishSerializer, responses=WorkflowSerializer, operation_id="workflows_publish"
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make a version the published one; an older one rolls back."""
        workflow = self.get_object()
        number = self.parsed(PublishSerializer)["version"]
        version = workflow.versions.filter(version=number).first()
        if version is None:
            fault = Fault("version", "unknown", f"This workflow has no version {number}.")
            raise FaultsError([fault])
        publish_version(version, by=self.principal)
        published = Workflow.objects.without_draft().with_latest_version().get(pk=workflow.pk)
        return Response(WorkflowSerializer(published).data)


class EvaluateView(TenantView):
    rights = {"POST": "expression.evaluate"}

    @extend_schema(
        request=ExpressionSerializer,
        responses=EvaluatedSerializer,
        operation_id="expressions_evaluate",
    )
    def post(self, request: Request) -> Response:
        """Evaluate an expression as a step would, for one item.

        What is wrong with it is a problem (422), with the position of each fault.
        """
        asked = self.parsed(ExpressionSerializer)
        workspace = self.workspace(asked.get("workspace"))
        evaluated = evaluate_expression(asked, workspace.pk, by=self.principal.pk)
        return Response(EvaluatedSerializer(evaluated).data)


class NodeTypesView(APIView):
    metadata_class = None

    @extend_schema(responses=NodeTypesSerializer, operation_id="node_types_list")
    def get(self, request: Request) -> Response:
        """All node types: what the canvas builds its palette and forms from."""
        if unknown := unknown_parameters(request.query_params, ()):
            raise FaultsError(unknown)
        retryable = [{"code": code, "meaning": told} for code, told in RETRYABLE_CODES.items()]
        return Response({"results": library().describe(), "retryable": retryable})


class NodeTypeView(APIView):
    metadata_class = None

    @extend_schema(responses=NodeTypeSerializer, operation_id="node_types_get")
    def get(self, request: Request, type: str) -> Response:
        """A node type in its newest version."""
        versions = [known for known in library().all() if known.type == type]
        if not versions:
            raise Http404
        return Response(versions[-1].describe())


class SamplesView(APIView):
    metadata_class = None

    @extend_schema(responses=SamplesSerializer, operation_id="samples_list")
    def get(self, request: Request) -> Response:
        """Graphs to begin with: each becomes a workflow by `POST /workflows` with its graph."""
        if unknown := unknown_parameters(request.query_params, ()):
            raise FaultsError(unknown)
        return Response({"results": samples()})


def told(validation: Validation) -> dict[str, Any]:
    return {
        "errors": [fault.as_dict() for fault in validation.errors],
        "warnings": [fault.as_dict() for fault in validation.warnings],
    }


def told_with_ports(validation: Validation) -> dict[str, Any]:
    """What editors are told: also the inputs and outputs that follow from a node's params."""
    ports = {} if validation.graph is None else own_ports(validation.graph)
    return told(validation) | {"ports": ports}


def _against(request: Request, number: int) -> int:
    faults = unknown_parameters(request.query_params, {"against"})
    asked = request.query_params.get("against", str(number - 1))
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        faults.append(Fault("against", "invalid", "“against” must be the number of a version."))
    if faults:
        raise FaultsError(faults)
    return int(asked)
