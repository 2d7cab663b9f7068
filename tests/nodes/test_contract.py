"""What every node type must do: the shared examples, run over all of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import Services, bound
from apps.nodes.contract import Example, NodeType, node
from apps.nodes.params import NoParams
from apps.nodes.registry import library
from tests.nodes.twins import NOW, MemoryFiles, StubHttp, make_call, run_step

TYPES = library().all()
EXAMPLES = [(type, example) for type in TYPES for example in type.examples]
every_type = pytest.mark.parametrize("type", TYPES, ids=lambda type: type.type)
every_example = pytest.mark.parametrize(
    ("type", "example"), EXAMPLES, ids=[f"{t.type}-{e.title or 'plain'}" for t, e in EXAMPLES]
)

garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


def garbage_params(type: NodeType) -> st.SearchStrategy[dict[str, Json]]:
    """Params with the right names and any values, and some names that nobody knows."""
    known = [info.alias or name for name, info in type.model.model_fields.items()]
    names = st.sampled_from([*known, "x"])
    return st.dictionaries(names, garbage, max_size=4)


@every_example
def test_an_example_has_no_faults(type: NodeType, example: Example) -> None:
    assert type.check(example.params) == []


@every_example
def test_an_example_ends_as_it_says(type: NodeType, example: Example, services: Services) -> None:
    stub, files = StubHttp(example.http), MemoryFiles()
    takes = taken(type, example, files)
    with bound(Services(sandbox=services.sandbox, transport=stub, files=files)):
        if example.fails is not None:
            with pytest.raises(NodeError) as failure:
                run_step(type, example.params, takes)
            assert failure.value.code == example.fails
            return
        outcome = run_step(type, example.params, takes).outcome
    if example.waits_s is not None:
        assert isinstance(outcome, Wait)
        assert outcome.until == NOW + timedelta(seconds=example.waits_s)
        return
    assert isinstance(outcome, Done)
    given = {name: [item.json for item in items] for name, items in outcome.outputs.items()}
    expected = by_output(type, example)
    assert {name: items for name, items in given.items() if items} == expected
    assert not stub.left
    if example.gives_files:
        [main, *_] = outcome.outputs.values()
        assert [
            files.told(item, wanted) for item, wanted in zip(main, example.gives_files, strict=True)
        ] == list(example.gives_files)


def taken(
    type: NodeType, example: Example, files: MemoryFiles
) -> Mapping[str, Sequence[Json]] | Sequence[Json]:
    """What an example takes, its files kept."""
    if not example.takes_files:
        return example.takes
    assert not isinstance(example.takes, Mapping)
    return [
        Item(json, {name: files.reference(file) for name, file in own.items()})
        for json, own in zip(example.takes, example.takes_files, strict=True)
    ]


def outcome_of(type: NodeType, example: Example, services: Services) -> Outcome:
    files, stub = MemoryFiles(), StubHttp(example.http)
    with bound(Services(sandbox=services.sandbox, transport=stub, files=files)):
        return run_step(type, example.params, taken(type, example, files)).outcome


def by_output(type: NodeType, example: Example) -> Mapping[str, Sequence[Json]]:
    assert example.gives is not None
    if isinstance(example.gives, Mapping):
        return example.gives
    return {type.outputs(example.params)[0]: list(example.gives)}


@every_example
def test_a_step_gives_by_no_other_than_its_outputs(
    type: NodeType, example: Example, services: Services
) -> None:
    if example.gives is None:
        assert example.fails or example.waits_s
        return
    outcome = outcome_of(type, example, services)
    assert isinstance(outcome, Done)
    assert set(outcome.outputs) <= set(type.outputs(example.params))


@every_type
def test_the_schema_of_params_is_a_json_schema(type: NodeType) -> None:
    schema = type.describe()["params_schema"]
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


@every_type
def test_examples_fit_the_schema_but_for_their_templates(type: NodeType) -> None:
    names = set(type.describe()["params_schema"].get("properties", {}))
    for example in type.examples:
        assert set(example.params) <= names


@every_type
def test_an_unknown_param_is_a_fault(type: NodeType) -> None:
    faults = type.check({**type.examples[0].params, "frobnicate": 1})
    assert [(fault.path, fault.code) for fault in faults] == [("frobnicate", "unknown_param")]


@every_type
def test_the_description_says_what_the_palette_needs(type: NodeType) -> None:
    told = type.describe()
    assert told["description"].endswith(".")
    assert told["label"]
    assert told["kind"] in set(Kind)
    assert (told["inputs"] == []) == (told["kind"] == "trigger")


@every_type
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_garbage_params_are_faults_and_never_errors(type: NodeType, data: Any) -> None:
    params = data.draw(garbage_params(type))
    type.check(params)
    assert all(isinstance(name, str) for name in type.inputs(params))
    assert all(isinstance(name, str) for name in type.outputs(params))


@every_type
def test_lineage_leads_from_each_output_to_an_input_item(
    type: NodeType, services: Services
) -> None:
    for example in type.examples:
        if example.gives is None:
            continue
        call = make_call(type, example.params, example.takes)
        outcome = outcome_of(type, example, services)
        assert isinstance(outcome, Done)
        inputs = list(call.inputs.values())
        for item in (item for items in outcome.outputs.values() for item in items):
            for pair in item.paired or ():
                assert pair.item < len(inputs[pair.input])


def test_an_unknown_type_is_not_found() -> None:
    assert library().find("nope", 1) is None
    assert library().find("webhook", 2) is None


def test_a_type_without_docstring_is_refused_when_it_is_declared() -> None:
    def silent(item: Any, params: NoParams, ctx: Any) -> Any:
        return item

    declare = node(
        type="silent", label="", group="flow", icon="", each="item", examples=[Example()]
    )
    with pytest.raises(TypeError, match="docstring"):
        declare(silent)


def test_a_type_without_example_is_refused_when_it_is_declared() -> None:
    def bare(item: Any, params: NoParams, ctx: Any) -> Any:
        """Does nothing."""
        return item

    declare = node(type="bare", label="Bare", group="flow", icon="", each="item", examples=[])
    with pytest.raises(TypeError, match="example"):
        declare(bare)
