"""`python -m tests.bench.nodes`: nodes that work on many items, on the engine's memory twins.

One line a node: the time of the step alone, and how often the size of its items' JSON it needs at
most, first beside the items, then with them. Each figure is of a process of its own.
"""

import gc
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.engine.encoding import decode, encode
from apps.engine.items import Item, Items
from apps.nodes.registry import library
from tests.engine.library import TestLibrary
from tests.engine.runs import edge, node, run_graph

SIZES = (1_000, 10_000, 100_000, 200_000)


def assign(*values: str) -> dict[str, Any]:
    return {"assignments": [{"name": f"new_{n}", "value": each} for n, each in enumerate(values)]}


def total_over(limit: int) -> dict[str, Any]:
    operator = {"type": "number", "operation": "gt"}
    condition = {"leftValue": "={{ $json.total }}", "operator": operator, "rightValue": limit}
    return {"conditions": {"conditions": [condition]}}


NODES: dict[str, tuple[str, dict[str, Any]]] = {
    "No operation": ("no_operation", {}),
    "Set, three plain paths": (
        "set_fields",
        assign("={{ $json.id }}", "={{ $json.customer.name }}", "=To {{ $json.customer.city }}"),
    ),
    "Set, three in JavaScript": (
        "set_fields",
        assign("={{ $json.id + 1 }}", "={{ $json.note.length }}", "={{ $json.total * 1.21 }}"),
    ),
    "Filter": ("filter", total_over(500)),
    "Switch": ("switch", {"rules": [{"name": "large", **total_over(500)}]}),
    "Sort by two fields": (
        "sort",
        {"fields": [{"field": "total", "direction": "descending"}, {"field": "customer.name"}]},
    ),
    "Summarize by group": (
        "summarize",
        {
            "summaries": [{"aggregation": "sum", "field": "total"}, {"field": "id"}],
            "group_by": ["customer.city"],
        },
    ),
    "Merge by field": ("merge", {"mode": "combine", "fields": [{"left": "id", "right": "id"}]}),
    "Remove duplicates": ("remove_duplicates", {}),
    "Aggregate all items": ("aggregate", {"mode": "items"}),
    "Split out": ("split_out", {"split": ["lines"], "include": "all"}),
}


def record(n: int) -> dict[str, Any]:
    """An order, of some 240 bytes: 200,000 of them are just below what a step may give."""
    city = ("Riga", "Tallinn", "Vilnius", "Helsinki")[n % 4]
    return {
        "id": n,
        "total": n * 7919 % 1000,
        "customer": {"name": f"Customer {n}", "email": f"customer{n}@example.test", "city": city},
        "lines": [{"sku": f"SKU-{n}", "count": n % 5 + 1, "price": 12.5}],
        "note": "Please ring twice, and leave it next door if nobody opens.",
    }


def measure(name: str, count: int) -> dict[str, Any]:
    """Run the node once, in this process."""
    type, params = NODES[name]
    run(type, params, [Item(record(0))])  # all is loaded
    written = encode([record(n) for n in range(count)])
    gc.collect()
    empty = memory("VmRSS")
    items = [Item(each) for each in decode(written)]
    held = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    seconds, status = run(type, params, items)
    peak = memory("VmHWM")
    size = len(written) * (2 if type == "merge" else 1)
    return {
        "ms": seconds * 1000,
        "status": status,
        "beside": (peak - held) / size,
        "with": (peak - empty) / size,
    }


class Nodes(TestLibrary):
    """The nodes that there really are, for runs that watch for effects."""

    def find(self, type: str, version: int) -> Any:
        return library().find(type, version)


def run(type: str, params: dict[str, Any], items: Items) -> tuple[float, str]:
    """How long the step took, and how the run ended."""
    inputs = ("input_1", "input_2") if type == "merge" else ("main",)
    ran = run_graph(
        [node("start", "manual"), node("step", type, params=params)],
        [edge(f"start -> step.{name}") for name in inputs],
        items,
        library=Nodes(),
    )
    step = ran.stored.steps["step", 0]
    assert step.finished_at is not None
    took = step.finished_at - step.started_at
    return took.total_seconds(), step.error["code"] if step.error else ran.status


def memory(figure: str) -> int:
    """A figure of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{figure}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(figure)


def main(names: Sequence[str] = tuple(NODES)) -> None:
    print(
        "\nItems through one node, and memory in sizes of their JSON: beside the items, with them"
    )
    print("  " + " " * 26 + "".join(f"{count:>26,}" for count in SIZES))
    for name in names:
        figures = [measured(name, count) for count in SIZES]
        print(f"  {name:<26}" + "".join(f"{figure:>26}" for figure in figures), flush=True)


def measured(name: str, count: int) -> str:
    """Measure in a process of its own, whose memory nothing else has used."""
    code = f"from tests.bench.nodes import *; print(json.dumps(measure({name!r}, {count})))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    figure = json.loads(told.stdout)
    if figure["status"] != "completed":
        return str(figure["status"])
    return f"{figure['ms']:,.0f} ms {figure['beside']:.1f}x {figure['with']:.1f}x"


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(NODES))
