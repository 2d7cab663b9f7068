"""Random valid graphs: branches, joins, several edges into one input, loops in loops."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from apps.engine.graph import Edge, Graph, GraphSettings, Node, Retry
from apps.engine.plan import reach
from tests.engine.simulation.library import ODD

Draw = Callable[[st.SearchStrategy[Any]], Any]
Port = tuple[str, str]

OUTPUTS = {"split": ("true", "false"), "loop": ("loop", "done")}
TYPES = ["add", "add", "split", "split", "drop", "give", "odd", "talk", "recall", "join", "join"]
TYPES += ["effect", "effect", "effect", "asking", "asking", "risky", "delay", "hook", "loop"]
EFFECTS = {"effect", "asking", "risky"}
MAX_DEPTH = 2


@st.composite
def graphs(draw: Draw, order: str = "topological") -> Graph:
    """A valid graph whose first node is its trigger."""
    # In depth_first each arriving edge is a step: steps multiply along the branches, and what
    # comes back to a Loop twice goes round for ever. The budget ends that.
    size, edges, budget = (7, 3, 1_000) if order == "topological" else (5, 2, 60)
    maker = _Maker(draw, edges)
    start = maker.node("start")
    maker.scope([(start.id, "main")], draw(st.integers(1, size)), 0)
    settings = GraphSettings(order=order, step_budget=budget)  # type: ignore[arg-type]
    return Graph(tuple(maker.nodes), tuple(maker.edges), settings)


class _Maker:
    def __init__(self, draw: Draw, max_edges: int) -> None:
        self._draw = draw
        self._max_edges = max_edges
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def scope(self, ports: list[Port], size: int, depth: int) -> list[Port]:
        """Add nodes that hang on these ports, or on each other; gives all ports that there are."""
        ports = list(ports)
        for _ in range(size):
            types = TYPES if depth < MAX_DEPTH else TYPES[:-1]
            taken = self._some(ports, self._max_edges)
            node = self.node(self._draw(st.sampled_from(types)), taken)
            for port in taken:
                self._connect(port, node.id, self._input(node))
            if node.type == "loop":
                self._body(node, depth + 1)
            ports += [(node.id, output) for output in self._outputs(node) if output != "loop"]
        return ports

    def node(self, type: str, taken: Sequence[Port] = ()) -> Node:
        id = f"n{len(self.nodes)}"
        is_plain = type == "start" or not self._perhaps(0.4)
        node = Node(
            id, type, id, self._params(type, taken), **({} if is_plain else self._settings())
        )
        self.nodes.append(node)
        return node

    def _body(self, loop: Node, depth: int) -> None:
        entry = (loop.id, "loop")
        ports = self.scope([entry], self._draw(st.integers(0, 3)), depth)
        if self._perhaps(0.8):
            for port in self._some(ports, 2):
                self._connect(port, loop.id, "main")

    def _params(self, type: str, taken: Sequence[Port]) -> dict[str, Any]:
        draw = self._draw
        params: dict[str, Any] = {}
        if type in EFFECTS:
            params["seconds"] = draw(st.sampled_from([0, 0.1, 3]))
            params["slow"] = draw(st.sampled_from([0, 0, 0, 0, 1, 100]))
        if type in EFFECTS | {"add", "join"}:
            params["fails"] = draw(st.sampled_from([0, 0, 0, 0, 1, 2, 100]))
            params["refuses"] = draw(st.integers(0, 9)) == 9
        elif type == "give":
            params["count"] = draw(st.integers(0, 3))
        elif type == "odd":
            params["which"] = draw(st.integers(0, len(ODD) - 1))
        elif type == "recall":
            params["node"] = draw(st.sampled_from(self._above(taken)))
        elif type == "loop":
            params["batches"] = draw(st.integers(1, 3))
        elif type == "delay":
            params["seconds"] = draw(st.sampled_from([0, 1, 100]))
        return params

    def _above(self, taken: Sequence[Port]) -> list[str]:
        """All nodes that lead here: what others gave depends on which branch is quicker."""
        origins: dict[str, list[str]] = {}
        for edge in self.edges:
            origins.setdefault(edge.target, []).append(edge.source)
        return sorted(reach([node for node, _ in taken], origins))

    def _settings(self) -> dict[str, Any]:
        draw = self._draw
        return {
            "on_error": draw(st.sampled_from(["stop", "continue", "continue", "route", "route"])),
            "retry": Retry(
                count=draw(st.integers(0, 2)),
                wait_s=draw(st.sampled_from([0.2, 3, 20])),
                jitter=draw(st.booleans()),
            ),
            "disabled": draw(st.integers(0, 5)) == 5,
            "always_output": draw(st.integers(0, 3)) == 3,
            "run_once": draw(st.integers(0, 3)) == 3,
        }

    def _outputs(self, node: Node) -> tuple[str, ...]:
        outputs = OUTPUTS.get(node.type, ("main",))
        return (*outputs, "error") if node.on_error == "route" else outputs

    def _input(self, node: Node) -> str:
        return self._draw(st.sampled_from("ab")) if node.type == "join" else "main"

    def _some(self, ports: list[Port], most: int) -> list[Port]:
        return self._draw(st.lists(st.sampled_from(ports), min_size=1, max_size=most, unique=True))

    def _perhaps(self, chance: float) -> bool:
        return self._draw(st.integers(0, 99)) < chance * 100

    def _connect(self, port: Port, target: str, input: str) -> None:
        self.edges.append(Edge(*port, target, input))
