"""What is said of a conversion."""

from dataclasses import dataclass, field

from apps.engine.items import Json

MOST_WARNINGS = 2_000


@dataclass(slots=True)
class Report:
    """What was taken over, what could not be, and what a builder must look at."""

    nodes: int = 0
    edges: int = 0
    unsupported: list[dict[str, Json]] = field(default_factory=list)
    warnings: list[dict[str, Json]] = field(default_factory=list)

    def warn(self, node: str | None, message: str) -> None:
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append({"node": node, "message": message})
        elif len(self.warnings) == MOST_WARNINGS:
            self.warnings.append({"node": None, "message": "There is more to warn of."})

    def leave_out(self, node: str, type: str, why: str) -> None:
        """Tell of a node for which a placeholder stands."""
        self.unsupported.append({"node": node, "type": type, "why": why})

    def as_dict(self) -> dict[str, Json]:
        return {
            "nodes": self.nodes,
            "edges": self.edges,
            "unsupported": [*self.unsupported],
            "warnings": [*self.warnings],
        }
