"""Notes in the admin: on the page of what they are about, written and deleted there, listed."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.operations.models import Note
from apps.operations.notes import add_note
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version, make_workflow

pytestmark = pytest.mark.django_db
NOTES = "/admin/operations/note/"
RUNS = "/admin/runs/run/"
WORKFLOWS = "/admin/workflows/workflow/"
HOSTILE = "<script>alert(1)</script>"


def staff(row: Any, role: str = "operator") -> ApiClient:
    return ApiClient(make_user(row.workspace, role, is_staff=True))


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.get("Location"))
    return str(answer.content.decode())


def notes_of(page: str) -> str:
    found = re.search(r'<section id="notes".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def post(client: ApiClient, path: str, **values: str) -> Any:
    return client.django.post(path, values)


@pytest.mark.parametrize("what", ["run", "workflow"])
def test_an_operator_writes_changes_and_deletes_a_note_on_a_page(what: str) -> None:
    run = make_run()
    row = run if what == "run" else run.workflow
    home = f"/admin/{what}s/{what}/{row.pk}/change/"
    client = staff(row)
    add = f"{NOTES}add/?{what}={row.pk}"
    assert add in notes_of(shown(client, home))
    assert post(client, add, text="Seen.")["Location"] == f"{home}#notes"
    note = Note.objects.get()
    assert "Seen." in notes_of(shown(client, home))
    changed = post(client, f"{NOTES}{note.pk}/change/", text="Mended.")
    assert changed["Location"] == f"{home}#notes"
    assert "Mended." in notes_of(shown(client, home))
    assert post(client, f"{NOTES}{note.pk}/delete/", post="yes")["Location"] == f"{home}#notes"
    assert not Note.objects.exists()


def test_a_page_offers_to_change_ones_own_notes_and_admins_to_delete_all() -> None:
    run = make_run()
    note = add_note(run, "Seen.", by=make_user(run.workspace))
    for role, offered in (("viewer", []), ("operator", []), ("admin", ["delete"])):
        page = notes_of(shown(staff(run, role), f"{RUNS}{run.pk}/change/"))
        assert re.findall(f"{note.pk}/([a-z]+)/", page) == offered
    assert "Write a note" not in notes_of(shown(staff(run, "viewer"), f"{RUNS}{run.pk}/change/"))
    assert post(staff(run), f"{NOTES}{note.pk}/change/", text="Mine.").status_code == 403
    assert post(staff(run), f"{NOTES}{note.pk}/delete/", post="yes").status_code == 403
    assert Note.objects.get().text == "Seen."


def test_a_note_is_shown_as_text_with_safe_links() -> None:
    run = make_run()
    add_note(run, f"{HOSTILE} see https://status.test/7 or javascript:alert(1)", by=make_user())
    page = notes_of(shown(staff(run), f"{RUNS}{run.pk}/change/"))
    assert HOSTILE not in page
    assert re.findall('href="([^"]*status[^"]*|java[^"]*)"', page) == ["https://status.test/7"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_a_text_that_is_none_or_too_long_is_told_beside_the_field(text: str) -> None:
    run = make_run()
    answer = post(staff(run), f"{NOTES}add/?run={run.pk}", text=text)
    assert answer.status_code == 200
    assert not Note.objects.exists()


def test_no_note_is_written_on_what_is_not_theirs() -> None:
    run, other = make_run(), make_run()
    client = staff(run)
    for query in (f"run={other.pk}", f"workflow={other.workflow_id}", "run=nothing", ""):
        assert post(client, f"{NOTES}add/?{query}", text="Seen.").status_code == 403
    assert not Note.objects.exists()


def test_the_history_of_a_note_is_that_of_its_run() -> None:
    run = make_run()
    note = add_note(run, "Seen.", by=make_user(run.workspace))
    answer = staff(run, "admin").get(f"{NOTES}{note.pk}/history/")
    assert answer["Location"] == f"/admin/workspaces/auditentry/?of={run.pk}"


def test_superusers_write_and_delete_notes_everywhere() -> None:
    run = make_run()
    note = add_note(run, "Seen.", by=make_user(run.workspace))
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    assert post(client, f"{NOTES}add/?run={run.pk}", text="Me too.").status_code == 302
    assert post(client, f"{NOTES}{note.pk}/delete/", post="yes").status_code == 302
    assert Note.objects.get().text == "Me too."


def test_the_list_of_runs_tells_which_have_notes_and_finds_them() -> None:
    run = make_run()
    other = make_run(run.version)
    add_note(run, "Seen.", by=make_user())
    client = staff(run)
    assert shown(client, RUNS).count('aria-label="with notes"') == 1
    for query, found in (("true", run), ("false", other)):
        page = shown(client, f"{RUNS}?has_notes={query}")
        assert re.findall(f"{RUNS}([0-9a-f-]{{36}})/change/", page) == [str(found.pk)]
    [told] = client.get("runs?has_notes=true").json()["results"]
    assert told["id"] == str(run.pk)
    assert client.get("runs?has_notes=perhaps").status_code == 422


def test_the_list_of_workflows_tells_which_have_notes() -> None:
    workflow = make_workflow()
    make_workflow(workflow.workspace)
    add_note(workflow, "Seen.", by=make_user())
    assert shown(staff(workflow), WORKFLOWS).count('aria-label="with notes"') == 1


def test_who_chooses_notes_of_others_to_delete_is_told_which_they_may_not() -> None:
    run = make_run()
    user = make_user(run.workspace, "operator", is_staff=True)
    mine = add_note(run, "Mine.", by=user)
    theirs = add_note(run, "Theirs.", by=make_user(run.workspace, email="bob@example.test"))
    chosen = {"action": "delete_selected", "_selected_action": [mine.pk, theirs.pk]}
    page = ApiClient(user).django.post(NOTES, chosen).content.decode()
    told = " ".join(page[page.index("These you may not delete") :].split())
    assert re.findall("<li>(.*?)</li>", told) == ["Theirs. (bob@example.test)"]
    assert ApiClient(user).django.post(NOTES, {**chosen, "post": "yes"}).status_code == 403
    one = {**chosen, "_selected_action": [mine.pk]}
    assert "Mine." in ApiClient(user).django.post(NOTES, one).content.decode()
    ApiClient(user).django.post(NOTES, {**one, "post": "yes"})
    assert list(Note.objects.all()) == [theirs]


def queries(client: ApiClient, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown(client, path)
    return len(asked)


@pytest.mark.parametrize("path", [NOTES, RUNS, WORKFLOWS, "page of a run"])
def test_a_page_asks_the_same_however_many_notes_there_are(path: str) -> None:
    run = make_run()
    client, user = staff(run), make_user()
    if path == "page of a run":
        path = f"{RUNS}{run.pk}/change/"

    def write_some() -> None:
        add_note(run, "Seen.", by=user)
        add_note(make_workflow(run.workspace), "Seen.", by=user)
        add_note(make_run(make_version(run.workflow)), "Seen.", by=user)

    write_some()
    shown(client, path)
    before = queries(client, path)
    for _ in range(4):
        write_some()
    assert queries(client, path) == before
