"""A workflow of n8n as a graph: what is taken over, and what is said of the rest."""

import ast
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from apps.engine.errors import FaultsError
from apps.engine.parse import parse_graph
from apps.interchange.n8n.convert import Converted, convert
from apps.interchange.n8n.nodes import Names
from apps.interchange.n8n.table import TRANSLATORS
from tests.interchange.workflows import n8n_node, n8n_workflow, to


def graph_of(*nodes: Any, **more: Any) -> Any:
    return convert(n8n_workflow(*nodes, **more)).graph


def messages(converted: Converted) -> list[str]:
    return [str(warning["message"]) for warning in converted.report.warnings]


def test_nodes_keep_name_place_and_edges() -> None:
    graph = graph_of(
        n8n_node("manualTrigger", "Start", position=[10.4, -20]),
        n8n_node("if", "Large?", 2.2),
        n8n_node("noOp", "Yes"),
        n8n_node("noOp", "No"),
        connections={
            "Start": {"main": [to("Large?")]},
            "Large?": {"main": [to("Yes"), to("No")]},
        },
    )
    assert [(node["name"], node["type"]) for node in graph["nodes"]] == [
        ("Start", "manual"),
        ("Large?", "condition"),
        ("Yes", "no_operation"),
        ("No", "no_operation"),
    ]
    assert graph["nodes"][0]["position"] == [15, -20]
    assert [(e["source"], e["source_output"], e["target"]) for e in graph["edges"]] == [
        ("n1", "main", "n2"),
        ("n2", "true", "n3"),
        ("n2", "false", "n4"),
    ]


@pytest.mark.parametrize(
    ("x", "ours"), [(220, 308), (-220, -308), (1e300, 10**7), (-1e300, -(10**7))]
)
def test_nodes_stand_as_far_apart_as_wider_ones_need(x: float, ours: int) -> None:
    assert graph_of(n8n_node("noOp", position=[x, 0]))["nodes"][0]["position"] == [ours, 0]


def test_how_a_node_runs_is_taken_over() -> None:
    [node] = graph_of(
        n8n_node(
            "noOp",
            disabled=True,
            notes="Ask Ada.",
            onError="continueErrorOutput",
            retryOnFail=True,
            maxTries=4,
            waitBetweenTries=2_500,
            alwaysOutputData=True,
            executeOnce=True,
        )
    )["nodes"]
    assert all(node[key] for key in ("disabled", "always_output", "run_once"))
    assert node["notes"] == "Ask Ada."
    assert node["on_error"] == "route"
    assert node["retry"] == {"count": 3, "wait_s": 2.5, "factor": 1, "jitter": False}


def test_the_output_behind_all_others_is_that_of_errors() -> None:
    graph = graph_of(
        n8n_node("httpRequest", "Ask", 4.2, onError="continueErrorOutput"),
        n8n_node("noOp", "Then"),
        n8n_node("noOp", "Else"),
        connections={"Ask": {"main": [to("Then"), to("Else")]}},
    )
    assert [edge["source_output"] for edge in graph["edges"]] == ["main", "error"]


def test_a_node_that_is_not_known_keeps_its_place_and_all_that_it_was() -> None:
    unknown = n8n_node("telegram", "Tell", parameters={"chatId": "7"}, notes="By bot.")
    converted = convert(
        n8n_workflow(
            n8n_node("manualTrigger", "Start"),
            unknown,
            connections={"Start": {"main": [to("Tell")]}},
        )
    )
    node = converted.graph["nodes"][1]
    assert (node["type"], node["name"]) == ("no_operation", "Tell")
    assert node["params"] == {"stands_for": "telegram of n8n"}
    note, _, kept = node["notes"].partition("\n\n")
    assert note == "By bot."
    assert json.loads(kept) == unknown
    assert converted.report.edges == 1
    assert converted.report.unsupported == [
        {
            "node": "Tell",
            "type": "n8n-nodes-base.telegram",
            "why": "FlowForge has no node of this type.",
        }
    ]


def test_a_node_that_is_not_known_takes_no_more_memory_than_it_is_long() -> None:
    deep: Any = [1] * 30_000
    for _ in range(60):
        deep = [deep]
    document = n8n_workflow(n8n_node("telegram", parameters={"a": deep}))
    tracemalloc.start()
    converted: Any = convert(document)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert len(converted.graph["nodes"][0]["notes"]) < 20_100


def test_an_operation_without_a_counterpart_is_kept_in_the_same_way() -> None:
    code = n8n_node("code", version=2, parameters={"language": "python", "pythonCode": "1"})
    [told] = convert(n8n_workflow(code)).report.unsupported
    assert told["why"] == "Its language is python; ours is JavaScript."


def test_a_credential_is_named_and_not_taken_over() -> None:
    node = n8n_node("slack", version=2.3, credentials={"slackApi": {"id": "1", "name": "Bot"}})
    converted = convert(n8n_workflow(node))
    assert messages(converted) == ["Choose a credential: in n8n it is “Bot” (slackApi)."]
    assert "credential" not in converted.graph["nodes"][0]["params"]


def test_a_name_that_expressions_here_do_not_have_is_told() -> None:
    node = n8n_node("httpRequest", version=4.2, parameters={"url": "={{ $secrets.vault.url }}"})
    assert messages(convert(n8n_workflow(node))) == [
        "“$secrets” is not known in expressions: keep secrets in credentials."
    ]


def test_sticky_notes_are_sticky_notes() -> None:
    graph = graph_of(
        n8n_node(
            "stickyNote",
            parameters={"content": "## Hi", "width": 300, "color": 4},
            position=[100, 100],
        )
    )
    assert graph["nodes"] == []
    assert graph["sticky_notes"] == [
        {"id": "s1", "text": "## Hi", "position": [140, 100], "size": [420, 160], "color": "green"}
    ]


def test_pinned_data_belongs_to_the_first_output() -> None:
    graph = graph_of(n8n_node("noOp", "A"), pinData={"A": [{"json": {"n": 1}}, {"n": 2}]})
    assert graph["nodes"][0]["pinned"] == {"main": [{"json": {"n": 1}}, {"json": {"n": 2}}]}


def test_settings_are_taken_over_and_others_to_choose_are_told() -> None:
    settings = {"timezone": "Europe/Riga", "executionTimeout": 60, "errorWorkflow": "abc"}
    converted = convert(n8n_workflow(settings=settings))
    assert converted.graph["settings"] == {
        "order": "depth_first",
        "timezone": "Europe/Riga",
        "timeout_s": 60,
    }
    assert messages(converted) == ["Choose the error workflow in the settings: in n8n it is “abc”."]


def test_the_connections_of_models_become_edges() -> None:
    model = {"ai_languageModel": [[{"node": "Agent", "type": "ai_languageModel", "index": 0}]]}
    graph = graph_of(n8n_node("x", "Model"), n8n_node("y", "Agent"), connections={"Model": model})
    assert [(e["source"], e["target"]) for e in graph["edges"]] == [("n1", "n2")]


def test_equal_names_are_told_apart() -> None:
    converted = convert(n8n_workflow(n8n_node("noOp", "A"), n8n_node("noOp", "A")))
    assert [node["name"] for node in converted.graph["nodes"]] == ["A", "A 2"]
    assert len(messages(converted)) == 1


def test_what_leads_to_nowhere_is_left_out_and_told() -> None:
    converted = convert(n8n_workflow(n8n_node("noOp", "A"), connections={"A": {"main": [to("B")]}}))
    assert converted.graph["edges"] == []
    assert messages(converted) == ["A connection of “B”, which is not there, is left out."]


@pytest.mark.parametrize("document", [None, [], "x", {}, {"nodes": {}}, {"nodes": [1] * 10_001}])
def test_what_is_no_workflow_is_refused(document: Any) -> None:
    with pytest.raises(FaultsError):
        convert(document)


ODD: list[Any] = [None, 1, -1.5, "", "=", "={{", True, [], {}, [[]], {"a": 1}, 1e308, 10**400, "\0"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_where_it_does_not_belong_gives_a_graph(odd: Any) -> None:
    members = [*n8n_node("noOp"), "credentials", "disabled", "notes", "onError", "maxTries"]
    nodes = [odd, *(n8n_node("set", f"N{i}") | {key: odd} for i, key in enumerate(members))]
    for connections in (odd, {"N1": odd}, {"N1": {"main": odd}}, {"N1": {"main": [odd, [odd]]}}):
        document = n8n_workflow(*nodes, settings=odd, pinData={"N1": odd}) | {"name": odd}
        graph, faults = parse_graph(convert(document | {"connections": connections}).graph)
        assert graph is not None, faults


@pytest.mark.parametrize("odd", [*ODD, float("nan"), float("inf")], ids=repr)
def test_a_place_that_cannot_be_read_is_within_the_canvas(odd: Any) -> None:
    nodes = [n8n_node("noOp", position=[odd, odd]), n8n_node("stickyNote", position=[odd, odd])]
    graph, faults = parse_graph(convert(n8n_workflow(*nodes)).graph)
    assert graph is not None, faults


def names_in(translate: Any) -> list[str]:
    """What the file that reads a type could ask its parameters for."""
    tree = ast.parse(Path(translate.__code__.co_filename).read_text())
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}
    return sorted(text for text in texts if isinstance(text, str) and text.isidentifier())


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("version", [1, 2, 4])
def test_whatever_stands_in_parameters_gives_a_graph(version: float, odd: Any) -> None:
    nodes = [
        n8n_node(type, f"{type} {key}", version, parameters={key: odd, "options": {key: odd}})
        for type, translate in TRANSLATORS.items()
        for key in names_in(translate)
    ]
    for begin in range(0, len(nodes), 10_000):
        graph, faults = parse_graph(convert(n8n_workflow(*nodes[begin : begin + 10_000])).graph)
        assert graph is not None, faults


def test_what_is_nested_deeply_is_no_recursion() -> None:
    deep: Any = "x"
    for _ in range(50_000):
        deep = [deep]
    converted = convert(n8n_workflow(n8n_node("set", parameters={"a": deep}, notes=deep)))
    assert [told["why"] for told in converted.report.unsupported] == [
        "Its parameters are nested too deeply."
    ]


DEEP = "[" * 90 + "]" * 90


@pytest.mark.parametrize("text", [DEEP, "[" * 50_000, '{"a": NaN}', "[1e999]"])
@pytest.mark.parametrize(
    ("type", "version", "parameters"),
    [
        ("httpRequest", 4.2, {"sendBody": True, "specifyBody": "json", "jsonBody": "{}"}),
        (
            "httpRequest",
            1,
            {
                "jsonParameters": True,
                "options": {"bodyContentType": "raw"},
                "bodyParametersJson": "{}",
            },
        ),
        ("set", 3.4, {"mode": "raw", "jsonOutput": "{}"}),
        ("respondToWebhook", 1, {"respondWith": "json", "responseBody": "{}"}),
        ("graphql", 1, {"variables": "{}"}),
    ],
)
def test_typed_json_that_no_graph_holds_leaves_out_its_node_alone(
    type: str, version: float, parameters: dict[str, Any], text: str
) -> None:
    filled = {key: text if value == "{}" else value for key, value in parameters.items()}
    converted = convert(
        n8n_workflow(n8n_node(type, "It", version, parameters=filled), n8n_node("noOp", "Other"))
    )
    graph, faults = parse_graph(converted.graph)
    assert graph is not None, faults
    assert [told["node"] for told in converted.report.unsupported] == ["It"]


def test_ten_thousand_nodes_of_one_name_are_read() -> None:
    nodes = [n8n_node("noOp", "A") for _ in range(10_000)]
    assert convert(n8n_workflow(*nodes)).report.nodes == 10_000


def test_long_names_that_differ_at_their_ends_share_their_numbers() -> None:
    names = Names()
    written = [f"{'x' * 120}{end}" for end in ("a", "a", "b", "b")]
    assert [names.free(name, "")[120:] for name in written] == ["a", " 2", "b", " 3"]
    assert names.free(f"{'x' * 120} 4", "")[120:] == " 4"
    assert names.free(written[0], "")[120:] == " 5"
