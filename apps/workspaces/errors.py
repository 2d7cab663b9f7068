"""Errors that deeds of any app raise for a request to answer."""

from apps.engine.errors import FlowForgeError


class ConflictError(FlowForgeError):
    """The thing is not in the state that the request takes for granted (409).

    `current` is told beside the sentence, so that the client may go on: `{"revision": 7}`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        current: dict[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, hint)
        self.current = current or {}


class NoRoomError(FlowForgeError):
    """What may be stored for this is stored already (507)."""


class NotAllowedError(FlowForgeError):
    """The asker's role would do, but something else keeps them from it (403)."""


class TooOftenError(FlowForgeError):
    """It was asked for more often than is good; after `wait` seconds it may be again (429)."""

    def __init__(self, code: str, message: str, hint: str | None = None, *, wait: float) -> None:
        super().__init__(code, message, hint)
        self.wait = wait


class WrongCredentialsError(FlowForgeError):
    """No account has this e-mail address and password (400)."""

    def __init__(self) -> None:
        super().__init__("wrong_credentials", "E-mail address and password do not match.")
