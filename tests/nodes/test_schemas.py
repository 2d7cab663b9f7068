"""JSON Schemas of builders: which are taken, and what values that do not fit are told."""

from typing import Any

import pytest

from apps.nodes.schemas import accepted
from apps.nodes.schemas.accepted import schema_faults
from apps.nodes.schemas.reading import MAX_TOLD, read_objects

Schema = dict[str, Any]


def of(**properties: Any) -> Schema:
    return {"type": "object", "properties": properties}


def faulty(schema: Schema) -> list[str]:
    """The places at which a schema is at fault."""
    return [".".join(map(str, fault.place)) for fault in schema_faults(schema)]


def told(schema: Schema, value: Any) -> list[tuple[str, str]]:
    """Path and code of each fault of a value of the property `x`."""
    assert faulty(schema) == []
    return [(fault.path, fault.code) for fault in read_objects(schema, [("", {"x": value})])[1]]


def sentence(part: Schema, value: Any) -> str:
    [fault] = read_objects(of(x=part), [("", {"x": value})])[1]
    return fault.message


# --- Which are taken ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$schema": accepted.DIALECT, "title": "Order", "x-order": 1},
        of(a={"$ref": "#/$defs/a b~1c"}) | {"$defs": {"a b/c": {"type": "string"}}},
        of(a={"$ref": "#/properties/b/anyOf/0"}, b={"anyOf": [{"type": "null"}]}),
        of(a={"pattern": "^[A-Z]{2}-\\d+$"}, b=True, c={"type": ["string", "null"]}),
    ],
)
def test_what_ends_and_is_cheap_is_taken(schema: Schema) -> None:
    assert schema_faults(schema) == ()


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "array"}, "type"),  # an item is an object
        ({"type": "strin"}, "type"),
        (of(a=3), "properties.a"),
        (of(a={"minLength": -1}), "properties.a.minLength"),
        (of(a={"minLenght": 1}), "properties.a.minLenght"),  # would do nothing
        (of(a={"format": "colour"}), "properties.a.format"),  # as would this
        (of(a={"format": []}), "properties.a.format"),
        (of(a={"type": "integer", "default": "1"}), "properties.a.default"),
        (of(a=False), "properties.a"),  # nothing could ever stand there
        (of(items=False), "properties.items"),  # a property, not the keyword
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema"),
        (of(a={"$ref": "https://example.test/schema"}), "properties.a.$ref"),
        (of(a={"$ref": "other.json#/a"}), "properties.a.$ref"),
        (of(a={"$ref": "#/$defs/missing"}), "properties.a.$ref"),
        (of(a={"$ref": "#/properties/b/enum/0"}, b={"enum": [{}]}), "properties.a.$ref"),
        (of(a={"pattern": "("}), "properties.a.pattern"),
        (of(a={"pattern": "(?=a)b"}), "properties.a.pattern"),  # not in linear time
        (of(a={"pattern": "a{1000}{1000}"}), "properties.a.pattern"),  # compiled, far too large
        (of(a={"pattern": "a" * 1_001}), "properties.a.pattern"),
    ],
)
def test_what_is_wrong_with_a_schema_is_told_at_its_place(schema: Schema, place: str) -> None:
    assert faulty(schema) == [place]


def test_all_that_is_wrong_with_a_schema_is_told_at_once() -> None:
    part = {"type": "strin", "minLenght": 1, "pattern": "("}
    places = {f"properties.a.{name}" for name in part} | {"required"}
    assert set(faulty(of(a=part) | {"required": "a"})) == places


def nested(depth: int) -> Schema:
    schema: Schema = {"type": "string"}
    for _ in range(depth - 1):
        schema = of(a=schema)
    return schema


def multiplying(times: int) -> Schema:
    """Small, but each part four times in the one before it."""
    parts = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 4} for n in range(times)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{times}": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        of(child={"$ref": "#"}),
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$defs": {"unused": {"$ref": "#/$defs/unused", "default": 1}}},
        nested(accepted.MAX_DEPTH + 1),
        nested(2_000),
        multiplying(6),
        {"enum": ["x" * accepted.MAX_BYTES]},
    ],
    ids=["itself", "in itself", "circle", "unused", "deep", "very deep", "multiplying", "long"],
)
def test_what_does_not_end_or_is_too_large_is_refused(schema: Schema) -> None:
    assert len(schema_faults(schema)) == 1


def test_a_schema_may_be_as_deep_as_is_said() -> None:
    assert faulty(nested(accepted.MAX_DEPTH)) == []


# --- What values are told -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        ({"type": "integer"}, 3.0, 3.5),
        ({"type": "number"}, 10**400, True),
        ({"enum": ["a", 1]}, 1.0, True),
        ({"multipleOf": 0.01}, 0.07, 0.071),  # as written, not as binary fractions are
        ({"multipleOf": 0.5}, 10**400, 0.3),
        ({"pattern": "b+$"}, "abb", "abba"),
        ({"uniqueItems": True}, [1, True, "1"], [{"a": [1]}, {"a": [1.0]}]),
        ({"format": "date"}, "2028-02-29", "2027-02-29"),
        ({"format": "date"}, 7, "20280229"),
        ({"format": "date-time"}, "2026-03-01T08:00:00.5+01:00", "2026-03-01T08:00:00"),
        ({"format": "date-time"}, "2026-03-01t08:00:00z", "2026-03-01T25:00:00Z"),
        ({"format": "email"}, "ada@example.org", "ada@"),
        ({"format": "uri"}, "https://example.org/a?b=c", "example.org/a b"),
        ({"format": "uuid"}, "0190b5a4-7e3c-7000-8000-000000000001", "0190b5a4"),
        ({"oneOf": [{"minimum": 5}, {"maximum": 3}]}, 7, 4),
        ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 1, 3),
        ({"not": {"const": "no"}}, "yes", "no"),
    ],
)
def test_a_value_is_judged_by_its_part(part: Any, good: Any, bad: Any) -> None:
    schema = of(x=part)
    assert told(schema, good) == []
    assert [path for path, _ in told(schema, bad)] == ["x"]


def test_faults_are_told_at_their_places() -> None:
    address = of(city={"type": "string"}, zip={"type": "string"}) | {
        "required": ["city"],
        "additionalProperties": False,
    }
    schema = of(x={"type": "array", "items": {"$ref": "#/$defs/address"}})
    schema["$defs"] = {"address": address}
    value = [{"city": "Riga"}, {"zipp": "1", "zip": 1}, "Riga"]
    assert told(schema, value) == [
        ("x[1].zip", "wrong_type"),
        ("x[1].city", "missing"),
        ("x[1].zipp", "unknown"),
        ("x[2]", "wrong_type"),
    ]


@pytest.mark.parametrize("several", ["anyOf", "oneOf"])
def test_of_several_forms_the_one_of_the_values_type_is_spoken_of(several: str) -> None:
    email = {"type": "string", "format": "email"}
    assert sentence({several: [email, {"type": "null"}]}, "x").startswith("It must be an email")
    assert "none of the forms" in sentence({several: [email, {"type": "null"}]}, 5)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ({"type": "integer"}, "3", "It must be a whole number, not text."),
        ({"type": ["string", "null"]}, {"a": 1}, "It must be text or null, not an object."),
        ({"enum": ["red", "green"]}, "blue", "It must be one of “red”, “green”."),
        ({"minLength": 1}, "", "It must not be empty."),
        ({"minItems": 2}, [1], "It must have 2 entries or more."),
        ({"maxLength": 1}, "ab", "It must have at most 1 character."),
        ({"exclusiveMinimum": 0}, 0, "It must be over 0."),
    ],
)
def test_people_understand_what_is_wrong(part: Any, value: Any, message: str) -> None:
    assert sentence(part, value) == message


def test_no_fault_repeats_the_value() -> None:
    [fault] = read_objects(of(x={"type": "integer"}), [("", {"x": "s3cret"})])[1]
    assert "s3cret" not in fault.message


def test_a_field_written_almost_right_is_told_its_name() -> None:
    schema = of(customer={}) | {"additionalProperties": False}
    [fault] = read_objects(schema, [("input[0]", {"custmer": 1})])[1]
    assert fault.path == "input[0].custmer"
    assert "Did you mean “customer”?" in fault.message


# --- Defaults -------------------------------------------------------------------------------------


def test_defaults_are_filled_in_where_nothing_is_given() -> None:
    schema = of(tags={"default": ["new"]}, name={"default": "Ada"}) | {"required": ["name"]}
    given = {"name": None}
    read, faults = read_objects(schema, [("", {}), ("", given)])
    assert (read, faults) == (
        [{"tags": ["new"], "name": "Ada"}, {"name": None, "tags": ["new"]}],
        [],
    )
    assert given == {"name": None}
    read[0]["tags"].append("changed")
    assert schema["properties"]["tags"]["default"] == ["new"]


# --- Bounds ---------------------------------------------------------------------------------------


def test_a_flood_of_faults_is_told_up_to_a_bound() -> None:
    faults = read_objects(of(x={"items": {"type": "string"}}), [("", {"x": [1] * 1_000_000})])[1]
    assert [fault.code for fault in faults[-2:]] == ["wrong_type", "more_faults"]
    assert len(faults) == MAX_TOLD + 1


def test_what_would_take_too_long_to_check_is_refused() -> None:
    forms = {"anyOf": [*[{"type": "string"}] * 900, {"type": "integer"}]}
    faults = read_objects(of(x={"items": forms}), [("input[0]", {"x": [1] * 1_000})])[1]
    assert [(fault.path, fault.code) for fault in faults] == [("input[0]", "too_large")]


def test_a_long_list_of_values_or_fields_costs_more_than_a_short_one() -> None:
    long = {"enum": list(range(10_000))}
    faults = read_objects(of(x={"items": long}), [("input[0]", {"x": [9_999] * 1_000})])[1]
    assert [fault.code for fault in faults] == ["too_large"]
    fields = {f"field{place}": True for place in range(900)}
    given: list[Schema] = [{}] * 10_000
    assert told(of(x={"items": {"properties": fields}}), given) == [("", "too_large")]
    assert told(of(x={"items": {"enum": list(range(250))}}), [249] * 10_000) == []


def test_a_value_is_not_written_out_for_each_form_that_it_is_not_of() -> None:
    schema = of(x={"anyOf": [{"type": "integer"}] * 900})
    assert told(schema, "x" * 10_000_000) == [("x", "invalid_value")]


def test_a_pattern_that_would_take_for_ever_elsewhere_is_linear() -> None:
    assert told(of(x={"pattern": "^(a+)+$"}), "a" * 100_000 + "!") == [("x", "invalid_value")]


def test_values_may_be_as_deep_as_json_may_be() -> None:
    deep: Any = 1
    for _ in range(190):
        deep = {"a": deep}
    assert told(of(x={"uniqueItems": True, "items": {"enum": [1]}}), [deep]) == [
        ("x[0]", "not_one_of")
    ]
