"""Templates in parameters. Signatures agreed; the bodies are being written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.expressions.sandbox import Limits, Sandbox
from apps.expressions.scope import Scope

DEFAULT_LIMITS: Limits


@dataclass(frozen=True)
class TemplateFault:
    """A template that does not parse: in which parameter, at which character, and why."""

    path: str  # "assignments[0].value"
    position: int
    message: str


class Compiled:
    """Parameters with their templates parsed."""

    params: Mapping[str, Any]
    is_static: bool  # no template in it: resolve() gives `params` itself for every item
    paths: list[str]  # where templates stand: "assignments[0].value"
    names: frozenset[str]  # the nodes named in the templates


@dataclass(frozen=True)
class Resolved:
    """One dict of parameters for each item; treat them as read-only, static parts are shared.

    A template that gives undefined leaves its key out of an object, and null in a list, as JSON
    does. `rounded`: JavaScript saw an integer that it cannot hold exactly.
    """

    params: list[dict[str, Any]]
    rounded: bool


def compile_params(params: Mapping[str, Any], code_fields: Collection[str] = ()) -> Compiled:
    """Parse the templates of parameters; those of `code_fields` (top level) are never templates.

    Raises ExpressionError if they are nested over 100 deep."""
    raise NotImplementedError


def resolve(
    compiled: Compiled, scope: Scope, sandbox: Sandbox, limits: Limits = DEFAULT_LIMITS
) -> Resolved:
    """Resolve for each of `scope.items`: plain paths in Python, the rest in one sandbox call."""
    raise NotImplementedError


def check(compiled: Sequence[Compiled], sandbox: Sandbox) -> list[list[TemplateFault]]:
    """Find the templates that do not parse, for many nodes at once (a whole graph in few calls)."""
    raise NotImplementedError


def names(source: str) -> frozenset[str]:
    """Return the node names that stand in JavaScript source: `$('X')`, `$node["X"]`, `$items('X')`."""
    raise NotImplementedError
