"""What lies outside of the engine: where effects happen, and what the nodes saw of their inputs."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.engine.journal import StepRow
from apps.engine.ports import Attempt, StepCall
from apps.engine.recorder import Key


@dataclass
class Outside:
    """The one thing that survives every kill beside the store."""

    stored: Callable[[], dict[Key, StepRow]]
    pause: Callable[[], None]
    """A moment in the middle of an effect: the process may die here."""
    started: Counter[Key] = field(default_factory=Counter)
    seen: list[tuple[Key, dict[str, Any]]] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    """What should not have happened. Raised inside an effect it would be the step's failure."""
    busy_s: float = 0
    """How long the effect that has just happened takes to answer."""

    def see(self, call: StepCall) -> None:
        items = {name: [item.as_json() for item in items] for name, items in call.inputs.items()}
        self.seen.append(((call.node.id, call.iteration), items))

    def happen(self, call: StepCall, attempt: Attempt, is_slow: bool) -> None:
        """An effect: asks whether it may, and is judged for having started."""
        attempt.check()
        key = (call.node.id, call.iteration)
        self._judge(key, call.attempt)
        self.started[key] += 1
        attempt.log("info", f"attempt {call.attempt}")
        self.busy_s = 10 * call.node.timeout_s if is_slow else call.node.params["seconds"]
        self.pause()

    def _judge(self, key: Key, attempt: int) -> None:
        steps = self.stored()
        row = steps.get(key)
        if row is None:
            self.wrongs.append(f"effect {key} started before its row was durable")
        elif row.seq_finished is not None:
            self.wrongs.append(f"effect {key} started after it was recorded finished")
        elif len(row.attempts) != attempt or "ended_seq" in row.attempts[-1]:
            self.wrongs.append(f"attempt {attempt} of effect {key} started and is not durable")
        elif row.status != "running":
            self.wrongs.append(f"effect {key} started while its row says {row.status}")
        else:
            for source in (source for each in row.sources.values() for source in each):
                origin = steps.get((source.node, source.iteration))
                if origin is None or origin.seq_finished is None:
                    self.wrongs.append(f"effect {key} started before {source} was durable")
