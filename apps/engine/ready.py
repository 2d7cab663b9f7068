"""Steps that may start and have not: effects, which run beside, and all others."""

from collections import deque

from apps.engine.scheduler import Activation
from apps.engine.steps import Steps


class ReadySteps:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self.inline: deque[Activation] = deque()
        """Run on the run's own thread, one after another."""
        self.effects: deque[Activation] = deque()
        """Run on branches, behind a barrier."""

    def __len__(self) -> int:
        return len(self.inline) + len(self.effects)

    def add(self, activation: Activation) -> None:
        (self.effects if self._steps.is_effect(activation.node) else self.inline).append(activation)
