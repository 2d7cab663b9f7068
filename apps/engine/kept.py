"""How many bytes a run keeps: what it was given, what its steps gave, and their files."""

import threading

from apps.engine.errors import NodeError


class KeptBytes:
    """The bytes of one run, counted. May be used from any thread."""

    def __init__(self, count: int, most: int | None = None) -> None:
        self._lock = threading.Lock()
        self.count = count
        self.most = most

    def add(self, size: int) -> None:
        with self._lock:
            self.count += size

    def take(self, size: int) -> None:
        """Count what is about to be kept. Raises NodeError where that is more than a run may."""
        with self._lock:
            if self.most is not None and self.count + size > self.most:
                raise too_much(self.count, self.most, f"another {size:,} would be")
            self.count += size


def too_much(count: int, most: int, why: str = "that is") -> NodeError:
    """What is said of a run that keeps more than it may."""
    return NodeError(
        "run_output_too_large",
        f"The run keeps {count:,} bytes of what it was given, of what its steps gave and of files; "
        f"{why} more than the {most:,} bytes that a run may keep.",
        hint="Pass on only the fields that later steps need, or split the work into runs.",
    )
