"""A small node library for engine tests: nodes that record, fail, wait and loop as told."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from apps.engine.errors import Fault, NodeError, RevokedError
from apps.engine.items import Item, Paired
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.engine.ports import Attempt, StepCall

Behaviour = Callable[[StepCall, Attempt | None], Outcome]


@dataclass(frozen=True)
class PreparedCall:
    call: StepCall
    behave: Behaviour

    def run(self, attempt: Attempt) -> Outcome:
        return self.behave(self.call, attempt)


@dataclass(frozen=True)
class TestType:
    __test__ = False

    type: str
    kind: Kind
    behave: Behaviour
    is_loop: bool = False
    on_crash: str = "run_again"
    input_names: tuple[str, ...] = ("main",)
    output_names: tuple[str, ...] = ("main",)

    def inputs(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return self.input_names

    def outputs(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        return self.output_names

    def crash_policy(self, params: Mapping[str, Any]) -> str:
        return self.on_crash

    def check(self, params: Mapping[str, Any]) -> list[Fault]:
        return []

    def prepare(self, call: StepCall) -> PreparedCall:
        if call.node.params.get("refuses"):
            raise NodeError("bad_input", "the test said so")
        return PreparedCall(call, self.behave)

    def resume(self, call: StepCall, attempt: Attempt | None = None) -> Outcome:
        if call.node.params.get("swallows"):
            assert attempt is not None
            with suppress(RevokedError):
                attempt.check()
        return Done({"main": call.inputs["main"]})


def taken(call: StepCall) -> list[Item]:
    return [item for items in call.inputs.values() for item in items]


def add_one(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Pure: counts up `n` and remembers the path of nodes that an item went."""
    return Done(
        {
            "main": [
                Item(
                    {
                        "n": item.json.get("n", 0) + 1,
                        "path": [*item.json.get("path", []), call.node.id],
                    },
                    paired=(Paired(place),),
                )
                for place, item in enumerate(taken(call))
            ]
        }
    )


def split(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Pure: items with an even `n` go to `true`, the others to `false`."""
    outputs: dict[str, list[Item]] = {"true": [], "false": []}
    for place, item in enumerate(taken(call)):
        even = item.json.get("n", 0) % 2 == 0
        outputs["true" if even else "false"].append(Item(item.json, paired=(Paired(place),)))
    return Done(outputs)


def gather(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Pure: one item that comes of all."""
    places = range(len(taken(call)))
    return Done({"main": [Item({"n": len(places)}, paired=tuple(map(Paired, places)))]})


def drop(call: StepCall, attempt: Attempt | None) -> Outcome:
    return Done({"main": []})


def give(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Pure: as many items as `params.count` says."""
    return Done({"main": [Item({"n": n}) for n in range(call.node.params["count"])]})


def fail(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Fails on every attempt up to `params.times`."""
    if call.attempt <= call.node.params.get("times", 1_000):
        raise NodeError("http_status", "the test said so", retryable=True)
    return add_one(call, attempt)


def loop(call: StepCall, attempt: Attempt | None) -> Outcome:
    batch = call.batch
    assert batch is not None
    size = call.node.params.get("batch_size", 1)
    if batch.position >= len(batch.items):
        done = [
            Item(item.json, paired=(Paired(place, 1),))
            for place, item in enumerate(batch.collect())
        ]
        return Done({"loop": [], "done": done})
    places = range(batch.position, min(batch.position + size, len(batch.items)))
    return Done(
        {"loop": [Item(batch.items[p].json, paired=(Paired(p),)) for p in places], "done": []}
    )


def nonsense(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Gives what are no items."""
    return Done({"main": [Item("text")]})  # type: ignore[arg-type]


def recall(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Looks back at an item of the node `params.node`."""
    seen = call.history.paired(call.node.params["node"], call.node.params.get("item", 0))
    return Done({"main": [Item({"seen": seen["json"]})]})


def look_back(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Tells from where its items came."""
    came_from = call.history.previous()
    assert came_from is not None
    return Done({"main": [Item({"seen": [came_from.node, came_from.output, came_from.run]})]})


def approval(call: StepCall, attempt: Attempt | None) -> Outcome:
    return Wait("decision")


def delay(call: StepCall, attempt: Attempt | None) -> Outcome:
    return Wait("delay", call.now + timedelta(seconds=call.node.params["seconds"]))


@dataclass
class Effects:
    """What effects did to the outside: started (and so done), by idempotency key."""

    started: list[str] = field(default_factory=list)

    def act(self, call: StepCall, attempt: Attempt | None) -> Outcome:
        assert attempt is not None
        params = call.node.params
        attempt.check()
        self.started.append(attempt.key(0))
        if "log" in params:
            attempt.log("info", params["log"])
        if "takes_s" in params:
            is_revoked = threading.Event()
            attempt.on_revoke(is_revoked.set)
            is_revoked.wait(params["takes_s"])
        if params.get("swallows"):
            with suppress(RevokedError):
                attempt.check()
        return fail(call, attempt) if "times" in params else add_one(call, attempt)


class TestLibrary:
    __test__ = False

    def __init__(self) -> None:
        self.effects = Effects()
        types = [
            TestType("start", Kind.TRIGGER, add_one, input_names=()),
            TestType("add", Kind.PURE, add_one),
            TestType("split", Kind.PURE, split, output_names=("true", "false")),
            TestType("gather", Kind.PURE, gather),
            TestType("drop", Kind.PURE, drop),
            TestType("give", Kind.PURE, give),
            TestType("fail", Kind.PURE, fail),
            TestType("stop", Kind.PURE, fail, output_names=()),
            TestType("join", Kind.PURE, add_one, input_names=("a", "b")),
            TestType("loop", Kind.INNER, loop, is_loop=True, output_names=("loop", "done")),
            TestType("nonsense", Kind.PURE, nonsense),
            TestType("recall", Kind.PURE, recall),
            TestType("look_back", Kind.PURE, look_back),
            TestType("delay", Kind.WAITS, delay),
            TestType("approval", Kind.WAITS, approval),
            TestType("effect", Kind.EFFECT, self.effects.act),
            TestType("risky", Kind.EFFECT, self.effects.act, on_crash="fail"),
            TestType("asking", Kind.EFFECT, self.effects.act, on_crash="ask"),
        ]
        self._types = {each.type: each for each in types}

    def put(self, type: TestType) -> None:
        self._types[type.type] = type

    def find(self, type: str, version: int) -> TestType | None:
        return self._types.get(type)

    def types(self) -> list[str]:
        return list(self._types)
