"""Runs whose Manual trigger says what its input must be: over the API, in the admin, of runs."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.urls import reverse

from apps.engine.encoding import read_json
from apps.engine.errors import FaultsError
from apps.runs.admin.forms import StartForm
from apps.runs.models import Run
from apps.runs.retry import retry_run
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import Document, graph, node
from tests.runs.work import created, execute, steps_of

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "application/x-www-form-urlencoded"
SCHEMA = {
    "type": "object",
    "properties": {
        "customer": {
            "type": "object",
            "properties": {"email": {"type": "string", "format": "email"}},
            "required": ["email"],
        },
        "copies": {"type": "integer", "minimum": 1, "default": 1, "title": "Copies"},
    },
    "required": ["customer"],
}
ADA = {"customer": {"email": "ada@example.org"}}


def typed(schema: Any = SCHEMA, **members: Any) -> Document:
    start = node("start", "manual", params={"input_schema": schema}, **members)
    return graph([start, node("end")], ["start -> end"])


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version(graph=typed(), is_published=True)


def start(workflow: Workflow, role: str = Role.EDITOR, **body: Any) -> HttpResponse:
    user = make_user(workflow.workspace, role)
    return ApiClient(user).post(f"workflows/{workflow.pk}/runs", body)


# --- Over the API ---------------------------------------------------------------------------------


def test_what_fits_is_the_runs_input_with_the_defaults(version: WorkflowVersion) -> None:
    assert start(version.workflow, input=[ADA, {"json": ADA | {"copies": 2}}]).status_code == 202
    given = Run.objects.get().input_json
    assert given == [{"json": ADA | {"copies": 1}}, {"json": ADA | {"copies": 2}}]


def test_everything_that_does_not_fit_is_told_by_its_path(version: WorkflowVersion) -> None:
    answer = start(version.workflow, input=[ADA, {}, {"customer": {"email": "x"}, "copies": "2"}])
    assert answer.status_code == 422
    assert faults(answer) == [
        ("input[1].customer", "missing"),
        ("input[2].customer.email", "invalid_value"),
        ("input[2].copies", "wrong_type"),
    ]
    assert not Run.objects.exists()


def test_other_faults_of_the_start_are_told_beside(version: WorkflowVersion) -> None:
    answer = start(version.workflow, input={}, pins={"nowhere": []}, stop_node="start")
    assert faults(answer) == [("pins.nowhere", "unknown_node")]
    answer = start(version.workflow, input={}, start_node="start", data_from=str(version.pk))
    assert faults(answer) == [("data_from", "unknown"), ("input[0].customer", "missing")]


def test_nothing_given_is_one_empty_item(version: WorkflowVersion) -> None:
    assert faults(start(version.workflow)) == [("input[0].customer", "missing")]


def test_a_pinned_trigger_gives_what_is_pinned() -> None:
    pinned = typed(pinned={"main": [{"json": {"any": 1}}]})
    workflow = make_version(graph=pinned, is_published=True).workflow
    assert start(workflow).status_code == 202
    assert faults(start(workflow, input={})) == [("input[0].customer", "missing")]


def test_each_version_asks_for_its_own(version: WorkflowVersion) -> None:
    workflow = version.workflow
    Workflow.objects.update(draft_graph=typed({"required": ["order"]}))
    assert faults(start(workflow, version="draft", input=ADA)) == [("input[0].order", "missing")]
    assert workflow.versions.count() == 1  # the draft was not kept for a run that is none
    assert start(workflow, input=ADA).status_code == 202


def test_a_run_from_another_trigger_is_not_asked() -> None:
    nodes = [node("start", "manual", params={"input_schema": SCHEMA}), node("hook", "webhook")]
    workflow = make_version(graph=graph(nodes), is_published=True).workflow
    assert start(workflow, start_node="hook", input={"any": 1}).status_code == 202


def test_a_schema_that_is_none_is_told_of_the_graph() -> None:
    workflow = make_workflow(draft_graph=typed({"properties": {"a": {"type": "strin"}}}))
    answer = ApiClient(make_user(workflow.workspace)).post(f"workflows/{workflow.pk}/versions", {})
    [(path, _)] = faults(answer)
    assert path == "nodes[0].params.input_schema.properties.a.type"


def test_starting_takes_no_query_more_for_being_typed(
    version: WorkflowVersion, django_assert_max_num_queries: Any
) -> None:
    plain = make_version(is_published=True)
    with django_assert_max_num_queries(100) as of_plain:
        start(plain.workflow)
    with django_assert_max_num_queries(len(of_plain)):
        start(version.workflow, input=ADA)


# --- Of runs that nobody starts by hand -----------------------------------------------------------


def parent_of(version: WorkflowVersion, **params: Any) -> WorkflowVersion:
    params = {"workflow": str(version.workflow_id), **params}
    nodes = [node("start", "manual"), node("call", "run_workflow", params=params)]
    return make_version(make_workflow(version.workspace), graph(nodes, ["start -> call"]))


def test_a_workflow_that_another_runs_is_given_what_it_asks_for(version: WorkflowVersion) -> None:
    run = execute(created(parent_of(version), items=[{"json": ADA}]))
    child = Run.objects.get(parent_step__run=run)
    assert (run.status, child.input_json) == ("completed", [{"json": ADA | {"copies": 1}}])


@pytest.mark.parametrize("mode", ["all", "each"])
def test_a_workflow_is_not_run_with_what_it_does_not_take(
    version: WorkflowVersion, mode: str
) -> None:
    items = [{"json": ADA}, {"json": {"customer": {"email": 5}}}]
    run = execute(created(parent_of(version, mode=mode), items=items))
    assert (run.status, steps_of(run)["call"].error_code) == ("failed", "invalid_input")
    assert "item 1.customer.email: It must be text" in (run.error_message or "")
    assert Run.objects.count() == 1


def test_a_retry_on_another_version_gives_what_that_asks_for() -> None:
    old = make_version(graph=typed({}))
    run = execute(created(old, items=[{"json": ADA}, {"json": ADA | {"copies": 3}}]))
    again = retry_run(run, "start", make_version(old.workflow, typed()), by=None)
    assert [item["json"]["copies"] for item in again.input_json] == [1, 3]


def test_a_retry_on_a_version_that_takes_other_input_is_refused() -> None:
    old = make_version(graph=typed({}))
    run = execute(created(old, items=[{"json": {}}]))
    new = make_version(old.workflow, typed())
    for from_ in ("start", "failed"):
        with pytest.raises(FaultsError) as refused:
            retry_run(run, from_, new, by=None)
        assert [fault.path for fault in refused.value.faults] == ["input[0].customer"]


# --- In the admin ---------------------------------------------------------------------------------


def operator(version: WorkflowVersion) -> ApiClient:
    return ApiClient(make_user(version.workspace, "operator", is_staff=True))


def admin_start(version: WorkflowVersion, input: str = "", **given: str) -> HttpResponse:
    """Send the form; `given` are fields by the names of their properties."""
    names = field_names(version) if given else {}
    fields = {names[name]: value for name, value in given.items()}
    body = urlencode({"input": input} | fields).encode()
    return operator(version).post(start_path(version), body, content_type=FORM)


def field_names(version: WorkflowVersion) -> dict[str, str]:
    version.workflow.refresh_from_db()
    given = StartForm.for_workflow(version.workflow).given
    return {each.name: name for name, each in given.items()}


def start_path(version: WorkflowVersion) -> str:
    return f"{reverse('admin:runs_run_add')}?workflow={version.workflow_id}"


def start_page(version: WorkflowVersion) -> str:
    return " ".join(operator(version).get(start_path(version)).content.decode().split())


def test_the_page_that_starts_a_run_has_a_field_for_each_property(version: WorkflowVersion) -> None:
    page = start_page(version)
    names = field_names(version)
    assert "customer (required)" in page
    assert f'name="{names["customer"]}"' in page
    assert re.search(rf'type="number" name="{names["copies"]}" value="1"', page)
    assert "Or as JSON" in page


def test_the_page_asks_nothing_of_workflows_of_other_workspaces(version: WorkflowVersion) -> None:
    foreign = make_version(graph=typed({"properties": {"secret_name": {}}}), is_published=True)
    assert "secret_name" not in operator(version).get(start_path(foreign)).content.decode()
    answer = operator(version).post(start_path(foreign), b"", content_type=FORM)
    assert "secret_name" not in answer.content.decode()


def test_each_type_has_its_field_and_gives_its_value() -> None:
    properties = {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "exact": {"type": "number"},
        "wanted": {"type": "boolean"},
        "kind": {"enum": ["new", 7, None, ""]},
        "tags": {"type": "array"},
        "left_out": {"type": "string"},
    }
    version = make_version(graph=typed({"properties": properties}), is_published=True)
    page = start_page(version)
    for name in ("new", "7", "null", "empty text"):
        assert re.search(rf"<option [^>]*>{name}</option>", page)
    entered = {"name": " Ada ", "count": "3", "exact": "12345678901234567890.5"}
    admin_start(version, **entered, wanted="1", kind="1", tags='["a"]', left_out="")
    assert Run.objects.get().input_json == [
        {
            "json": {
                "name": " Ada ",
                "count": 3,
                "exact": read_json(b"12345678901234567890.5"),
                "wanted": False,
                "kind": 7,
                "tags": ["a"],
            }
        }
    ]


def test_what_does_not_fit_is_told_at_its_field_and_what_was_typed_is_kept(
    version: WorkflowVersion,
) -> None:
    page = admin_start(version, customer='{"email": "nobody"}', copies="0").content.decode()
    assert "email: It must be an email address" in page
    assert "It must be at least 1." in page
    assert "nobody" in page
    assert not Run.objects.exists()


@pytest.mark.parametrize("input", ["{}", '[{"customer": {}}]'])
def test_json_instead_of_fields_is_judged_by_its_paths(
    version: WorkflowVersion, input: str
) -> None:
    page = admin_start(version, input).content.decode()
    assert "This is missing." in page
    assert "input[0].customer" in page
    assert not Run.objects.exists()


def test_fields_of_another_version_start_nothing(version: WorkflowVersion) -> None:
    names = field_names(version)
    make_version(version.workflow, typed({"properties": {"size": {}}}), is_published=True)
    body = urlencode({names["copies"]: "3"}).encode()
    answer = operator(version).post(start_path(version), body, content_type=FORM)
    assert "those of another version" in answer.content.decode()
    assert not Run.objects.exists()


def test_a_run_is_started_by_the_page_with_the_defaults(version: WorkflowVersion) -> None:
    admin_start(version, customer='{"email": "ada@example.org"}')
    assert Run.objects.get().input_json == [{"json": ADA | {"copies": 1}}]


def test_a_run_is_started_with_json_instead_of_the_fields(version: WorkflowVersion) -> None:
    admin_start(version, '{"customer": {"email": "ada@example.org"}}')
    assert Run.objects.get().input_json == [{"json": ADA | {"copies": 1}}]
