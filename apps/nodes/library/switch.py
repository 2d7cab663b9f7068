"""Switch: sends each item one of several ways."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.graph import ERROR_OUTPUT
from apps.engine.items import Items, Json
from apps.nodes.conditions import Conditions, hold
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.field_types import describe
from apps.nodes.params import Literally, LiteralText, ParamsModel
from apps.nodes.regex import matcher

FALLBACK = "fallback"


class Rule(ParamsModel):
    name: LiteralText = Field(title="Output", min_length=1, max_length=64)
    conditions: Conditions = Field(
        default_factory=lambda: Conditions(conditions=[]),
        title="Conditions",
        json_schema_extra={"x-widget": "conditions"},
    )


class Params(ParamsModel):
    rules: list[Rule] = Field(title="Rules", min_length=1, max_length=100)
    expression: Any = Field(
        None, title="Expression", description="Gives a rule's name or its place, from 0."
    )
    fallback: Annotated[Literal["output", "none"], Literally()] = Field(
        "output", title="Items that match no rule"
    )

    @model_validator(mode="after")
    def _names_differ(self) -> "Params":
        names = [rule.name for rule in self.rules]
        for place, name in enumerate(names):
            if name in (FALLBACK, ERROR_OUTPUT) or name in names[:place]:
                raise ValueError(f"rules[{place}].name: an output “{name}” is there already.")
        return self


def _outputs(params: Mapping[str, Json]) -> tuple[str, ...]:
    rules = params.get("rules")
    names: list[str] = []
    for rule in rules if isinstance(rules, list) else ():
        name = rule.get("name") if isinstance(rule, dict) else None
        if isinstance(name, str) and name not in (*names, FALLBACK, ERROR_OUTPUT):
            names.append(name)
    return tuple(names) if params.get("fallback") == "none" else (*names, FALLBACK)


def _is(left: str, right: str) -> dict[str, Json]:
    operator = {"type": "string", "operation": "equals"}
    return {"conditions": [{"leftValue": left, "operator": operator, "rightValue": right}]}


@node(
    type="switch",
    label="Switch",
    group="flow",
    icon="split",
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
def switch(items: Items, params: Sequence[Params], ctx: StepContext) -> list[str | None]:
    """Sends each item out by the first rule whose conditions hold.

    With an `expression`, that says which rule it is: by its name, or by its place from 0. What
    matches no rule leaves by `fallback`, or is dropped where `fallback` is `none`.
    """
    if not params:
        return []
    otherwise = None if params[0].fallback == "none" else FALLBACK
    if params[0].expression is not None:
        return [_named(each) or otherwise for each in params]
    taken: list[str | None] = [None] * len(items)
    for place in range(len(params[0].rules)):
        open_items = [index for index, name in enumerate(taken) if name is None]
        filters = [params[index].rules[place].conditions for index in open_items]
        verdicts = hold(filters, matcher(ctx), ZoneInfo(ctx.timezone))
        for index, verdict in zip(open_items, verdicts, strict=True):
            if verdict:
                taken[index] = params[index].rules[place].name
    return [name or otherwise for name in taken]


def _named(params: Params) -> str | None:
    wanted = params.expression
    if isinstance(wanted, str):
        return wanted if any(rule.name == wanted for rule in params.rules) else None
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        raise NodeError(
            "invalid_params",
            f"expression: a name or a whole number is needed, not {describe(wanted)}.",
        )
    return params.rules[wanted].name if 0 <= wanted < len(params.rules) else None
