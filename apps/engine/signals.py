"""What has reached the run from outside, each signal taken once."""

from apps.engine.journal import Journal, Signal
from apps.engine.recorder import Recorder


class SignalInbox:
    def __init__(self, journal: Journal, recorder: Recorder) -> None:
        self._journal = journal
        self._recorder = recorder
        self.count = 0
        """How many had arrived when they were last read: what leaving the run is conditional on."""
        self.is_stale = True
        """Whether more may have arrived since."""

    def take(self) -> list[Signal]:
        """The signals not taken before. The batch that records their effect consumes them."""
        if not self.is_stale:
            return []
        self.count, signals = self._journal.read_signals()
        self.is_stale = False
        return [signal for signal in signals if self._recorder.consume(signal.id)]
