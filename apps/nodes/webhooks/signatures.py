"""Signatures of webhooks, as the services that send them make them.

A signature is an HMAC over the raw body, in some schemes with the moment of sending, which must lie
within a tolerance: what is caught on its way cannot be sent again for ever. Signatures are compared
in constant time, against each of the secrets: a new one is accepted beside the old while senders
are changed over.

Sources: GitHub, "Validating webhook deliveries"; Stripe, "Verify webhook signatures"; Slack,
"Verifying requests"; the Standard Webhooks specification.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

TOLERANCE_S = 300
Algorithm = Literal["sha256", "sha1", "sha384", "sha512"]
Encoding = Literal["hex", "base64"]


class SignatureError(ValueError):
    """Why a request is not believed. Tells nothing of the secret."""


class Pieces(Protocol):
    """The pieces of a body, from its beginning each time."""

    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Signed:
    """What is verified: headers by names in small letters, the body as it came, the time here.

    A large body is in pieces, which can be asked for again.
    """

    headers: Mapping[str, str]
    body: bytes | Pieces
    now: float
    tolerance_s: float = TOLERANCE_S

    def header(self, name: str) -> str:
        """A header that must be there."""
        if value := self.headers.get(name.lower(), "").strip():
            return value
        raise SignatureError(f"The header “{name}” is missing.")

    def check_moment(self, seconds: str) -> None:
        """Refuse what was signed too long ago, or is of the future."""
        if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 16):
            raise SignatureError("The moment of the signature is no number of seconds.")
        if abs(self.now - int(seconds)) > self.tolerance_s:
            raise SignatureError(
                f"It was signed more than {self.tolerance_s:g} seconds before or after now."
            )


Verify = Callable[[Signed, Sequence[str]], None]
"""Verifies with any of the secrets. Raises SignatureError."""


def github(signed: Signed, secrets: Sequence[str]) -> None:
    """`X-Hub-Signature-256: sha256=<hex>`, over the body."""
    given = signed.header("X-Hub-Signature-256")
    _one_is(given, (f"sha256={_hex(secret, b'', signed.body)}" for secret in secrets))


def stripe(signed: Signed, secrets: Sequence[str]) -> None:
    """`Stripe-Signature: t=<seconds>,v1=<hex>,v1=…`, over `<seconds>.<body>`."""
    pairs = [pair.strip().partition("=") for pair in signed.header("Stripe-Signature").split(",")]
    moments = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1"]
    if len(moments) != 1 or not given:
        raise SignatureError("“Stripe-Signature” has no moment or no signature “v1”.")
    before = f"{moments[0]}.".encode()
    expected = [_hex(secret, before, signed.body) for secret in secrets]
    _any_is(given, expected)
    signed.check_moment(moments[0])


def slack(signed: Signed, secrets: Sequence[str]) -> None:
    """`X-Slack-Signature: v0=<hex>`, over `v0:<seconds>:<body>`."""
    moment = signed.header("X-Slack-Request-Timestamp")
    given = signed.header("X-Slack-Signature")
    before = f"v0:{moment}:".encode()
    _one_is(given, (f"v0={_hex(secret, before, signed.body)}" for secret in secrets))
    signed.check_moment(moment)


def standard_webhooks(signed: Signed, secrets: Sequence[str]) -> None:
    """`webhook-signature: v1,<base64> v1,…`, over `<webhook-id>.<webhook-timestamp>.<body>`."""
    id, moment = signed.header("webhook-id"), signed.header("webhook-timestamp")
    entries = (entry.partition(",") for entry in signed.header("webhook-signature").split())
    given = [value for version, _, value in entries if version == "v1"]
    if not given:
        raise SignatureError("“webhook-signature” has no signature “v1”.")
    before = f"{id}.{moment}.".encode()
    # A secret that is nothing but its prefix has an empty key, which everybody knows.
    keys = [key for key in map(_standard_key, secrets) if key]
    _any_is(given, [_base64(key, before, signed.body) for key in keys])
    signed.check_moment(moment)


def standard_signature(secret: str, id: str, moment: int, body: bytes) -> str:
    """The header `webhook-signature` of what FlowForge sends itself."""
    return f"v1,{_base64(_standard_key(secret), f'{id}.{moment}.'.encode(), body)}"


@dataclass(frozen=True, slots=True)
class GenericHmac:
    """The form of a signature of one's own: an HMAC in a header, over the body, or over the moment
    of sending, a dot, and the body."""

    header: str
    algorithm: Algorithm = "sha256"
    encoding: Encoding = "hex"
    prefix: str = ""
    moment_header: str = ""

    def __call__(self, signed: Signed, secrets: Sequence[str]) -> None:
        given = signed.header(self.header)
        if not given.startswith(self.prefix):
            raise SignatureError(f"The header “{self.header}” does not begin with its prefix.")
        before, moment = b"", ""
        if self.moment_header:
            moment = signed.header(self.moment_header)
            before = f"{moment}.".encode()
        write = _hex if self.encoding == "hex" else _base64
        given = given.removeprefix(self.prefix)
        if self.encoding == "hex":
            given = given.lower()
        expected = (
            write(secret.encode(), before, signed.body, self.algorithm) for secret in secrets
        )
        _one_is(given, expected)
        if moment:
            signed.check_moment(moment)


SIGNATURE_HEADERS = {
    "github": "x-hub-signature-256",
    "stripe": "stripe-signature",
    "slack": "x-slack-signature",
    "standard_webhooks": "webhook-signature",
}
SCHEMES: dict[str, Verify] = {
    "github": github,
    "stripe": stripe,
    "slack": slack,
    "standard_webhooks": standard_webhooks,
}


def _hex(
    secret: str | bytes, before: bytes, body: bytes | Pieces, algorithm: Algorithm = "sha256"
) -> str:
    return _digest(secret, before, body, algorithm).hex()


def _base64(
    secret: str | bytes, before: bytes, body: bytes | Pieces, algorithm: Algorithm = "sha256"
) -> str:
    return base64.b64encode(_digest(secret, before, body, algorithm)).decode()


def _digest(
    secret: str | bytes, before: bytes, body: bytes | Pieces, algorithm: Algorithm
) -> bytes:
    key = secret.encode() if isinstance(secret, str) else secret
    if isinstance(body, bytes):
        return hmac.digest(key, before + body, getattr(hashlib, algorithm))
    mac = hmac.new(key, before, algorithm)
    for piece in body:
        mac.update(piece)
    return mac.digest()


def _standard_key(secret: str) -> bytes:
    """`whsec_` and base64; what is no base64 is the key as it is."""
    written = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(written, validate=True)
    except ValueError:
        return written.encode()


def _one_is(given: str, expected: Iterable[str]) -> None:
    _any_is([given], expected)


def _any_is(given: Sequence[str], expected: Iterable[str]) -> None:
    """Compare all with all, so that the time tells nothing."""
    matches = [
        hmac.compare_digest(one.encode(), other.encode()) for other in expected for one in given
    ]
    if not any(matches):
        raise SignatureError("The signature does not fit.")
