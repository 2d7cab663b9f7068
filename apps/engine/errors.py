"""The root of FlowForge's errors, and those that the engine itself raises."""

from dataclasses import dataclass, replace


class FlowForgeError(Exception):
    """What went wrong, for a person and a program: a stable code, a sentence, perhaps a hint."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
        self.retry_after_s = retry_after_s

    def told(self) -> dict[str, str | None]:
        """As steps, runs and events bear it."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class NodeError(FlowForgeError):
    """A node could not do its work: the step fails with this code and message.

    `retryable` says whether another attempt may succeed where the node's `retry` allows one, and
    `retry_after_s` how long the other side asked to be left alone before.
    """


class RevokedError(FlowForgeError):
    """The run is no longer ours: another worker holds a newer fence. Write and start nothing."""

    def __init__(self, message: str = "the claim on this run was lost") -> None:
        super().__init__("revoked", message)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a graph or a request: where (`nodes[2].params.url`), code, sentence."""

    path: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "message": self.message}


def path_below(path: str, below: str) -> str:
    """The path of what lies in something that has a path itself."""
    if not below:
        return path
    return f"{path}{below}" if below.startswith("[") else f"{path}.{below}"


class FaultsError(FlowForgeError):
    """Everything that is wrong with one graph or request, collected."""

    def __init__(self, faults: list[Fault], message: str | None = None) -> None:
        of_request = f"The request has {len(faults)} faults."
        super().__init__(
            "faults", message or (faults[0].message if len(faults) == 1 else of_request)
        )
        self.faults = faults

    def within(self, member: str) -> "FaultsError":
        """The same, of a request that has the faulty thing in that member."""
        faults = [replace(fault, path=path_below(member, fault.path)) for fault in self.faults]
        return FaultsError(faults, self.message)
