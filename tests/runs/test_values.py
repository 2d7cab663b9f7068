"""Values that a step keeps with its run."""

from itertools import pairwise

import pytest

from apps.engine.items import Json
from apps.runs.models import Run
from apps.workspaces.permissions import Role
from tests.clients import ApiClient
from tests.factories import make_user, make_version
from tests.graphs import graph, node
from tests.runs.work import created, execute, output_of, steps_of

pytestmark = pytest.mark.django_db


def run_keeping(*values: dict[str, Json]) -> Run:
    nodes = [node("start", "manual")]
    nodes += [
        node(f"keep{place}", "execution_data", params={"values": each})
        for place, each in enumerate(values)
    ]
    names = [each["id"] for each in nodes]
    edges = [f"{one} -> {next}" for one, next in pairwise(names)]
    version = make_version(graph=graph(nodes, edges))
    return execute(created(version, items=[{"json": {"id": "A-7"}}]))


def kept(run: Run) -> dict[str, str]:
    return dict(run.values.values_list("name", "value"))


def test_values_are_kept_with_the_run_and_items_pass() -> None:
    run = run_keeping({"order": "={{ $json.id }}", "count": 3, "is_new": True})
    assert kept(run) == {"order": "A-7", "count": "3", "is_new": "true"}
    assert output_of(run, "keep0")["main"][0]["json"] == {"id": "A-7"}


def test_a_name_kept_again_takes_the_new_value() -> None:
    assert kept(run_keeping({"a": "1", "b": "2"}, {"a": "3"})) == {"a": "3", "b": "2"}


def test_nothing_is_kept_of_a_step_that_fails() -> None:
    run = run_keeping({"a": "x", "b": "={{ 'x'.repeat(513) }}"})
    assert steps_of(run)["keep0"].error_code == "invalid_params"
    assert kept(run) == {}


def test_runs_are_found_by_a_value_and_tell_all_of_theirs() -> None:
    run = run_keeping({"order": "A:7", "n": 1})
    run_keeping({"order": "A:8"})
    client = ApiClient(make_user(run.workspace, Role.VIEWER))
    found = client.get("runs?value=order:A:7").json()["results"]
    assert [each["id"] for each in found] == [str(run.pk)]
    assert client.get(f"runs/{run.pk}").json()["values"] == {"n": "1", "order": "A:7"}


@pytest.mark.parametrize("asked", ["n", ":n"])
def test_who_asks_for_a_value_without_its_name_is_told(asked: str) -> None:
    client = ApiClient(make_user(role=Role.VIEWER))
    answer = client.get(f"runs?value={asked}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0] == {
        "path": "value",
        "code": "invalid",
        "message": "Must be name:value.",
    }
