"""What changed from one graph to another."""

from pathlib import Path
from typing import Any

import pytest

from apps.engine.encoding import decode
from apps.versions.diff import NODE_DEFAULTS, diff_graphs
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import chain, graph, node

CASES = Path(__file__).parents[2] / "frontend/src/graph/diffCases.json"


def read_cases() -> Any:
    return decode(CASES.read_bytes())


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case["name"])
def test_graphs_differ_as_they_do_in_the_web_app(case: Any) -> None:
    diff = diff_graphs(case["before"], case["after"])
    assert {
        "added": [node["id"] for node in diff.nodes_added],
        "removed": [node["id"] for node in diff.nodes_removed],
        "changed": {
            changed["id"]: [member["name"] for member in changed["members"]]
            for changed in diff.nodes_changed
        },
        "moved": diff.nodes_moved,
        "edges_added": [told(edge) for edge in diff.edges_added],
        "edges_removed": [told(edge) for edge in diff.edges_removed],
        "beside": [
            *(["settings"] if diff.settings_changed else []),
            *(["sticky_notes"] if any(diff.notes.values()) else []),
            *(["groups"] if any(diff.groups.values()) else []),
        ],
    } == case["expected"]


def told(edge: Any) -> str:
    output = "" if edge["source_output"] == "main" else f".{edge['source_output']}"
    return f"{edge['source']}{output} -> {edge['target']}"


def test_the_cases_know_every_default() -> None:
    (said,) = [case for case in read_cases() if case["name"] == "defaults that are said"]
    node = said["after"]["nodes"][0]
    assert {name: node[name] for name in NODE_DEFAULTS} == NODE_DEFAULTS


def test_equal_graphs_do_not_differ() -> None:
    diff = diff_graphs(chain("a", "b"), chain("a", "b")).as_json()
    assert diff == {
        "nodes": {"added": [], "removed": [], "changed": [], "moved": []},
        "edges": {"added": [], "removed": []},
        "settings": [],
        "sticky_notes": {"added": [], "removed": [], "changed": []},
        "groups": {"added": [], "removed": [], "changed": []},
    }


def test_nodes_and_edges_come_and_go() -> None:
    diff = diff_graphs(chain("a", "b"), chain("a", "c"))
    assert [node["id"] for node in diff.nodes_added] == ["c"]
    assert [node["id"] for node in diff.nodes_removed] == ["b"]
    assert [edge["target"] for edge in diff.edges_added] == ["c"]
    assert [edge["target"] for edge in diff.edges_removed] == ["b"]


def test_a_changed_node_names_the_members_that_differ() -> None:
    before = graph([node("a", "manual"), node("b", params={"n": 1})])
    after = graph([node("a", "manual"), node("b", params={"n": True}, disabled=True)])
    (changed,) = diff_graphs(before, after).nodes_changed
    assert changed == {
        "id": "b",
        "name": "b",
        "members": [
            {"name": "params", "before": {"n": 1}, "after": {"n": True}},
            {"name": "disabled", "before": None, "after": True},
        ],
    }


def test_sticky_notes_and_groups_differ_as_nodes_do() -> None:
    note = {"id": "s1", "text": "Ask Ada", "position": [0, 0], "size": [200, 100]}
    group = {"id": "g1", "name": "Billing", "nodes": ["a"]}
    before = chain("a", "b") | {"sticky_notes": [note], "groups": [group]}
    after = chain("a", "b") | {
        "sticky_notes": [note | {"text": "Ask Bob"}],
        "groups": [group | {"id": "g2"}],
    }
    diff = diff_graphs(before, after)
    (changed,) = diff.notes["changed"]
    assert changed["members"] == [{"name": "text", "before": "Ask Ada", "after": "Ask Bob"}]
    assert [each["id"] for each in diff.groups["added"]] == ["g2"]
    assert [each["id"] for each in diff.groups["removed"]] == ["g1"]
    assert diff.nodes_changed == []


def test_settings_differ_by_name() -> None:
    diff = diff_graphs(chain("a"), chain("a", timezone="Europe/Riga"))
    assert diff.settings_changed == [{"name": "timezone", "before": None, "after": "Europe/Riga"}]


@pytest.mark.django_db
def test_a_version_is_compared_with_the_one_before_or_any_other() -> None:
    workflow = make_workflow()
    for last in ("b", "c", "d"):
        make_version(workflow, chain("a", last))
    client = ApiClient(make_user(workflow.workspace, "viewer"))
    path = f"workflows/{workflow.pk}/versions/3/diff"
    before = client.get(path).json()
    assert (before["version"], before["against"]) == (3, 2)
    against_first = client.get(f"{path}?against=1").json()
    assert [node["id"] for node in against_first["nodes"]["removed"]] == ["b"]
    assert client.get(f"{path}?against=9").status_code == 404
    assert faults(client.get(f"{path}?against=x")) == [("against", "invalid")]
