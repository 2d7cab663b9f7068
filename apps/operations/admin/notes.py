"""Notes in the admin: listed, and shown on the page of the run or workflow that they are about."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.engine.errors import FaultsError
from apps.operations.models import Note
from apps.operations.notes import (
    LONGEST,
    add_note,
    as_note,
    delete_note,
    edit_note,
    is_author,
    may_delete,
)
from apps.runs.admin.show import admin_link, ago, cut, sentence, tail
from apps.runs.models import Run
from apps.workflows.models import Workflow
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.admin_refusals import refused
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import (
    ONE_BUTTON,
    BigTableAdmin,
    back_to,
    is_allowed,
    page_parts,
    seen_by,
)
from apps.workspaces.scoped_admin import sentence as refusal_in_words

MOST_SHOWN = 20
"""On the page of what they are about."""
WHERE = "Notes are written on the page of a run or a workflow, by its operators."
ABOUT: dict[str, Any] = {"run": Run, "workflow": Workflow}


class NoteForm(forms.ModelForm):
    text = forms.CharField(
        widget=UnfoldAdminTextareaWidget({"maxlength": LONGEST, "autofocus": True}),
        help_text="Plain text; addresses become links.",
    )

    class Meta:
        model = Note
        fields = ("text",)

    def clean_text(self) -> str:
        try:
            return as_note(self.cleaned_data["text"])
        except FaultsError as refusal:
            raise ValidationError(refusal_in_words(refusal)) from refusal


@admin.register(Note)
class NoteAdmin(BigTableAdmin):
    view_right = "run.view"
    form = NoteForm
    list_display = ("said", "about", "author_name", "written", "workspace")
    list_select_related = ("workspace", "workflow")
    list_filter = (("workspace", VisibleFilter),)
    search_fields = ("text", "author_name")
    search_help_text = "What it says, or who wrote it"
    fields = ("text", ("about", "workspace"), ("author_name", "written"), "edited_at")
    readonly_fields = ("about", "workspace", "author_name", "written", "edited_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        rows: QuerySet[Note] = super().get_queryset(request)
        return rows.defer("workflow__draft_graph")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("text",) if obj is None else super().get_fields(request, obj)

    # --- Who may ------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only of what the address names is a note written."""
        return about_of(request) is not None or refused(request, WHERE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_theirs = obj is None or is_author(obj, principal_of(request))
        return is_theirs and is_allowed(request, "note.write", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_theirs = obj is None or may_delete(obj, principal_of(request))
        return is_theirs and is_allowed(request, "note.write", obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The notes, and whose of them stay."""
        kept = {
            f"{note} ({note.author_name})"
            for note in objs
            if not self.has_delete_permission(request, note)
        }
        return [str(note) for note in objs], {"notes": len(objs)}, kept, []

    # --- What is done -------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return super().render_change_form(request, context | ONE_BUTTON, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        by = principal_of(request)
        if change:
            edit_note(obj, obj.text, by=by)
        elif about := about_of(request):
            made = add_note(about, obj.text, by=by)
            obj.pk, obj.run_id, obj.workflow_id = made.pk, made.run_id, made.workflow_id

    def delete_model(self, request: HttpRequest, obj: Note) -> None:
        delete_note(obj, by=principal_of(request))

    def response_post_save_add(self, request: HttpRequest, obj: Note) -> HttpResponse:
        return back_to(request, page_of(obj))

    def response_post_save_change(self, request: HttpRequest, obj: Note) -> HttpResponse:
        return back_to(request, page_of(obj))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        note = self.get_object(request, object_id)
        answer = super().delete_view(request, object_id, extra_context)
        is_gone = note is not None and not Note.objects.filter(pk=note.pk).exists()
        return back_to(request, page_of(note)) if note is not None and is_gone else answer

    def told_of(self, row: Note) -> UUID:
        return row.about_id

    # --- What is shown ------------------------------------------------------------------------

    @display(description="note")
    def said(self, note: Note) -> SafeString:
        return sentence(cut(note, 120), 18)

    @display(description="about")
    def about(self, note: Note) -> SafeString | str:
        if note.workflow is not None:
            return admin_link("workflows_workflow", note.workflow_id, note.workflow)
        return format_html("run {}", admin_link("runs_run", note.run_id, tail(note.about_id)))

    @display(description="written")
    def written(self, note: Note) -> SafeString | str:
        return ago(note.created_at)


def about_of(request: HttpRequest) -> Run | Workflow | None:
    """What the address names (`?run=` or `?workflow=`), where who asks may write notes on it."""
    for what, model in ABOUT.items():
        try:
            id = UUID(request.GET.get(what, ""))
        except ValueError:
            continue
        found: Run | Workflow | None = (
            seen_by(request, model.objects.all(), "note.write").only("workspace").filter(pk=id)
        ).first()
        return found
    return None


def page_of(note: Note) -> str:
    what = "runs_run" if note.run_id else "workflows_workflow"
    return f"{reverse(f'admin:{what}_change', args=[note.about_id])}#notes"


def notes_on(what: str) -> Any:
    """The part of the page of a run or a workflow that has its notes."""

    def part(request: HttpRequest, row: Any) -> SafeString:
        by, may_write = principal_of(request), is_allowed(request, "note.write", row)
        found = list(Note.objects.filter(**{what: row})[: MOST_SHOWN + 1])
        may_any = is_allowed(request, "note.manage", row)
        shown: list[Any] = found[:MOST_SHOWN]
        for note in shown:
            is_own = may_write and is_author(note, by)
            note.may_edit, note.may_delete = is_own, is_own or may_any
        add = f"{reverse('admin:operations_note_add')}?{what}={row.pk}"
        all = f"{reverse('admin:operations_note_changelist')}?{what}__id__exact={row.pk}"
        context = {
            "notes": shown,
            "add": add if may_write else None,
            "all": all if len(found) > MOST_SHOWN else None,
        }
        return render_to_string("operations_admin/notes.html", context)

    return part


for what, model in ABOUT.items():
    page_parts.setdefault(model, []).append(notes_on(what))
