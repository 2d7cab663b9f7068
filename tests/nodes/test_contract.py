"""What every node type must do: the shared examples, run over all of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done, Kind, Wait
from apps.expressions.slots import find_slots
from apps.expressions.template import is_template
from apps.nodes.context import Services, bound
from apps.nodes.contract import Example, NodeType, node
from apps.nodes.params import NoParams
from apps.nodes.registry import library
from tests.nodes.outside import outside_of
from tests.nodes.twins import NOW, make_call, run_step

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
def test_an_example_ends_as_it_says(
    type: NodeType, example: Example, services: Services, request: pytest.FixtureRequest
) -> None:
    with outside_of(example, services, request) as outside:
        if example.fails is not None:
            with pytest.raises(NodeError) as failure:
                run_step(type, example.params, outside.taken())
            assert failure.value.code == example.fails
            outside.require_mail()
            return
        outcome = run_step(type, example.params, outside.taken()).outcome
    if example.waits_for is not None:
        assert isinstance(outcome, Wait)
        assert outcome.reason == example.waits_for
        return
    if example.waits_s is not None:
        assert isinstance(outcome, Wait)
        assert outcome.until == NOW + timedelta(seconds=example.waits_s)
        return
    assert isinstance(outcome, Done)
    given = {name: [item.json for item in items] for name, items in outcome.outputs.items()}
    expected = by_output(type, example)
    assert {name: items for name, items in given.items() if items} == expected
    [main, *_] = outcome.outputs.values()
    outside.require_as_told(main)


def by_output(type: NodeType, example: Example) -> Mapping[str, Sequence[Json]]:
    assert example.gives is not None
    if isinstance(example.gives, Mapping):
        return example.gives
    return {type.outputs(example.params)[0]: list(example.gives)}


@every_example
def test_what_a_step_gives_leads_from_its_outputs_to_its_inputs(
    type: NodeType, example: Example, services: Services, request: pytest.FixtureRequest
) -> None:
    if example.gives is None:
        assert example.fails or example.waits_s or example.waits_for
        return
    with outside_of(example, services, request) as outside:
        takes = outside.taken()
        outcome = run_step(type, example.params, takes).outcome
    assert isinstance(outcome, Done)
    assert set(outcome.outputs) <= set(type.outputs(example.params))
    inputs = list(make_call(type, example.params, takes).inputs.values())
    for item in (item for items in outcome.outputs.values() for item in items):
        for pair in item.paired or ():
            assert pair.item < len(inputs[pair.input])


class Unreachable:
    """An outside that is not to be asked anything."""

    sender = ""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"The outside was asked for “{name}”.")


@contextmanager
def nothing_in_reach(services: Services) -> Iterator[None]:
    away: Any = Unreachable()
    outside = replace(
        services,
        transport=lambda connections: away,
        files=away,
        mailer=away,
        credentials=away,
        other_runs=away,
        postgres=lambda *arguments, **more: away.connect,
    )
    with bound(outside):
        yield


@every_example
def test_a_step_without_items_gives_none_and_leaves_the_outside_alone(
    type: NodeType, example: Example, services: Services
) -> None:
    if type.type == "stop_and_error" or not type.inputs(example.params):
        return  # it stops whatever comes; a trigger begins with what started the run
    takes: dict[str, list[Json]] = {name: [] for name in type.inputs(example.params)}
    with nothing_in_reach(services):
        outcome = run_step(type, example.params, takes).outcome
    if example.waits_s is not None:
        assert outcome == Wait("delay", NOW + timedelta(seconds=example.waits_s))
        return
    assert isinstance(outcome, Done)
    assert outcome.error is None
    assert not any(outcome.outputs.values())


MARK = "mark"
MADE_ANEW = {"aggregate", "postgres", "rss_read", "split_out", "summarize", "transform"}
"""Types that make items anew: those get files where a param or the code says so."""


def keeps_files(type: NodeType, example: Example) -> bool:
    params = example.params
    is_row = type.type == "extract_from_file" and (
        params.get("format") in ("csv", "xlsx", "html", "ics") or "split_list" in params
    )
    return type.type not in MADE_ANEW and not is_row


def with_file(item: Item, id: str) -> Item:
    return Item(item.json, {**(item.binary or {}), MARK: {"id": id}})


@every_example
def test_an_item_bears_the_files_of_the_item_that_it_comes_from_and_of_no_other(
    type: NodeType, example: Example, services: Services, request: pytest.FixtureRequest
) -> None:
    if example.gives is None:
        return
    with outside_of(example, services, request) as outside:
        call = make_call(type, example.params, outside.taken())
        takes = {
            name: [with_file(item, f"{name} {place}") for place, item in enumerate(items)]
            for name, items in call.inputs.items()
        }
        outcome = run_step(type, example.params, takes).outcome
    assert isinstance(outcome, Done)
    inputs = list(takes.values())
    for item in (item for items in outcome.outputs.values() for item in items):
        file = (item.binary or {}).get(MARK)
        sources = [(inputs[pair.input][pair.item].binary or {})[MARK] for pair in item.paired or ()]
        if item.paired is not None:
            assert file is None or file in sources
        if len(sources) == 1:
            assert (file is not None) == keeps_files(type, example)


@every_type
def test_the_schema_of_params_is_a_json_schema(type: NodeType) -> None:
    schema = type.describe()["params_schema"]
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    """The parts of a schema that have properties."""
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield schema
    for part in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(part, dict | list):
            yield from objects_in(part)


@every_type
def test_what_matters_only_sometimes_says_by_which_values_of_its_siblings(type: NodeType) -> None:
    schema = type.describe()["params_schema"]
    for part in objects_in(schema):
        siblings = part["properties"]
        asked = [
            (name, form)
            for name, param in siblings.items()
            for form in (param, *param.get("x-forms", ()))
        ]
        for name, param in asked:
            for sibling, values in param.get("x-when", {}).items():
                assert sibling in siblings.keys() - {name}
                may_be = Draft202012Validator(
                    siblings[sibling] | {"$defs": schema.get("$defs", {})}
                )
                assert [value for value in values if not may_be.is_valid(value)] == []
                assert name not in part.get("required", ())


@every_type
def test_examples_fit_the_schema_but_for_their_templates(type: NodeType) -> None:
    names = set(type.describe()["params_schema"].get("properties", {}))
    for example in type.examples:
        assert set(example.params) <= names


@every_example
def test_no_example_has_an_expression_that_stays_text(type: NodeType, example: Example) -> None:
    _, texts = find_slots(
        example.params, lambda value: isinstance(value, str), skip=type.code_fields
    )
    plain = [text for _, _, text in texts if not is_template(text)]
    assert [text for text in plain if "{{" in text] == []


@pytest.mark.parametrize(
    ("word", "type"),
    [
        ("if", "condition"),
        ("code", "transform"),
        ("function", "transform"),
        ("edit fields", "set_fields"),
        ("cron", "schedule"),
        ("timer", "schedule"),
        ("for each", "loop"),
        ("smtp", "email"),
        ("sql", "postgres"),
        ("curl", "http_call"),
        ("sleep", "delay"),
    ],
)
def test_words_that_other_products_use_belong_to_a_type(word: str, type: str) -> None:
    found = library().find(type, 1)
    assert found is not None
    assert word in found.describe()["keywords"]


@every_type
def test_keywords_are_written_small_and_add_to_the_label(type: NodeType) -> None:
    words = [word.lower() for word in type.keywords]
    assert list(type.keywords) == words
    assert len(set(words)) == len(words)
    assert type.label.lower() not in words


def test_the_triggers_that_most_workflows_begin_with_come_first() -> None:
    placed = [type for type in library().all() if type.place is not None]
    ordered = sorted(placed, key=lambda type: type.describe()["ui"]["place"])
    assert [type.type for type in ordered] == ["webhook", "schedule", "form", "manual"]


@every_type
def test_an_unknown_param_is_a_fault(type: NodeType) -> None:
    faults = type.check({**type.examples[0].params, "frobnicate": 1})
    assert [(fault.path, fault.code) for fault in faults] == [("frobnicate", "unknown_param")]


@every_type
def test_forms_are_told_which_credentials_a_node_takes(type: NodeType) -> None:
    described: Any = type.describe()
    widgets = [
        field
        for field in described["params_schema"].get("properties", {}).values()
        if field.get("x-widget") == "credential"
    ]
    told = described["ui"]["credentials_by"]
    assert bool(widgets) == bool(described["ui"]["credentials"])
    assert bool(told) == (type.credentials_of is not None)
    for name, taken in told.items():
        assert {each for types in taken.values() for each in types} == set(type.credentials)
        for value, types in taken.items():
            assert tuple(types) == type.credentials_for({name: value})


@every_type
def test_the_description_says_what_the_palette_needs(type: NodeType) -> None:
    told = type.describe()
    assert told["description"].endswith(".")
    assert told["label"]
    assert told["kind"] in set(Kind)
    assert (told["inputs"] == []) == (told["kind"] == "trigger")
    assert ("x-literal" in told["params_schema"]) == (told["kind"] == "trigger")
    assert isinstance(told["example"], dict) == (told["kind"] == "trigger")


@every_type
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_garbage_params_are_faults_and_never_errors(type: NodeType, data: Any) -> None:
    params = data.draw(garbage_params(type))
    type.check(params)
    assert all(isinstance(name, str) for name in type.inputs(params))
    assert all(isinstance(name, str) for name in type.outputs(params))


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
