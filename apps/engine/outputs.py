"""What ended steps gave: kept while there is room, read back from the journal when not."""

from collections import OrderedDict
from collections.abc import Mapping

from apps.engine.encoding import decode
from apps.engine.items import Item, Items, Outputs, read_outputs
from apps.engine.journal import Journal, StepRow
from apps.engine.recorder import Key
from apps.engine.scheduler import Source, Sources

ROOM = 32 * 1024 * 1024
"""Bytes of stored output that a run keeps decoded (where they take some times as much), beside the
largest, which a Loop may be going through."""


class OutputStore:
    """The outputs of one run's steps, bounded in memory."""

    def __init__(self, journal: Journal, steps: Mapping[Key, StepRow], room: int = ROOM) -> None:
        self._journal = journal
        self._steps = steps
        self._room = room
        self._kept: OrderedDict[Key, tuple[Outputs, int]] = OrderedDict()
        self._largest: tuple[Key | None, int] = (None, 0)
        self._size = 0
        """Of all that is kept but the largest."""
        self._failure: Exception | None = None

    def keep(self, key: Key, outputs: Outputs, size: int) -> None:
        self._kept[key] = (outputs, size)
        if size >= self._largest[1]:
            self._size += self._largest[1]
            self._largest = (key, size)
        else:
            self._size += size
        while self._size > self._room and len(self._kept) > 2:
            # What is not yet durable is still in its row (`StepRow.output`).
            oldest = next(each for each in self._kept if each != self._largest[0])
            self._size -= self._kept.pop(oldest)[1]

    def of(self, key: Key) -> Outputs:
        """Everything that a step gave, by output."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        row = self._steps[key]
        written = row.output if row.output is not None else self._read(row)
        outputs = read_outputs(decode(written))
        self.keep(key, outputs, len(written))
        return outputs

    def check(self) -> None:
        """Raise what the journal raised while a node asked for items, whatever the node made of it.

        The database's error is not the step's.
        """
        if self._failure is not None:
            raise self._failure

    def items(self, source: Source) -> Items:
        return self.of((source.node, source.iteration)).get(source.output, [])

    def joined(self, sources: tuple[Source, ...]) -> Items:
        if len(sources) == 1:
            return self.items(sources[0])
        return [item for source in sources for item in self.items(source)]

    def inputs(self, names: tuple[str, ...], sources: Sources) -> dict[str, list[Item]]:
        return {name: self.joined(sources.get(name, ())) for name in names}

    def _read(self, row: StepRow) -> bytes:
        try:
            return self._journal.read_output(row.id)
        except Exception as error:
            self._failure = error
            raise
