"""Failures of one kind: listed, assigned, put aside, resolved."""

from typing import Any
from uuid import UUID

import django_filters
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.operations.groups.handle import assign_group, set_status
from apps.operations.models import ErrorGroup, ErrorGroupWorkflow
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import ChoiceField, TimeField, must_be_one_of
from apps.workspaces.views import TenantView

WORKFLOWS_TOLD = 100
_ITS_WORKFLOWS = ErrorGroupWorkflow.objects.filter(group=OuterRef("pk")).order_by()
GROUPS = ErrorGroup.objects.annotate(
    assigned_to_email=F("assigned_to__email"),
    workflow_count=Coalesce(
        Subquery(_ITS_WORKFLOWS.values("group").annotate(count=Count("pk")).values("count")), 0
    ),
)


class ErrorGroupFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(
        choices=ErrorGroup.Status.choices,
        distinct=False,
        error_messages=must_be_one_of(ErrorGroup.Status.values),
    )
    workflow = django_filters.UUIDFilter(method="failing_in")
    assigned_to = django_filters.UUIDFilter()

    def failing_in(self, groups: QuerySet[Any], _: str, workflow: UUID) -> QuerySet[Any]:
        return groups.filter(Exists(_ITS_WORKFLOWS.filter(workflow=workflow)))


class ErrorGroupSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    error_code = serializers.CharField()
    node_type = serializers.CharField(help_text="Of what failed; empty: the run itself.")
    message = serializers.CharField(help_text="Of the first.")
    count = serializers.IntegerField()
    workflow_count = serializers.IntegerField(help_text="In how many workflows.")
    first_seen = TimeField()
    last_seen = TimeField()
    last_run = serializers.UUIDField(help_text="It may be deleted.")
    status = ChoiceField(choices=ErrorGroup.Status.choices)
    assigned_to = serializers.UUIDField(source="assigned_to_id", allow_null=True)
    assigned_to_email = serializers.EmailField(allow_null=True)
    snoozed_until = TimeField(allow_null=True)
    resolved_at = TimeField(allow_null=True, help_text="The last time.")
    came_back_at = TimeField(
        allow_null=True, help_text="When it happened again after it was resolved."
    )


class FailingWorkflowSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="workflow_id")
    name = serializers.CharField(source="workflow.name")
    count = serializers.IntegerField()
    first_seen = TimeField()
    last_seen = TimeField()


class ErrorGroupDetailSerializer(ErrorGroupSerializer):
    workflows = serializers.SerializerMethodField(help_text="The last 100 in which it happened.")

    @extend_schema_field(FailingWorkflowSerializer(many=True))
    def get_workflows(self, group: ErrorGroup) -> Any:
        rows = group.workflows.select_related("workflow").order_by("-last_seen", "-id")
        named = rows.only("workflow__name", "count", "first_seen", "last_seen")
        return FailingWorkflowSerializer(named[:WORKFLOWS_TOLD], many=True).data


class ErrorGroupChangeSerializer(Body):
    status = ChoiceField(choices=ErrorGroup.Status.choices, required=False)
    snoozed_until = TimeField(required=False, help_text="With the status `snoozed` alone.")
    assigned_to = serializers.UUIDField(
        required=False, allow_null=True, help_text="A member of the workspace; null: nobody."
    )


class ErrorGroupsView(TenantView):
    queryset = GROUPS
    rights = {"GET": "run.view"}
    filterset_class = ErrorGroupFilter
    orderings = {"-last_seen": ("-last_seen", "-id")}

    @extend_schema(responses=ErrorGroupSerializer(many=True), operation_id="error_groups_list")
    def get(self, request: Request, id: UUID) -> Response:
        """Failures of one kind, those that happened last first."""
        groups = self.get_queryset().filter(workspace=self.workspace(id))
        page = self.paginate_queryset(groups)
        return self.get_paginated_response(ErrorGroupSerializer(page, many=True).data)


class ErrorGroupView(TenantView):
    queryset = GROUPS
    rights = {"GET": "run.view", "PATCH": "group.manage"}

    @extend_schema(responses=ErrorGroupDetailSerializer, operation_id="error_groups_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(ErrorGroupDetailSerializer(self.get_object()).data)

    @extend_schema(
        request=ErrorGroupChangeSerializer,
        responses=ErrorGroupDetailSerializer,
        operation_id="error_groups_update",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Assign it, or put it aside until a time, resolve it, open it again."""
        group = self.get_object()
        changes = self.parsed(ErrorGroupChangeSerializer)
        with transaction.atomic():
            if "assigned_to" in changes:
                assign_group(group, changes.pop("assigned_to"), by=self.principal)
            if changes:
                set_status(group, **changes, by=self.principal)
        return Response(ErrorGroupDetailSerializer(self.get_object()).data)
