"""What the answer of a webhook that answers when its run ends takes beside the run itself."""

from dataclasses import dataclass
from datetime import datetime

from tests.bench.graphs import hook, set_node
from tests.bench.load import Sent, post_hooks
from tests.graphs import graph
from tests.installation import Installation

COUNT = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """From a run's recorded end until its sender has the answer, in ms."""

    p50_ms: float
    p95_ms: float


def answer_at_end(installation: Installation) -> dict[int, Answered]:
    """By how many senders wait at the same time."""
    trigger = hook("answered")
    trigger["params"] |= {"respond": "last_node", "answer": "first_item"}
    named = set_node("set", "={{ $execution.id }}")
    named["params"]["assignments"][0] |= {"name": "run", "type": "string"}
    installation.workflow(graph([trigger, named], ["hook -> set"]), "answered")
    post_hooks(installation.port, "/hooks/answered", 50, 10, b"{}")
    return {
        senders: _answered(
            installation, post_hooks(installation.port, "/hooks/answered", COUNT, senders, b"{}")
        )
        for senders in (1, 10)
    }


def _answered(installation: Installation, sent: list[Sent]) -> Answered:
    waits_ms = []
    for each in sent:
        ended = datetime.fromisoformat(installation.run(each.run)["finished_at"])
        waits_ms.append((each.answered_at - ended.timestamp()) * 1000)
    waits_ms.sort()
    return Answered(*(waits_ms[int(len(waits_ms) * share)] for share in (0.5, 0.95)))
