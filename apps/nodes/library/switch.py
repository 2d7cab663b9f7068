"""Switch: sends each item one of several ways."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Items, Json
from apps.nodes.compiled import is_empty_template
from apps.nodes.conditions.typed import Conditions
from apps.nodes.conditions.verdicts import verdicts_of
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import Literally, LiteralText, ParamsModel, sure_fault
from apps.nodes.values.field_types import describe

FALLBACK = "fallback"
Way = list[str] | NodeError


class Rule(ParamsModel):
    name: LiteralText = Field(title="Output", min_length=1, max_length=64)
    conditions: Conditions = Field(
        default_factory=lambda: Conditions(conditions=[]),
        title="Conditions",
        json_schema_extra={"x-widget": "conditions"},
    )


class Params(ParamsModel):
    rules: Annotated[list[Annotated[Rule, Literally()]], Literally()] = Field(
        title="Rules", min_length=1, max_length=100
    )
    expression: Any = Field(
        None, title="Expression", description="Gives a rule's name or its place, from 0."
    )
    all_matches: bool = Field(
        False, title="Leave by all rules that match", description="And not by the first alone."
    )
    fallback: Annotated[Literal["output", "none"], Literally()] = Field(
        "output", title="Items that match no rule"
    )
    fallback_name: LiteralText = Field(
        FALLBACK, title="Output for those", min_length=1, max_length=64
    )

    @model_validator(mode="after")
    def _names_differ(self) -> "Params":
        if self.fallback_name == ERROR_OUTPUT:
            raise sure_fault(f"fallback_name: an output “{ERROR_OUTPUT}” is there already.")
        names = [rule.name for rule in self.rules]
        for place, name in enumerate(names):
            if name in (self.fallback_name, ERROR_OUTPUT) or name in names[:place]:
                raise sure_fault(f"rules[{place}].name: an output “{name}” is there already.")
        return self


def _outputs(params: Mapping[str, Json]) -> tuple[str, ...]:
    rules, fallback = params.get("rules"), params.get("fallback_name")
    if not isinstance(fallback, str) or fallback == ERROR_OUTPUT:
        fallback = FALLBACK
    names: list[str] = []
    for rule in rules if isinstance(rules, list) else ():
        name = rule.get("name") if isinstance(rule, dict) else None
        if isinstance(name, str) and name not in (*names, fallback, ERROR_OUTPUT):
            names.append(name)
    return tuple(names) if params.get("fallback") == "none" else (*names, fallback)


def _is(left: str, right: str) -> dict[str, Json]:
    operator = {"type": "string", "operation": "equals"}
    return {"conditions": [{"leftValue": left, "operator": operator, "rightValue": right}]}


@node(
    type="switch",
    label="Switch",
    group="flow",
    icon="split",
    keywords=("case", "route", "branch"),
    each="route",
    outputs=_outputs,
    examples=[
        Example(
            title="By rules",
            params={
                "rules": [
                    {"name": "paid", "conditions": _is("={{ $json.state }}", "paid")},
                    {"name": "open", "conditions": _is("={{ $json.state }}", "open")},
                ]
            },
            takes=[{"state": "open"}, {"state": "lost"}],
            gives={"open": [{"state": "open"}], "fallback": [{"state": "lost"}]},
        ),
        Example(
            title="By an expression",
            params={"rules": [{"name": "a"}, {"name": "b"}], "expression": "={{ $json.way }}"},
            takes=[{"way": "b"}, {"way": 0}],
            gives={"b": [{"way": "b"}], "a": [{"way": 0}]},
        ),
    ],
)
def switch(items: Items, params: Sequence[Params], ctx: StepContext) -> list[Way]:
    """Sends each item out by the first rule whose conditions hold, or by all whose conditions do.

    With an `expression`, that says which rule it is: by its name, or by its place from 0. What
    matches no rule leaves by `fallback`, or is dropped where `fallback` is `none`.
    """
    if not params:
        return []
    first = params[0]
    # Not by what the first item gives: an item whose expression gives nothing obeys no rules.
    written = ctx.call.node.params.get("expression")
    if written is not None and not is_empty_template(written):
        ways: list[Way] = [_named(each) for each in params]
    else:
        ways = _ruled(items, params, ctx)
    otherwise = [] if first.fallback == "none" else [first.fallback_name]
    return [otherwise if way == [] else way for way in ways]


def _ruled(items: Items, params: Sequence[Params], ctx: StepContext) -> list[Way]:
    """The outputs of each item, rule by rule: what left already is not asked again."""
    ways: list[Way] = [[] for _ in params]
    for number, rule in enumerate(params[0].rules):
        asked = [
            place
            for place, way in enumerate(ways)
            if isinstance(way, list) and (params[place].all_matches or not way)
        ]
        filters = [params[place].rules[number].conditions for place in asked]
        for place, verdict in zip(
            asked, verdicts_of([items[place] for place in asked], filters, ctx), strict=True
        ):
            if isinstance(verdict, NodeError):
                ways[place] = verdict
            elif verdict:
                ways[place] = [*ways[place], rule.name]  # type: ignore[misc]  # asked: a list
    return ways


def _named(params: Params) -> Way:
    wanted = params.expression
    if isinstance(wanted, float) and wanted.is_integer():
        wanted = int(wanted)
    if isinstance(wanted, str):
        return [wanted] if any(rule.name == wanted for rule in params.rules) else []
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        return NodeError(
            "invalid_params",
            f"expression: a name or a whole number is needed, not {describe(wanted)}.",
        )
    return [params.rules[wanted].name] if 0 <= wanted < len(params.rules) else []
