"""The samples that builders begin with: what they promise is true of them."""

from typing import Any

import pytest

from apps.nodes.registry import library
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.versions.samples import FOLDER, samples
from apps.versions.validate import validate
from tests.clients import ApiClient
from tests.factories import make_user, make_version, make_workflow, make_workspace
from tests.runs.work import created, execute, output_of

pytestmark = pytest.mark.django_db

BY_ID = {sample["id"]: sample for sample in samples()}


def run_of(id: str, item: Any = None) -> Run:
    version = make_version(graph=BY_ID[id]["graph"])
    return execute(created(version, items=[{"json": item or {}}]))


def given(run: Run, node: str) -> list[Any]:
    return [item["json"] for item in output_of(run, node)["main"]]


def test_each_file_is_shown_once() -> None:
    ids = [sample["id"] for sample in samples()]
    assert sorted(ids) == sorted(file.stem for file in FOLDER.glob("*.json"))


@pytest.mark.parametrize("id", BY_ID)
def test_a_sample_lacks_only_what_it_says_it_needs(id: str) -> None:
    sample = BY_ID[id]
    places = {node["id"]: index for index, node in enumerate(sample["graph"]["nodes"])}
    needed = {f"nodes[{places[each['node']]}].params.{each['param']}" for each in sample["needs"]}
    judged = validate(sample["graph"], make_workspace().pk)
    assert {fault.path for fault in judged.errors} <= needed
    assert judged.warnings == []


@pytest.mark.parametrize("id", BY_ID)
def test_what_a_sample_needs_are_params_that_its_nodes_have(id: str) -> None:
    types = {node["id"]: node["type"] for node in BY_ID[id]["graph"]["nodes"]}
    for need in BY_ID[id]["needs"]:
        type = library().find(types[need["node"]], 1)
        assert type is not None
        assert need["param"] in type.describe()["params_schema"]["properties"]


@pytest.mark.parametrize("id", BY_ID)
def test_a_sample_says_what_it_teaches_and_explains_itself(id: str) -> None:
    assert BY_ID[id]["teaches"].endswith(".")
    assert len(BY_ID[id]["graph"]["sticky_notes"]) >= 2


def test_orders_are_cleaned_and_summed_up() -> None:
    run = run_of("clean_up")
    assert given(run, "largest") == [
        {"country": "EE", "sum_total": 30, "unique_count_customer": 1},
        {"country": "LV", "sum_total": 20.5, "unique_count_customer": 2},
    ]


def test_orders_go_their_ways_and_come_together() -> None:
    run = run_of("route_orders")
    shipped = [(order["order"], order["carrier"], order["price"]) for order in given(run, "sorted")]
    assert shipped == [(1, "Courier", 13), (2, "Post", 8), (3, "Courier", 11)]
    assert given(run, "unknown")[0]["reason"] == "Nobody ships by balloon."


@pytest.mark.parametrize(
    ("body", "last"),
    [
        ({"email": " Ada@Example.org", "total": "12"}, "accept"),
        ({"email": "ada@example.org", "total": 0}, "refuse"),
        ({"email": "nobody"}, "refuse"),
        # sent with nothing in it
        (None, "refuse"),
    ],
)
def test_a_request_is_checked_whatever_came(body: Any, last: str) -> None:
    run = run_of("check_and_answer", {"body": body})
    assert run.status == RunStatus.COMPLETED
    assert given(run, last)


def test_a_draft_takes_each_sample_as_it_is_told() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))
    told = client.get("samples").json()["results"]
    assert [sample["id"] for sample in told] == list(BY_ID)
    for revision, sample in enumerate(told):
        document = {"graph": sample["graph"], "revision": revision}
        assert client.put(f"workflows/{workflow.pk}/draft", document).status_code == 200
