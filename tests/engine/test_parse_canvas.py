"""Sticky notes and groups: read strictly, and left out of what runs."""

from typing import Any

import pytest

from apps.engine.parse import parse_graph
from apps.engine.parse_canvas import MAX_GROUPS, MAX_NOTES
from apps.engine.validate import validate_graph
from tests.engine.library import TestLibrary
from tests.graphs import Document, chain

NOTE: Document = {"id": "s1", "text": "Ask *Ada*", "position": [0, -80.5], "size": [240, 120]}
GROUP: Document = {"id": "g1", "name": "Billing", "nodes": ["a", "b"]}


def faults_of(*, notes: Any = (), groups: Any = ()) -> dict[str, str]:
    """The codes of the faults by path."""
    lists = {"sticky_notes": notes, "groups": groups}
    written = {key: list(v) if isinstance(v, tuple) else v for key, v in lists.items()}
    validation = validate_graph(chain("a", "b") | written, TestLibrary())
    faults = [fault for fault in validation.errors if not fault.path.startswith("nodes")]
    return {fault.path: fault.code for fault in faults}


def test_a_graph_may_hold_notes_and_groups_that_no_run_sees() -> None:
    written = {"sticky_notes": [NOTE | {"color": "red"}], "groups": [GROUP | {"color": "blue"}]}
    parsed, faults = parse_graph(chain("a", "b") | written)
    assert faults == []
    assert parsed == parse_graph(chain("a", "b"))[0]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("id", "a b", "bad_id"),
        ("text", None, "wrong_type"),
        ("text", "x" * 20_001, "out_of_range"),
        ("position", [1], "wrong_type"),
        ("size", [240, 19], "wrong_type"),
        ("size", [10_001, 120], "wrong_type"),
        ("size", 240, "wrong_type"),
        ("color", "#ff0", "unknown_choice"),
        ("colour", "red", "unknown_key"),
    ],
)
def test_a_wrong_member_of_a_note_is_a_fault_at_its_path(
    member: str, value: Any, code: str
) -> None:
    assert faults_of(notes=(NOTE | {member: value},)) == {f"sticky_notes[0].{member}": code}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("id", 5, "wrong_type"),
        ("name", "", "out_of_range"),
        ("name", "a\nb", "bad_name"),
        # a frame around nothing has no place
        ("nodes", [], "wrong_type"),
        ("nodes", "a", "wrong_type"),
        ("nodes", [["a"]], "wrong_type"),
        ("color", "pink", "unknown_choice"),
        ("position", [0, 0], "unknown_key"),
    ],
)
def test_a_wrong_member_of_a_group_is_a_fault_at_its_path(
    member: str, value: Any, code: str
) -> None:
    assert faults_of(groups=(GROUP | {member: value},)) == {f"groups[0].{member}": code}


@pytest.mark.parametrize("written", [None, {}, "notes"])
def test_notes_and_groups_are_lists(written: Any) -> None:
    codes = {"sticky_notes": "wrong_type", "groups": "wrong_type"}
    assert faults_of(notes=written, groups=written) == codes


def test_what_is_no_note_or_group_is_named() -> None:
    assert faults_of(notes=("x",), groups=(["a"],)) == {
        "sticky_notes[0]": "wrong_type",
        "groups[0]": "wrong_type",
    }


def test_members_without_a_default_are_missed() -> None:
    assert faults_of(notes=({},), groups=({},)) == {
        "sticky_notes[0].id": "missing",
        "sticky_notes[0].text": "missing",
        "sticky_notes[0].position": "missing",
        "sticky_notes[0].size": "missing",
        "groups[0].id": "missing",
        "groups[0].name": "missing",
        "groups[0].nodes": "missing",
    }


def test_ids_of_notes_and_of_groups_are_unique_among_themselves() -> None:
    # A note, a group and a node may bear one id.
    assert faults_of(notes=(NOTE | {"id": "a"},), groups=(GROUP | {"id": "a"},)) == {}
    other = GROUP | {"nodes": ["b"]}
    assert faults_of(notes=(NOTE, NOTE), groups=(GROUP | {"nodes": ["a"]}, other)) == {
        "sticky_notes[1].id": "duplicate_id",
        "groups[1].id": "duplicate_id",
    }


def test_a_group_frames_nodes_of_the_graph_each_in_one_group() -> None:
    groups = (GROUP | {"nodes": ["a", "x"]}, GROUP | {"id": "g2", "nodes": ["b", "b", "a"]})
    assert faults_of(groups=groups) == {
        "groups[0].nodes[1]": "unknown_node",
        "groups[1].nodes[1]": "grouped_twice",
        "groups[1].nodes[2]": "grouped_twice",
    }


def test_a_draft_keeps_a_group_of_a_node_that_is_gone() -> None:
    document = chain("a") | {"groups": [GROUP]}
    assert validate_graph(document, TestLibrary()).graph is not None


def test_too_many_notes_and_groups_are_counted_in_the_fault() -> None:
    notes = [NOTE | {"id": f"s{i}"} for i in range(MAX_NOTES + 1)]
    groups = [GROUP | {"id": f"g{i}"} for i in range(MAX_GROUPS + 1)]
    _, faults = parse_graph(chain("a", "b") | {"sticky_notes": notes, "groups": groups})
    assert [fault.code for fault in faults] == ["too_many_sticky_notes", "too_many_groups"]
    assert faults[0].message == "The graph has 1,001 sticky notes; at most 1,000 may be."
