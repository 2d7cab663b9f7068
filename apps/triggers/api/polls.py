"""The sources that triggers look at: when each is looked at, why that failed, and to look now.

Publishing makes and changes them, so there is neither POST nor DELETE.
"""

from uuid import UUID

import django_filters
from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.triggers.models import Poll
from apps.triggers.polls.look_now import look_now
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import ObjectField, TimeField
from apps.workspaces.views import TenantView

POLLS = Poll.objects.defer("cursor").annotate(workflow_name=F("workflow__name"))


class PollSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    workflow = serializers.UUIDField(source="workflow_id")
    workflow_name = serializers.CharField()
    node = serializers.CharField(source="node_id")
    type = serializers.CharField(help_text="Of the node.")
    params = ObjectField(help_text="Of the node.")
    is_live = serializers.BooleanField(help_text="Its workflow is active.")
    looked_at = TimeField(allow_null=True, help_text="When a look last succeeded.")
    due_at = TimeField(
        help_text="When the next look is to be; during one, when it must have ended."
    )
    failures = serializers.IntegerField(help_text="Looks that failed, one after the other.")
    error = serializers.CharField(help_text="Why the last look failed; empty where it did not.")


class PollFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter()

    class Meta:
        model = Poll
        fields: list[str] = []


class PollsView(TenantView):
    queryset = POLLS
    filterset_class = PollFilter
    orderings = {"due_at": ("due_at", "id")}
    rights = {"GET": "trigger.view"}

    @extend_schema(responses=PollSerializer(many=True), operation_id="polls_list")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.allowed())
        return self.get_paginated_response(PollSerializer(page, many=True).data)


class LookView(TenantView):
    queryset = POLLS
    rights = {"POST": "run.start"}

    @extend_schema(request=None, responses={202: PollSerializer}, operation_id="polls_look")
    def post(self, request: Request, id: UUID) -> Response:
        """Have the source looked at within about a second, whatever its time is."""
        poll = self.get_object()
        self.parsed(Body)
        look_now(poll, by=self.principal)
        return Response(PollSerializer(self.get_object()).data, status.HTTP_202_ACCEPTED)
