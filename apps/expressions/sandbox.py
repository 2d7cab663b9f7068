"""The pool of jshost processes. Signatures agreed; the bodies are being written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one call may use."""

    wall_s: float = 10.0
    memory_mb: int = 256
    output_mb: int = 32


class Sandbox:
    """Children that run JavaScript: started on first use, respawned, safe for threads and forks.

    Make one a process and share it; close() ends the children (a new call starts them again)."""

    def __init__(self, size: int = 4) -> None: ...

    def close(self) -> None: ...

    def hello(self) -> dict[str, object]:
        """Start a child if there is none and return what it says of its confinement (doctor)."""
        raise NotImplementedError
