"""The workflows that are disturbed, and the effects that an undisturbed run of each has."""

from itertools import pairwise
from typing import Any

from tests.graphs import graph, node
from tests.integration.effects import EffectServer

Document = dict[str, Any]


PATIENCE_S = 600
"""So long that no effect runs out of time, however busy the machine is."""


def call(id: str, url: str, **members: Any) -> Document:
    params = {"url": url, "timeout_s": PATIENCE_S}
    return node(id, "http_call", params=params, timeout_s=PATIENCE_S, **members)


def busy(path: str, effects: EffectServer) -> tuple[Document, set[str]]:
    """Two branches with slow effects (one with a delay in it), a join, and a loop of three."""
    document = graph(
        [
            node("hook", "webhook", params={"path": path}),
            node(
                "three",
                "transform",
                params={"code": "return [1, 2, 3].map(n => ({n, twice: 2 * n}))", "mode": "all"},
            ),
            node("set", "set_fields"),
            call("left", effects.url(150), run_once=True),
            call("left_more", effects.url(250)),
            call("right", effects.url(200), run_once=True),
            node("nap", "delay", params={"seconds": 0.7}),
            call("right_more", effects.url(100)),
            node("join", "merge"),
            node("each", "loop"),
            call("inside", effects.url(120)),
            node("end", "set_fields"),
        ],
        [
            "hook -> set",
            "set -> left",
            "left -> left_more",
            "left_more -> join.input_1",
            "set -> right",
            "right -> nap",
            "nap -> right_more",
            "right_more -> join.input_2",
            "join -> three",
            "three -> each",
            "each.loop -> inside",
            "inside -> each",
            "each.done -> end",
        ],
    )
    steps = {f"{step}:0" for step in ("left", "left_more", "right", "right_more")}
    return document, steps | {f"inside:{iteration}" for iteration in range(3)}


def chain(path: str, effects: EffectServer, on_crash: str, ms: int) -> Document:
    """Ten effects, one after the other."""
    names = ["hook", *(f"step_{n}" for n in range(1, 11))]
    return graph(
        [
            node("hook", "webhook", params={"path": path}),
            *(call(name, effects.url(ms), on_crash=on_crash) for name in names[1:]),
        ],
        [f"{before} -> {after}" for before, after in pairwise(names)],
    )


def deadly(path: str, effects: EffectServer, **settings: str) -> Document:
    """A step that kills whoever executes it, beside another that is silent."""
    return graph(
        [
            node("hook", "webhook", params={"path": path}),
            call("beside", effects.held_url),
            call("deadly", effects.deadly_url),
        ],
        ["hook -> beside", "hook -> deadly"],
        **settings,
    )


def quick(path: str) -> Document:
    """Ends as soon as it has begun."""
    hook = node("hook", "webhook", params={"path": path})
    return graph([hook, node("end", "set_fields")], ["hook -> end"])


def napping(path: str, seconds: float) -> Document:
    """Waits, and ends."""
    return graph(
        [
            node("hook", "webhook", params={"path": path}),
            node("nap", "delay", params={"seconds": seconds}),
        ],
        ["hook -> nap"],
    )


def each_second() -> Document:
    """Started by a schedule, each second."""
    cron = {"cron": "* * * * * *", "missed": "all", "missed_most": 1_000}
    return graph([node("tick", "schedule", params=cron), node("end")], ["tick -> end"])


def dying(path: str, by: str) -> Document:
    """A step that ends the process that executes it."""
    return graph(
        [node("hook", "webhook", params={"path": path}), node("dying", "dying", params={"by": by})],
        ["hook -> dying"],
    )


def held(path: str, effects: EffectServer, on_crash: str, **settings: Any) -> Document:
    """One effect that is silent until the world lets go, and a step behind it."""
    return graph(
        [
            node("hook", "webhook", params={"path": path}),
            call("effect", effects.held_url, on_crash=on_crash),
            node("end", "set_fields"),
        ],
        ["hook -> effect", "effect -> end"],
        **settings,
    )
