"""Makes one node of our graph of one of n8n's."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from apps.engine.items import Json
from apps.engine.parse_node import FARTHEST
from apps.interchange.n8n.expressions import missing_names
from apps.interchange.n8n.given import Given, UnsupportedError
from apps.interchange.n8n.kept import kept
from apps.interchange.n8n.report import Report
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.table import TRANSLATORS
from apps.interchange.n8n.typed_json import MOST_DEPTH, require_bounded

PACKAGE = "n8n-nodes-base."
MOST_NOTES = 50_000
WIDER = 1.4
"""Our nodes are wider than n8n's, and would overlap in the same places."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_CODE = ("jsCode", "functionCode")


@dataclass(frozen=True, slots=True)
class Placed:
    """A node of our graph, and how n8n's edges reach it."""

    node: dict[str, Json]
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.node["id"])


def place(written: Mapping[str, Json], id: str, name: str, report: Report) -> Placed:
    """The node that stands for one of n8n's: of the same kind, or a placeholder."""
    given = Given(dict(written))
    source = Source(
        name=name,
        type=given.text("type"),
        version=_version(written.get("typeVersion")),
        given=given.inner("parameters"),
        credentials=given.inner("credentials").members,
    )
    notes = given.text("notes")[:MOST_NOTES]
    try:
        made = _made(source)
    except UnsupportedError as error:
        report.leave_out(name, source.type[:200], str(error))
        made = Made("no_operation", {"stands_for": _told_type(source)})
        notes = "\n\n".join(filter(None, (notes, kept(dict(written)))))
    else:
        for told in source.warnings:
            report.warn(name, told)
        code = tuple(source.given.text(key) for key in _CODE)
        for told in missing_names(dict(source.given.members), code):
            report.warn(name, told)
        _warn_of_credentials(source, report)
    node: dict[str, Json] = {
        "id": id,
        "type": made.type,
        "name": name,
        "params": made.params,
        "position": position_of(written.get("position")),
    }
    node |= _behaviour(given)
    if notes:
        node["notes"] = notes
    return Placed(node, made.outputs, made.inputs)


def _told_type(source: Source) -> str:
    """As `telegram of n8n`, without the package that it is of."""
    name = source.type.rpartition(".")[2] or "a node"
    return f"{_CONTROL.sub(' ', name)[:200]} of n8n"


def _made(source: Source) -> Made:
    if not source.type:
        raise UnsupportedError("It has no type.")
    translate = TRANSLATORS.get(source.type.removeprefix(PACKAGE))
    if translate is None or not source.type.startswith(PACKAGE):
        raise UnsupportedError("FlowForge has no node of this type.")
    require_bounded(dict(source.given.members), "Its parameters are", MOST_DEPTH)
    made = translate(source)
    # Again: what was read or reckoned has come to it.
    require_bounded(made.params, "Its parameters are")
    return made


def _warn_of_credentials(source: Source, report: Report) -> None:
    for type, credential in source.credentials.items():
        name = Given(credential).text("name") if isinstance(credential, dict) else credential
        called = f"“{str(name)[:100]}” ({type[:100]})" if name else type[:100]
        report.warn(source.name, f"Choose a credential: in n8n it is {called}.")


def _behaviour(given: Given) -> dict[str, Json]:
    """How the node runs, whatever its type."""
    behaviour: dict[str, Json] = {}
    if given.flag("disabled"):
        behaviour["disabled"] = True
    if given.flag("alwaysOutputData"):
        behaviour["always_output"] = True
    if given.flag("executeOnce"):
        behaviour["run_once"] = True
    on_error = given.text("onError")
    if on_error == "continueErrorOutput":
        behaviour["on_error"] = "route"
    elif on_error == "continueRegularOutput" or (not on_error and given.flag("continueOnFail")):
        behaviour["on_error"] = "continue"
    if given.flag("retryOnFail"):
        # n8n's own bounds.
        tries = int(given.plain_number("maxTries", 3, 2, 5))
        wait_s = given.plain_number("waitBetweenTries", 1_000, 0, 5_000) / 1_000
        behaviour["retry"] = {"count": tries - 1, "wait_s": wait_s, "factor": 1, "jitter": False}
    return behaviour


def _version(written: Json) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        return 1
    return float(written) if abs(written) < 1_000 else 1


def position_of(written: Json) -> list[Json]:
    """A place on the canvas; the origin, where none can be read."""
    if isinstance(written, dict):
        written = [written.get("x"), written.get("y")]
    if not isinstance(written, list) or len(written) < 2:
        return [0, 0]
    x, y = written[:2]
    return [_within(x, WIDER), _within(y)]


def _within(part: Json, factor: float = 1) -> Json:
    if isinstance(part, bool) or not isinstance(part, int | float):
        return 0
    if isinstance(part, float) and math.isnan(part):
        return 0
    farthest = FARTHEST / factor
    return round(min(max(part, -farthest), farthest) * factor)


class Names:
    """Names that our graphs take, each given once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last number behind each text, so that no number is tried twice."""

    def free(self, written: Json, fallback: str) -> str:
        """The name itself, or with the next free number behind it."""
        text = _CONTROL.sub(" ", written[:500]).strip() if isinstance(written, str) else ""
        name = base = text[:128].rstrip() or fallback
        stem = base[:120]
        while name in self._taken:
            number = self._numbers[stem] = self._numbers.get(stem, 1) + 1
            name = f"{stem} {number}"
        self._taken.add(name)
        return name
