"""Node types of the simulation. What a step gives depends on what it takes, and on nothing else:

so however a run is killed and in whatever order its branches end, the outcome must be the same.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from apps.engine.errors import NodeError
from apps.engine.items import Item, Paired
from apps.engine.outcomes import Done, Kind, Outcome, Wait, Write
from apps.engine.ports import Attempt, StepCall
from tests.engine.library import Behaviour, PreparedCall, TestType
from tests.engine.simulation.outside import Outside

ODD = [(1, 2), float("nan"), 2**70, "\ud800", "nul \x00", -(10**30), {"a": [None, ()]}]
"""Values that JSON changes or that writers trip over: passed on is what was stored."""
PRIME = 1_000_003


def counted(call: StepCall, extra: int = 0) -> list[Item]:
    """Every item taken, changed in a way that tells by which node and input it went."""
    number = int(call.node.id.removeprefix("n"))
    return [
        Item(
            {"n": (31 * item.json.get("n", 7) + 7 * number + place + extra) % PRIME},
            paired=(Paired(index, place),),
        )
        for place, items in enumerate(call.inputs.values())
        for index, item in enumerate(items)
    ]


def add(call: StepCall, attempt: Attempt) -> Outcome:
    _perhaps_fail(call)
    return Done({"main": counted(call)})


@dataclass(frozen=True)
class Noted(Write):
    """Stands for the rows that inner nodes make."""

    by: str


def talk(call: StepCall, attempt: Attempt) -> Outcome:
    attempt.log("info", "a pure node talks")
    return Done({"main": counted(call)}, writes=(Noted(call.node.id),))


def split(call: StepCall, attempt: Attempt) -> Outcome:
    items = counted(call)
    return Done(
        {
            "true": [item for item in items if item.json["n"] % 2 == 0],
            "false": [item for item in items if item.json["n"] % 2],
        }
    )


def drop(call: StepCall, attempt: Attempt) -> Outcome:
    return Done({"main": []})


def give(call: StepCall, attempt: Attempt) -> Outcome:
    return Done({"main": [Item({"n": n}) for n in range(call.node.params["count"])]})


def odd(call: StepCall, attempt: Attempt) -> Outcome:
    value = ODD[call.node.params["which"]]
    return Done({"main": [item.with_json({**item.json, "odd": value}) for item in counted(call)]})


def recall(call: StepCall, attempt: Attempt) -> Outcome:
    """Looks back as expressions do: whence the first item came, and all that a node gave."""
    name = call.node.params["node"]
    try:
        seen = call.history.paired(name, 0)["json"]["n"]
    except NodeError as error:
        seen = len(error.code)
    except (KeyError, TypeError):
        seen = 1
    items = call.history.items(name, 0, -1) or ()
    return Done({"main": counted(call, seen + len(items))})


def loop(call: StepCall, attempt: Attempt) -> Outcome:
    batch = call.batch
    assert batch is not None
    size = -(-len(batch.items) // call.node.params["batches"])
    if batch.position >= len(batch.items):
        back = enumerate(batch.collect())
        return Done({"loop": [], "done": [Item(i.json, paired=(Paired(p, 1),)) for p, i in back]})
    places = range(batch.position, min(batch.position + size, len(batch.items)))
    return Done({"loop": [Item(batch.items[p].json, paired=(Paired(p),)) for p in places]})


def delay(call: StepCall, attempt: Attempt) -> Outcome:
    until = call.now + timedelta(seconds=call.node.params["seconds"])
    return Wait("delay", until, writes=(Noted(call.node.id),))


def hook(call: StepCall, attempt: Attempt) -> Outcome:
    return Wait("signal")


def still(call: StepCall, trouble: str) -> bool:
    """Whether this attempt is among those that the trouble spoils.

    Attempts that died with a worker count here and use up no retry, so what the retries do not
    outlast lasts for ever: the outcome must not depend on kills.
    """
    times = call.node.params.get(trouble, 0)
    return call.attempt <= times or times > call.node.retry.count


def _perhaps_fail(call: StepCall) -> None:
    if still(call, "fails"):
        raise NodeError("http_status", "fails as it was told to", retryable=True)


@dataclass(frozen=True)
class SimulatedType(TestType):
    outside: Outside | None = None

    def prepare(self, call: StepCall) -> PreparedCall:
        assert self.outside is not None
        self.outside.see(call)
        if call.node.params.get("refuses"):
            raise NodeError("bad_input", "refuses its input")
        return PreparedCall(call, self.behave)

    def resume(self, call: StepCall, attempt: Attempt) -> Outcome:
        answer = call.signal["answer"] if call.signal else 0
        return Done({"main": counted(call, answer)})


class SimulatedLibrary:
    def __init__(self, outside: Outside) -> None:
        def act(call: StepCall, attempt: Attempt) -> Outcome:
            outside.happen(call, attempt, is_slow=still(call, "slow"))
            _perhaps_fail(call)
            return Done({"main": counted(call)})

        def type(name: str, kind: Kind, behave: Behaviour, **members: Any) -> SimulatedType:
            return SimulatedType(name, kind, behave, outside=outside, **members)

        types = [
            type("start", Kind.TRIGGER, add, input_names=()),
            type("add", Kind.PURE, add),
            type("talk", Kind.PURE, talk),
            type("split", Kind.PURE, split, output_names=("true", "false")),
            type("drop", Kind.PURE, drop),
            type("give", Kind.PURE, give),
            type("odd", Kind.PURE, odd),
            type("recall", Kind.PURE, recall),
            type("join", Kind.PURE, add, input_names=("a", "b")),
            type("loop", Kind.INNER, loop, is_loop=True, output_names=("loop", "done")),
            type("delay", Kind.WAITS, delay),
            type("hook", Kind.WAITS, hook),
            type("effect", Kind.EFFECT, act),
            type("risky", Kind.EFFECT, act, on_crash="fail"),
            type("asking", Kind.EFFECT, act, on_crash="ask"),
        ]
        self._types = {each.type: each for each in types}

    def find(self, type: str, version: int) -> SimulatedType | None:
        return self._types.get(type)

    def types(self) -> list[str]:
        return list(self._types)
