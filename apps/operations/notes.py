"""Notes on runs and workflows: written, changed by who wrote them, deleted.

The audit trail has them in the history of what they are about, without their text.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.engine.errors import Fault, FaultsError
from apps.operations.models import Note
from apps.runs.delete import hold_run
from apps.runs.models import Run
from apps.workflows.models import Workflow
from apps.workspaces.audit import called, record
from apps.workspaces.errors import NotAllowedError
from apps.workspaces.permissions import Principal, may

LONGEST = 4_000
"""Characters of a note."""


def add_note(about: Run | Workflow, text: str, *, by: Principal) -> Note:
    """Write a note on a run or a workflow. Raises FaultsError for a text that is empty or too
    long, DoesNotExist where what it is about was deleted meanwhile."""
    text = as_note(text)
    with transaction.atomic():
        if isinstance(about, Run):
            hold_run(about)
            of: dict[str, Any] = {"run": about}
        else:
            Workflow.objects.select_for_update(no_key=True).only("pk").get(pk=about.pk)
            of = {"workflow": about}
        note = Note.objects.create(
            workspace_id=about.workspace_id,
            **of,
            text=text,
            author=by.pk,
            author_name=called(by),
        )
        _record("add", note, by=by)
    return note


def edit_note(note: Note, text: str, *, by: Principal) -> None:
    """Put another text in its place. Raises NotAllowedError for who did not write it, and
    FaultsError as above."""
    text = as_note(text)
    if not is_author(note, by):
        raise NotAllowedError("not_author", f"Only {note.author_name} may change this note.")
    with transaction.atomic():
        held = _held(note)
        if held.text != text:
            note.text, note.edited_at = text, timezone.now()
            note.save(update_fields=["text", "edited_at"])
            _record("edit", note, by=by)


def delete_note(note: Note, *, by: Principal) -> None:
    """Delete a note for ever. Raises NotAllowedError for who neither wrote it nor is an admin of
    the workspace."""
    if not may_delete(note, by):
        told = f"Only {note.author_name} and admins of the workspace may delete this note."
        raise NotAllowedError("not_author", told)
    with transaction.atomic():
        held = _held(note)
        _record("delete", held, by=by)
        held.delete()


def is_author(note: Note, by: Principal) -> bool:
    return bool(note.author == by.pk)


def may_delete(note: Note, by: Principal) -> bool:
    is_superuser = by.as_user is not None and by.as_user.is_superuser
    return is_author(note, by) or is_superuser or may(by, "note.manage", note.workspace_id)


def as_note(text: str) -> str:
    """The text as it is kept. Raises FaultsError where it is empty or too long."""
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST:
        raise FaultsError([Fault("text", "invalid", f"A note has 1 to {LONGEST:,} characters.")])
    return text


def _held(note: Note) -> Note:
    """The row as it is by now. Raises DoesNotExist where somebody else has deleted it."""
    return Note.objects.select_for_update().get(pk=note.pk)


def _record(what: str, note: Note, *, by: Principal) -> None:
    about: Run | Workflow
    if note.run_id:
        about = Run.objects.without_payloads().get(pk=note.run_id)
    else:
        about = Workflow.objects.without_draft().get(pk=note.about_id)
    told = {"note": str(note.pk), "of": note.author_name, "characters": len(note.text)}
    record(f"{about._meta.model_name}.{what}_note", about, by=by, **told)
