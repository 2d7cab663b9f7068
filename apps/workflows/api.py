"""Workflows."""

from typing import Any, Protocol
from uuid import UUID

import django_filters
from django.db import transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.engine.errors import FaultsError
from apps.workflows import budget
from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from apps.workflows.edit import create_workflow, delete_workflow, rename_workflow
from apps.workflows.models import LONGEST_TAG, Workflow
from apps.workflows.querysets import WorkflowQuerySet
from apps.workflows.tags import MOST_TAGS, as_tag, tag_workflow, tags_of
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import (
    ChoiceField,
    NameField,
    NumberField,
    ObjectField,
    TextField,
    TimeField,
    must_be_one_of,
)
from apps.workspaces.idempotency import idempotent
from apps.workspaces.permissions import Principal, require
from apps.workspaces.unknown_names import unknown_parameters
from apps.workspaces.views import TenantView


class NewWorkflowSerializer(Body):
    workspace = serializers.UUIDField(
        required=False, help_text="May be left out by who has only one."
    )
    name = NameField()
    graph = ObjectField(required=False, help_text="What its draft is to be; without, it is empty.")


MOST = {"max_kept_bytes": 2**63 - 1}


class TagField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_TAG, **options)

    def to_internal_value(self, data: Any) -> str:
        name = as_tag(super().to_internal_value(data))
        if not name:
            self.fail("blank")
        return name


class WorkflowChangeSerializer(Body):
    name = NameField(required=False)
    tags = serializers.ListField(
        child=TagField(),
        required=False,
        max_length=MOST_TAGS,
        help_text="All that it is to have. Kept in lower case.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        limits = {
            part: NumberField(required=False, allow_null=True, max_value=MOST.get(part, 2**31 - 1))
            for part in budget.PARTS
        }
        return {**super().get_fields(), **limits}

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not asked:
            raise serializers.ValidationError({"name": "Nothing is to be changed."}, "required")
        return asked


class WorkflowSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    name = NameField()
    status = ChoiceField(choices=Workflow.Status.choices)
    version = serializers.IntegerField(allow_null=True, help_text="The published one.")
    latest_version = serializers.IntegerField(allow_null=True)
    tags = serializers.SerializerMethodField()
    keep_completed_days = serializers.IntegerField(
        allow_null=True, help_text="Of completed and cancelled runs. Null: as for all; 0: for ever."
    )
    keep_failed_days = serializers.IntegerField(allow_null=True)
    keep_runs = serializers.IntegerField(allow_null=True, help_text="So many runs, the newest.")
    max_kept_bytes = serializers.IntegerField(
        allow_null=True, help_text="Where its runs keep so much, no more are made."
    )
    kept_bytes = serializers.IntegerField(help_text="What its runs keep, about.")
    created_at = TimeField()
    updated_at = TimeField()

    def get_tags(self, workflow: Workflow) -> list[str]:
        return [tag.name for tag in workflow.tags.all()]


class LastRunSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    status = serializers.CharField()
    created_at = TimeField()


class ListedWorkflowSerializer(WorkflowSerializer):
    last_run = serializers.SerializerMethodField()
    next_run_at = TimeField(
        allow_null=True, help_text="When its schedules fire next, of those that are not paused."
    )
    held = serializers.BooleanField(source="is_held", help_text="It is paused itself.")

    @extend_schema_field(LastRunSerializer(allow_null=True))
    def get_last_run(self, workflow: Any) -> Any:
        if workflow.last_run_id is None:
            return None
        told = {
            "id": workflow.last_run_id,
            "status": workflow.last_run_status,
            "created_at": workflow.last_run_at,
        }
        return LastRunSerializer(told).data


class WorkflowFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    status = django_filters.ChoiceFilter(
        choices=Workflow.Status.choices, error_messages=must_be_one_of(Workflow.Status.values)
    )
    search = django_filters.CharFilter(
        method="named_like", strip=False, label="Words in the name, in any case."
    )

    tag = django_filters.CharFilter(method="tagged", label="A tag, in any case.")

    class Meta:
        model = Workflow
        fields: list[str] = []

    def tagged(self, rows: WorkflowQuerySet, name: str, tag: str) -> WorkflowQuerySet:
        return rows.tagged(as_tag(tag))

    def named_like(self, rows: WorkflowQuerySet, name: str, words: str) -> WorkflowQuerySet:
        return rows.named_like(words)


WORKFLOWS = Workflow.objects.without_draft().with_latest_version().prefetch_related("tags")


class WorkflowsView(TenantView):
    queryset = WORKFLOWS
    filterset_class = WorkflowFilter
    orderings = {
        "-created_at": ("-id",),
        "created_at": ("id",),
        "name": ("name", "id"),
        "-name": ("-name", "-id"),
        "-updated_at": ("-updated_at", "-id"),
        "updated_at": ("updated_at", "id"),
    }
    rights = {"GET": "workflow.view", "POST": "workflow.edit"}

    @extend_schema(responses=ListedWorkflowSerializer(many=True), operation_id="workflows_list")
    def get(self, request: Request) -> Response:
        workflows: Any = self.allowed()
        page = self.paginate_queryset(workflows.with_standing())
        return self.get_paginated_response(ListedWorkflowSerializer(page, many=True).data)

    @extend_schema(
        request=NewWorkflowSerializer,
        responses={201: WorkflowSerializer},
        operation_id="workflows_create",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a workflow, with a graph in its draft where one is given.

        Faults of meaning are kept, as in any draft; what is no graph at all is refused (422), and
        nothing is made.
        """
        asked = self.parsed(NewWorkflowSerializer)
        workspace = self.workspace(asked.get("workspace"))
        graph = asked.get("graph")
        try:
            workflow = create_workflow(workspace, asked["name"], graph, by=self.principal)
        except FaultsError as error:
            raise error.within("graph") from error
        workflow = self.get_queryset().get(pk=workflow.pk)
        return Response(WorkflowSerializer(workflow).data, status.HTTP_201_CREATED)


class WorkflowView(TenantView):
    queryset = WORKFLOWS
    rights = {"GET": "workflow.view", "PATCH": "workflow.edit", "DELETE": "workflow.edit"}

    @extend_schema(responses=WorkflowSerializer, operation_id="workflows_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(WorkflowSerializer(self.get_object()).data)

    @extend_schema(
        request=WorkflowChangeSerializer,
        responses=WorkflowSerializer,
        operation_id="workflows_update",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Rename a workflow, tag it, or set its data budget, which takes the role admin."""
        workflow = self.get_object()
        changes = self.parsed(WorkflowChangeSerializer)
        name, tags = changes.pop("name", None), changes.pop("tags", None)
        if changes:
            require(self.principal, "workflow.budget", workflow.workspace_id)
        with transaction.atomic():
            if name is not None:
                rename_workflow(workflow, name, by=self.principal)
            if tags is not None:
                tag_workflow(workflow, tags, by=self.principal)
            if changes:
                budget.change_budget(workflow, changes, by=self.principal)
        return Response(WorkflowSerializer(self.get_object()).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="workflows_delete")
    def delete(self, request: Request, id: UUID) -> Response:
        """Delete a workflow that never ran. Others are archived."""
        delete_workflow(self.get_object(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TagsSerializer(serializers.Serializer):
    results = serializers.ListField(child=serializers.CharField())


class TagsView(TenantView):
    queryset = Workflow.objects.none()
    rights = {"GET": "workflow.view"}

    @extend_schema(responses=TagsSerializer, operation_id="workflow_tags_list")
    def get(self, request: Request, id: UUID) -> Response:
        """The tags that workflows of the workspace have, in order; at most 500."""
        if unknown := unknown_parameters(request.query_params, ()):
            raise FaultsError(unknown)
        return Response({"results": tags_of(self.workspace(id))})


class Deed(Protocol):
    def __call__(self, workflow: Workflow, *, by: Principal | None) -> None: ...


class LifeView(TenantView):
    """One move in a workflow's life; making it again changes nothing."""

    queryset = WORKFLOWS
    rights = {"POST": "workflow.activate"}

    def moved(self, deed: Deed) -> Response:
        workflow = self.get_object()
        self.parsed(Body)
        deed(workflow, by=self.principal)
        return Response(WorkflowSerializer(workflow).data)


class ActivateView(LifeView):
    @extend_schema(request=None, responses=WorkflowSerializer, operation_id="workflows_activate")
    def post(self, request: Request, id: UUID) -> Response:
        """Make the triggers of the published version live."""
        return self.moved(activate_workflow)


class DeactivateView(LifeView):
    @extend_schema(request=None, responses=WorkflowSerializer, operation_id="workflows_deactivate")
    def post(self, request: Request, id: UUID) -> Response:
        """Stop the triggers, or take the workflow out of the archive."""
        return self.moved(deactivate_workflow)


class ArchiveView(LifeView):
    @extend_schema(request=None, responses=WorkflowSerializer, operation_id="workflows_archive")
    def post(self, request: Request, id: UUID) -> Response:
        """Stop the triggers and put the workflow aside."""
        return self.moved(archive_workflow)
