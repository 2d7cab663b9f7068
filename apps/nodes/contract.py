"""What a node type declares, checked when it is imported, and the type that comes of it."""

import builtins
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.engine.errors import Fault
from apps.engine.graph import OnCrash
from apps.engine.items import Json
from apps.engine.outcomes import Done, Kind, Outcome
from apps.engine.ports import Attempt, StepCall
from apps.nodes.compiled import check_types, compiled_of
from apps.nodes.context import services
from apps.nodes.params import ParamsModel
from apps.nodes.steps import PreparedStep, paired_inputs

Each = Literal["item", "items", "results", "route", "step"]
"""How a type's function is called (`PreparedStep.run` does it):

item    f(item, params, ctx) -> Item or Items        once an item, with that item's params
items   f(items, [params], ctx) -> Items or Done     once a step, with the params of each item
results f(items, [params], ctx) -> [Items or error]  once a step; a generator, which says what came
                                                     of each item, and is closed when it is left
route   f(items, [params], ctx) -> [output, outputs or error]  by which each item leaves
step    f({input: items}, params, ctx) -> {output: items} or an Outcome; the first item's params
"""

Names = tuple[str, ...] | Callable[[Mapping[str, Json]], tuple[str, ...]]
CrashPolicy = OnCrash | Callable[[Mapping[str, Json]], OnCrash]
Resumes = Callable[..., Outcome]
"""`f({input: items}, params, ctx) -> Outcome`: goes on with a step that waited."""
CredentialsOf = Callable[[Mapping[str, Json]], tuple[str, ...]]
"""Which types of credentials a node takes, where its params say it."""
Claim = Callable[[Mapping[str, Json]], Sequence[str]]
"""What a trigger with these params takes for itself alone (`POST /hooks/orders`)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the outside answers to one request of an example. A `body` of bytes is sent as it is."""

    status: int = 200
    body: Json | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """A file that an item of an example bears."""

    content: bytes
    name: str = ""
    media_type: str = ""


ExampleFiles = Sequence[Mapping[str, ExampleFile]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One use of a type: run as a test, shown in the reference.

    `takes` are the items' json of the only input, or of each input by name; `gives` the same for
    outputs. An output that is not named must stay empty. The files stand for the items of the first
    input and output, in order; of what is given, only what they name is compared. `postgres` is SQL
    that sets up the database behind the example's credential; `mail` tells of each message that is
    to be sent, as far as it is named; `credentials` are the values of each type that is used.
    """

    title: str = ""
    params: Mapping[str, Json] = field(default_factory=dict)
    takes: Sequence[Json] | Mapping[str, Sequence[Json]] = ({},)
    http: Sequence[Answer] = ()
    gives: Sequence[Json] | Mapping[str, Sequence[Json]] | None = None
    takes_files: ExampleFiles = ()
    gives_files: ExampleFiles = ()
    credentials: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    postgres: str | None = None
    mail: Sequence[Mapping[str, Json]] = ()
    fails: str | None = None
    waits_s: float | None = None
    waits_for: str | None = None


@dataclass(frozen=True)
class NodeType:
    """A node type: the engine's `NodeSpec`, and what the palette, the forms and the docs show."""

    type: str
    version: int
    label: str
    group: str
    icon: str
    kind: Kind
    each: Each
    model: builtins.type[ParamsModel]
    function: Callable[..., Any] = field(repr=False)
    input_names: Names
    output_names: Names
    is_loop: bool
    on_crash: CrashPolicy
    credentials: tuple[str, ...]
    examples: tuple[Example, ...] = field(repr=False)
    keywords: tuple[str, ...]
    """Other words for what it does, by which the palette finds it."""
    place: int | None
    """Which in its group it is in the palette; those without one follow by name."""
    code_fields: frozenset[str]
    late_fields: frozenset[str]
    """Whose templates the function resolves itself (`ctx.resolve_late`), when more is known."""
    credentials_of: CredentialsOf | None = field(default=None, repr=False)
    claim: Claim | None = field(default=None, repr=False)
    resumes: Resumes | None = field(default=None, repr=False)

    def inputs(self, params: Mapping[str, Json]) -> tuple[str, ...]:
        return self.input_names(params) if callable(self.input_names) else self.input_names

    def outputs(self, params: Mapping[str, Json]) -> tuple[str, ...]:
        return self.output_names(params) if callable(self.output_names) else self.output_names

    def crash_policy(self, params: Mapping[str, Json]) -> OnCrash:
        return self.on_crash(params) if callable(self.on_crash) else self.on_crash

    def credentials_for(self, params: Mapping[str, Json]) -> tuple[str, ...]:
        """The types of credentials that a node with these params takes."""
        return self.credentials_of(params) if self.credentials_of is not None else self.credentials

    def claims(self, params: Mapping[str, Json]) -> Sequence[str]:
        """What a trigger takes for itself alone: no two of a graph may claim the same."""
        return self.claim(params) if self.claim is not None else ()

    def check(self, params: Mapping[str, Json]) -> list[Fault]:
        """Everything wrong with these params. For a whole graph, `Library.check` is far cheaper."""
        return check_types([(self, params)], services().editor_sandbox)[0]

    def prepare(self, call: StepCall) -> PreparedStep:
        return PreparedStep(self, call, *compiled_of(self, call.node.params).resolve(call))

    def resume(self, call: StepCall, attempt: Attempt) -> Outcome:
        """Go on with a step that waited; where its type says nothing, it passes its items on."""
        if self.resumes is not None:
            return self.prepare(call).resume(attempt, self.resumes)
        items = next(iter(paired_inputs(call).values()), [])
        return Done({self.outputs(call.node.params)[0]: items})

    def describe(self) -> dict[str, Json]:
        """The entry of `GET /node-types`."""
        description, _, docs = (inspect.getdoc(self.function) or "").partition("\n\n")
        return {
            "type": self.type,
            "version": self.version,
            "label": self.label,
            "group": self.group,
            "description": " ".join(description.split()),
            "keywords": list(self.keywords),
            "inputs": list(self.inputs({})),
            "outputs": list(self.outputs({})),
            "kind": self.kind.value,
            "params_schema": self._params_schema(),
            "ui": {
                "icon": self.icon,
                "place": self.place,
                "dynamic_inputs": callable(self.input_names),
                "dynamic_outputs": callable(self.output_names),
                "credentials": list(self.credentials),
                "credentials_by": self._credentials_by_choice(),
            },
            "docs": docs,
            "example": self._example_item(),
        }

    def _params_schema(self) -> dict[str, Any]:
        """Marked where no param at all may hold a template: before a trigger there are no items."""
        schema = self.model.model_json_schema()
        return schema | {"x-literal": True} if self.kind is Kind.TRIGGER else schema

    def _credentials_by_choice(self) -> dict[str, Json]:
        """The param that decides which credentials are taken, and which with each of its values."""
        if self.credentials_of is None:
            return {}
        for name, schema in self.model.model_json_schema()["properties"].items():
            taken = {
                value: list(self.credentials_of({name: value})) for value in schema.get("enum", ())
            }
            if len({tuple(types) for types in taken.values()}) > 1:
                return {name: taken}
        return {}

    def _example_item(self) -> Json:
        """The json of an item as a trigger gives it; None for what is no trigger."""
        if self.kind != Kind.TRIGGER:
            return None
        takes = self.examples[0].takes
        return takes[0] if isinstance(takes, Sequence) else None


def node(
    *,
    type: str,
    version: int = 1,
    label: str,
    group: Literal["triggers", "actions", "transformations", "flow"],
    icon: str,
    keywords: tuple[str, ...] = (),
    place: int | None = None,
    each: Each,
    kind: Kind = Kind.PURE,
    inputs: Names = ("main",),
    outputs: Names = ("main",),
    is_loop: bool = False,
    on_crash: CrashPolicy = "run_again",
    credentials: tuple[str, ...] = (),
    credentials_of: CredentialsOf | None = None,
    claim: Claim | None = None,
    resumes: Resumes | None = None,
    examples: Sequence[Example],
) -> Callable[[Callable[..., Any]], NodeType]:
    """Make a node type of the function that does its work; its docstring is what people read."""

    def declare(function: Callable[..., Any]) -> NodeType:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", type):
            raise TypeError(f"{type!r} is no id of a node type")
        if not inspect.getdoc(function):
            raise TypeError(f"{type}: its function needs a docstring")
        if not examples:
            raise TypeError(f"{type}: it needs an example")
        if kind is Kind.TRIGGER and inputs:
            raise TypeError(f"{type}: a trigger has no inputs")
        model = _params_model(function)
        return NodeType(
            type=type,
            version=version,
            label=label,
            group=group,
            icon=icon,
            kind=kind,
            each=each,
            model=model,
            function=function,
            input_names=inputs,
            output_names=outputs,
            is_loop=is_loop,
            on_crash=on_crash,
            credentials=credentials,
            examples=tuple(examples),
            keywords=keywords,
            place=place,
            credentials_of=credentials_of,
            code_fields=_fields_marked(model, "x-code"),
            late_fields=_fields_marked(model, "x-late"),
            claim=claim,
            resumes=resumes,
        )

    return declare


def _params_model(function: Callable[..., Any]) -> type[ParamsModel]:
    """The model in the annotation of `params`, which may be a list of it."""
    annotation = inspect.signature(function, eval_str=True).parameters["params"].annotation
    model = getattr(annotation, "__args__", (annotation,))[0]
    if not (inspect.isclass(model) and issubclass(model, ParamsModel)):
        raise TypeError(f"{function.__name__}: params must be a ParamsModel, not {annotation}")
    return model


def _fields_marked(model: type[ParamsModel], mark: str) -> frozenset[str]:
    extras = {name: info.json_schema_extra for name, info in model.model_fields.items()}
    return frozenset(
        name for name, extra in extras.items() if isinstance(extra, dict) and mark in extra
    )
