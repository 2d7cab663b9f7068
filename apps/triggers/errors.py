"""Why a request from outside is refused."""

from uuid import UUID


class RefusedError(Exception):
    """The request does nothing: with the HTTP status, a code, a sentence and headers."""

    endpoint: UUID | None = None
    """Of the hook that refuses it, where that is known."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers


def too_busy() -> RefusedError:
    sentence = "Too many hooks are waiting to be stored; send it again."
    return RefusedError(429, "too_busy", sentence, **{"Retry-After": "1"})


def too_large(most: int) -> RefusedError:
    return RefusedError(413, "too_large", f"The body is larger than {most:,} bytes.")


def too_slow() -> RefusedError:
    return RefusedError(408, "too_slow", "The body came too slowly.")


def failed() -> RefusedError:
    sentence = "Something went wrong in FlowForge; its log says what."
    return RefusedError(500, "internal_error", sentence)


def too_many_wait() -> RefusedError:
    sentence = "Too many senders wait for answers of their runs; send it again."
    return RefusedError(503, "too_many_wait", sentence, **{"Retry-After": "5"})


def no_room() -> RefusedError:
    """What strangers are told: by how much is for those who may see the workflow."""
    sentence = "The workflow keeps as much of its runs as it may: this one is not made."
    return RefusedError(507, "workflow_full", sentence)
