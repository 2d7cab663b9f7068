"""Notes on runs and workflows."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.operations.models import Note
from apps.operations.notes import LONGEST, add_note, delete_note, edit_note
from apps.runs.models import Run
from apps.workflows.models import Workflow
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import TextField, TimeField
from apps.workspaces.idempotency import idempotent
from apps.workspaces.views import TenantView


class NoteBody(Body):
    text = TextField(max_length=LONGEST)


class NoteSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    run = serializers.UUIDField(source="run_id", allow_null=True)
    workflow = serializers.UUIDField(source="workflow_id", allow_null=True)
    text = serializers.CharField()
    author = serializers.UUIDField(help_text="The user or API key; it may be gone.")
    author_name = serializers.CharField(help_text="As they were called then.")
    created_at = TimeField()
    edited_at = TimeField(allow_null=True)


class NotesView(TenantView):
    """The notes on one thing."""

    of: ClassVar[str]

    def get(self, request: Request, id: UUID) -> Response:
        """What people wrote about it, newest first."""
        rows: QuerySet[Any] = Note.objects.filter(**{self.of: self.get_object()})
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(NoteSerializer(page, many=True).data)

    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        note = add_note(self.get_object(), self.parsed(NoteBody)["text"], by=self.principal)
        return Response(NoteSerializer(note).data, status.HTTP_201_CREATED)


def told_of(what: str) -> Any:
    """How the OpenAPI document tells of the notes on a `run` or a `workflow`."""
    return extend_schema_view(
        get=extend_schema(responses=NoteSerializer(many=True), operation_id=f"{what}_notes_list"),
        post=extend_schema(
            request=NoteBody,
            responses={201: NoteSerializer},
            operation_id=f"{what}_notes_add",
        ),
    )


@told_of("run")
class RunNotesView(NotesView):
    of = "run"
    queryset = Run.objects.all().without_payloads()
    rights = {"GET": "run.view", "POST": "note.write"}


@told_of("workflow")
class WorkflowNotesView(NotesView):
    of = "workflow"
    queryset = Workflow.objects.without_draft()
    rights = {"GET": "workflow.view", "POST": "note.write"}


class NoteView(TenantView):
    queryset = Note.objects.all()
    rights = {"PATCH": "note.write", "DELETE": "note.write"}

    @extend_schema(request=NoteBody, responses=NoteSerializer, operation_id="notes_edit")
    def patch(self, request: Request, id: UUID) -> Response:
        """Put another text in its place, which its author alone may."""
        note = self.get_object()
        edit_note(note, self.parsed(NoteBody)["text"], by=self.principal)
        return Response(NoteSerializer(note).data)

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="notes_delete")
    def delete(self, request: Request, id: UUID) -> Response:
        """Its author may, and admins of the workspace."""
        delete_note(self.get_object(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)
