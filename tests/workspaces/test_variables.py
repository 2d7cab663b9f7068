"""Variables of a workspace, from the door to the expression."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.runs.models import Run
from apps.workspaces import variables
from apps.workspaces.models import VARIABLE_NAME_RULE, AuditEntry, Variable, Workspace
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_variable, make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.runs.work import created, execute, output_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def editor(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace, "editor"))


def reads_shop(workspace: Workspace) -> Run:
    """A run of a workflow that reads `$vars.shop`, executed."""
    shop = {"name": "shop", "type": "string", "value": "={{ $vars.shop }}"}
    nodes = [node("start", "manual"), node("set", "set_fields", params={"assignments": [shop]})]
    document = graph(nodes, ["start -> set"])
    return execute(created(make_version(make_workflow(workspace), document)))


def test_a_run_reads_the_variables_of_its_workspace(workspace: Workspace) -> None:
    make_variable(workspace, "shop", "Berlin")
    make_variable(None, "shop", "Paris")
    [item] = output_of(reads_shop(workspace), "set")["main"]
    assert item["json"] == {"shop": "Berlin"}


def test_a_run_that_names_no_variable_asks_for_none(workspace: Workspace) -> None:
    run = created(make_version(make_workflow(workspace)))
    with CaptureQueriesContext(connection) as queries:
        execute(run)
    assert not [query for query in queries if '"variables"' in query["sql"]]


def test_a_variable_is_made_changed_and_deleted(editor: ApiClient, workspace: Workspace) -> None:
    path = f"workspaces/{workspace.pk}/variables"
    made = editor.post(path, {"name": "shop", "value": "Berlin"})
    assert made.status_code == 201
    one = f"{path}/{made.json()['id']}"
    assert editor.patch(one, {"value": ""}).json()["value"] == ""
    assert editor.patch(one, {"name": "branch"}).json()["name"] == "branch"
    assert [row["name"] for row in editor.get(path).json()["results"]] == ["branch"]
    assert editor.delete(one).status_code == 204
    assert not Variable.objects.exists()
    told = AuditEntry.objects.filter(object_type="variable").order_by("id")
    actions = ["variable.create", "variable.change", "variable.change", "variable.delete"]
    assert [entry.action for entry in told] == actions


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "é", "a\n", "x" * 51, 5, None])
def test_a_name_that_no_expression_could_say_is_refused(
    editor: ApiClient, workspace: Workspace, name: object
) -> None:
    answer = editor.post(f"workspaces/{workspace.pk}/variables", {"name": name, "value": "1"})
    assert answer.status_code == 422
    assert [path for path, _ in faults(answer)] == ["name"]


def test_a_name_that_is_refused_is_told_the_rule(editor: ApiClient, workspace: Workspace) -> None:
    path = f"workspaces/{workspace.pk}/variables"
    [fault] = editor.post(path, {"name": "bad name", "value": "1"}).json()["errors"]
    assert (fault["code"], fault["message"]) == ("invalid", VARIABLE_NAME_RULE)


def test_a_name_is_there_once_in_a_workspace(editor: ApiClient, workspace: Workspace) -> None:
    make_variable(workspace, "shop")
    other = make_variable(workspace, "branch")
    path = f"workspaces/{workspace.pk}/variables"
    assert editor.post(path, {"name": "shop", "value": "1"}).status_code == 409
    assert editor.patch(f"{path}/{other.pk}", {"name": "shop"}).status_code == 409
    assert editor.patch(f"{path}/{other.pk}", {"name": "branch"}).status_code == 200


def test_the_admin_renames_a_variable_unless_its_name_is_taken(workspace: Workspace) -> None:
    make_variable(workspace, "branch")
    variable = make_variable(workspace, "shop", "Berlin")
    staff = ApiClient(make_user(workspace, "editor", is_staff=True)).django
    page = reverse("admin:workspaces_variable_change", args=[variable.pk])
    taken = staff.post(page, {"name": "branch", "value": "Riga"}, follow=True)
    assert "There is a variable “branch” already." in taken.content.decode()
    staff.post(page, {"name": "house", "value": "Riga"})
    variable.refresh_from_db()
    assert (variable.name, variable.value) == ("house", "Riga")
    changes = AuditEntry.objects.get(action="variable.change").detail["changes"]
    assert changes == {"name": ["shop", "house"], "value": ["not shown", "changed"]}


def test_what_is_gone_by_now_is_neither_changed_nor_deleted_again(workspace: Workspace) -> None:
    variable = make_variable(workspace)
    Variable.objects.filter(pk=variable.pk).delete()
    with pytest.raises(Variable.DoesNotExist):
        variables.change_variable(variable, "shop", "Riga", by=None)
    with pytest.raises(Variable.DoesNotExist):
        variables.delete_variable(variable, by=None)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["variable.create"]


def test_a_workspace_has_so_many_variables_and_no_more(
    editor: ApiClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variables, "MOST", 1)
    make_variable(workspace)
    answer = editor.post(f"workspaces/{workspace.pk}/variables", {"name": "more", "value": "1"})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "A workspace has at most 1 variables.",
    )
