"""Notes on runs and workflows: written, changed by their authors, deleted, told in the audit."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.operations.models import Note
from apps.operations.notes import LONGEST, add_note
from apps.runs.delete import delete_run, delete_together
from apps.runs.models import Run
from apps.workflows.edit import delete_workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_run, make_user, make_workflow

pytestmark = pytest.mark.django_db


def member(row: Any, role: str = "operator", **fields: Any) -> ApiClient:
    return ApiClient(make_user(row.workspace, role, **fields))


def written(client: ApiClient, run: Run, text: str = "Seen.") -> str:
    answer = client.post(f"runs/{run.pk}/notes", {"text": text})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_a_note_on_a_run_tells_who_wrote_what_and_when() -> None:
    run = make_run()
    client = member(run, email="ada@example.test")
    written(client, run, "The shop was away.\r\nAsk Ben.\n")
    [note] = client.get(f"runs/{run.pk}/notes").json()["results"]
    assert (note["text"], note["author_name"]) == (
        "The shop was away.\nAsk Ben.",
        "ada@example.test",
    )
    assert (note["run"], note["workflow"]) == (str(run.pk), None)
    assert note["edited_at"] is None


def test_a_program_writes_notes_on_a_workflow_by_its_key() -> None:
    workflow = make_workflow()
    key, text = make_api_key(workflow.workspace, "operator", name="CI")
    client = ApiClient(text)
    assert client.post(f"workflows/{workflow.pk}/notes", {"text": "Rolled out."}).status_code == 201
    [note] = client.get(f"workflows/{workflow.pk}/notes").json()["results"]
    assert (note["author"], note["workflow"]) == (str(key.pk), str(workflow.pk))
    assert note["author_name"] == f"API key CI (ff_{key.prefix}…)"


def test_notes_come_newest_first_and_those_of_others_not() -> None:
    run, other = make_run(), make_run()
    client = member(run)
    written(client, run, "First.")
    written(client, run, "Second.")
    written(member(other), other, "Elsewhere.")
    told = client.get(f"runs/{run.pk}/notes").json()["results"]
    assert [note["text"] for note in told] == ["Second.", "First."]


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1), 7, None])
def test_a_text_that_is_none_or_too_long_is_refused(text: Any) -> None:
    run = make_run()
    answer = member(run).post(f"runs/{run.pk}/notes", {"text": text})
    assert [path for path, _ in faults(answer)] == ["text"]
    assert not Note.objects.exists()


def test_its_author_changes_a_note_and_nobody_else() -> None:
    run = make_run()
    author = member(run)
    path = f"notes/{written(author, run)}"
    changed = author.patch(path, {"text": "Mended."}).json()
    assert changed["text"] == "Mended."
    assert changed["edited_at"]
    refused = member(run, "admin").patch(path, {"text": "Mine."})
    assert refused.status_code == 403
    assert "may change this note" in refused.json()["detail"]
    assert Note.objects.get().text == "Mended."


def test_its_author_deletes_a_note_and_so_do_admins_but_no_others() -> None:
    run = make_run()
    author = member(run)
    first, second = written(author, run), written(author, run)
    assert member(run, "editor").delete(f"notes/{first}").status_code == 403
    assert author.delete(f"notes/{first}").status_code == 204
    assert member(run, "admin").delete(f"notes/{second}").status_code == 204
    assert author.delete(f"notes/{second}").status_code == 404


def test_the_history_of_a_run_tells_of_its_notes_but_not_their_text() -> None:
    run = make_run()
    author = member(run)
    note = written(author, run, "s3cret plans")
    author.patch(f"notes/{note}", {"text": "more s3cret plans"})
    author.delete(f"notes/{note}")
    entries = AuditEntry.objects.filter(object_id=run.pk).order_by("id")
    assert [each.action for each in entries] == ["run.add_note", "run.edit_note", "run.delete_note"]
    assert {each.detail["note"] for each in entries} == {note}
    assert "s3cret" not in str([(each.detail, each.object_name) for each in entries])


def test_a_note_that_stays_the_same_is_no_change() -> None:
    run = make_run()
    author = member(run)
    note = written(author, run)
    assert author.patch(f"notes/{note}", {"text": "Seen.\n"}).json()["edited_at"] is None
    assert not AuditEntry.objects.filter(action="run.edit_note").exists()


def test_a_note_is_about_one_thing() -> None:
    run = make_run()
    both = {"run": run, "workflow": run.workflow}
    for about in ({}, both):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.create(
                workspace=run.workspace, text="?", author=run.pk, author_name="x", **about
            )


def ended_with_note(user: Any, **fields: Any) -> Run:
    run = make_run(fields.pop("version", None), "completed", finished_at=timezone.now(), **fields)
    add_note(run, "Seen.", by=user)
    return run


def test_a_deleted_run_takes_its_notes_along_and_leaves_those_of_others() -> None:
    user = make_user()
    gone, kept = ended_with_note(user), ended_with_note(user)
    add_note(gone.workflow, "Stays.", by=user)
    delete_run(gone, by=None)
    assert set(Note.objects.values_list("run", "workflow")) == {
        (kept.pk, None),
        (None, gone.workflow_id),
    }


def test_runs_that_are_kept_no_longer_take_their_notes_along() -> None:
    user = make_user()
    first = ended_with_note(user)
    second = ended_with_note(user, version=first.version)
    assert delete_together([first.pk, second.pk]) == 2
    assert not Note.objects.exists()


def test_no_note_is_written_on_a_run_that_was_deleted_meanwhile() -> None:
    run = make_run(None, "completed")
    delete_run(Run.objects.get(pk=run.pk), by=None)
    with pytest.raises(Run.DoesNotExist):
        add_note(run, "Too late.", by=make_user())


def test_a_deleted_workflow_takes_its_notes_along() -> None:
    workflow = make_workflow()
    add_note(workflow, "Seen.", by=make_user())
    delete_workflow(workflow, by=None)
    assert not Note.objects.exists()
