"""Dying: ends the process that executes it."""

import ctypes
import os
import resource
import signal
from typing import Literal

from apps.engine.items import Item
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel


class Params(ParamsModel):
    by: Literal["exit", "segfault", "memory"] = "exit"


@node(
    type="dying",
    label="Dying",
    group="flow",
    icon="circle",
    each="item",
    examples=[Example(takes=[], gives=[])],
)
def dying(item: Item, params: Params, ctx: StepContext) -> Item:
    """Dies as it is told: leaves at once, reads where nothing is, or takes all memory there is."""
    if params.by == "exit":
        os._exit(3)
    if params.by == "segfault":
        ctypes.string_at(0)
    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
    held = []
    try:
        while True:
            held.append(bytes(2**26))
    except MemoryError:
        # As the kernel does, whose own killer is not to be called on a machine that others use.
        os.kill(os.getpid(), signal.SIGKILL)
    return item
