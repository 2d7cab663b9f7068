"""The reference of the node types, written from what they declare."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.engine.items import Json
from apps.engine.outcomes import Kind
from apps.nodes.conditions.operations import OPERATIONS
from apps.nodes.contract import Example, ExampleFiles, NodeType

GROUPS = {
    "triggers": "Triggers",
    "actions": "Actions",
    "transformations": "Transformations",
    "flow": "Flow",
}
KINDS = {
    Kind.TRIGGER: "trigger: starts a run",
    Kind.PURE: "pure: touches nothing outside of its items",
    Kind.EFFECT: "effect: touches the outside",
    Kind.INNER: "inner: writes FlowForge's own rows with its step, exactly once",
    Kind.WAITS: "waits: the run may suspend in it, and holds no worker then",
}
CRASH = {
    "run_again": "it is run again",
    "fail": "it fails",
    "ask": "a person is asked",
}
CONDITIONS = "conditions.md"
SCALARS = {"text", "whole number", "number", "boolean"}
CHOSEN = {"credential", "workflow"}
"""What a form lets choose by its name, and a parameter holds by its id."""
GENERATED = "<!-- Generated from the node types: make reference -->\n"


def pages(types: Sequence[NodeType]) -> dict[str, str]:
    """The pages by their file names: one for each type, `index.md` and `conditions.md`."""
    made = {f"{type.type}.md": page(type) for type in types}
    return {"index.md": _index(types), CONDITIONS: _conditions()} | made


def page(type: NodeType) -> str:
    """The page of one type, in Markdown."""
    told = type.describe()
    parts = [GENERATED, f"# {type.label}", str(told["description"])]
    if told["docs"]:
        parts.append(str(told["docs"]))
    parts.append(_facts(type, told))
    parts += _params(type.model.model_json_schema())
    parts += [block for example in type.examples for block in _example(type, example)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _index(types: Sequence[NodeType]) -> str:
    parts = [
        GENERATED,
        "# Node types",
        "What a graph is made of. Each page says what a type takes, gives and can be told.",
    ]
    for group, title in GROUPS.items():
        rows = [
            f"| [{type.label}]({type.type}.md) | `{type.type}` | {type.describe()['description']} |"
            for type in types
            if type.group == group
        ]
        parts.append(f"## {title}")
        parts.append("\n".join(["| Node | Type | What it does |", "|---|---|---|", *rows]))
    parts.append(f"What `conditions` can ask is told of [each type]({CONDITIONS}).")
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _conditions() -> str:
    parts = [
        GENERATED,
        "# Conditions",
        "What the `operation` of a condition's `operator` can be, by the operator's `type`. One "
        "that takes no right side ignores `rightValue`. Lengths compare with a number.",
    ]
    for type, operations in OPERATIONS.items():
        rows = [
            f"| `{name}` | {each.meaning} | {'yes' if each.takes_right else 'no'} |"
            for name, each in operations.items()
        ]
        head = ["| Operation | Holds where the left side | Takes a right side |", "|---|---|---|"]
        parts += [f"## {type}", "\n".join([*head, *rows])]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _facts(type: NodeType, told: Mapping[str, Json]) -> str:
    ui = told["ui"]
    rows = [
        ("Type", f"`{type.type}`, version {type.version}"),
        ("Group", GROUPS[type.group]),
        ("Kind", KINDS[type.kind]),
        ("Inputs", _named(told["inputs"], ui["dynamic_inputs"])),
        ("Outputs", _named(told["outputs"], ui["dynamic_outputs"])),
    ]
    if type.credentials:
        rows.append(("Credentials", ", ".join(f"`{each}`" for each in type.credentials)))
    if type.kind is Kind.EFFECT and isinstance(type.on_crash, str):
        rows.append(("After a crash", f"{CRASH[type.on_crash]}, unless its node says otherwise"))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _named(names: Sequence[str], is_dynamic: bool) -> str:
    listed = ", ".join(f"`{name}`" for name in names) or "none"
    return f"{listed}; they depend on the parameters" if is_dynamic else listed


def _params(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "## Parameters"
    if not schema.get("properties"):
        yield "It has none."
        return
    yield _table(schema)
    for name, nested in schema.get("$defs", {}).items():
        if nested.get("properties"):
            yield f"### {name}"
            yield _table(nested)
        if "x-operations" in nested:
            yield f"The operations of each type: [Conditions]({CONDITIONS})."


def _table(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = ["| Name | Value | Default | |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        default = "required" if name in required else _default(field)
        rows.append(f"| `{name}` | {_kind(field)} | {default} | {_about(name, field)} |")
    return "\n".join(rows)


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return "" if default in (None, "", [], {}) else f"`{_compact(default)}`"


def _about(name: str, field: Mapping[str, Any]) -> str:
    title = str(field.get("title", ""))
    is_telling = title.lower().replace(" ", "") != name.lower().replace("_", "")
    parts = [title if is_telling else "", str(field.get("description", ""))]
    if "minimum" in field or "exclusiveMinimum" in field or "maximum" in field:
        parts.append(_range(field))
    if field.get("x-literal"):
        whole = field.get("type") == "array"
        parts.append("No expression for the list." if whole else "No expression.")
    if "x-code" in field:
        parts.append("Code, never a template.")
    told = ". ".join(part.rstrip(".") for part in parts if part)
    return _in_cell(f"{told}." if told else "")


def _range(field: Mapping[str, Any]) -> str:
    least = field.get("minimum", field.get("exclusiveMinimum"))
    most = field.get("maximum")
    if least is None:
        return f"At most {most}"
    over = "Over" if "exclusiveMinimum" in field else "From"
    return f"{over} {least}" + (f" to {most}" if most is not None else "")


def _kind(field: Mapping[str, Any]) -> str:
    """What a field holds, in a few words."""
    if (chosen := field.get("x-widget")) in CHOSEN:
        return f"id of a {chosen}"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if several := field.get("anyOf", field.get("oneOf")):
        kinds = dict.fromkeys(_kind(each) for each in several if each.get("type") != "null")
        if kinds.keys() >= SCALARS:
            kinds = {"scalar": None} | {kind: None for kind in kinds if kind not in SCALARS}
        return " or ".join(kinds)
    kind = field.get("type")
    if kind == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if kind == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"object of {_kind(field['additionalProperties'])}"
    return {"string": "text", "integer": "whole number", None: "any"}.get(kind, str(kind))


def _example(type: NodeType, example: Example) -> Iterator[str]:
    yield f"## Example: {example.title}" if example.title else "## Example"
    if example.params:
        yield _json(example.params)
    if type.kind is not Kind.TRIGGER and example.takes != ({},):
        yield f"takes\n\n{_json(example.takes)}"
    yield from _files(example.takes_files)
    if example.fails is not None:
        yield f"and fails with `{example.fails}`."
    elif example.waits_s is not None:
        yield f"and waits {example.waits_s:g} s."
    elif example.waits_for is not None:
        yield "and waits."
    elif example.gives is not None:
        yield f"gives\n\n{_json(example.gives)}"
        yield from _files(example.gives_files)


def _files(files: ExampleFiles) -> Iterator[str]:
    """The files that items bear, the first of their bytes where they are text."""
    for place, of_item in enumerate(files):
        for name, file in of_item.items():
            shown = file.content[:200].decode("ascii", "replace")
            told = f", `{file.name}`" if file.name else ""
            lines = "\n".join(shown.splitlines()).rstrip()
            text = "" if "\ufffd" in shown else f"\n\n```text\n{lines}\n```"
            yield f"with the file `{name}` of item {place}{told}{text}"


def _json(value: Any) -> str:
    return f"```json\n{_compact(value) if _is_short(value) else _laid_out(value)}\n```"


def _is_short(value: Any) -> bool:
    return len(_compact(value)) <= 88


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=list)


def _laid_out(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=list)


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
