"""JSON Web Tokens: signed, verified by allowed algorithms alone, or just read."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.formats.keys import private_key_of, public_key_of, secret_of
from apps.nodes.params import json_text
from apps.nodes.values.field_types import is_number
from apps.nodes.vault import Credential

Algorithm = Literal[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
TEXTS = frozenset({"iss", "sub", "jti"})
TIMES = frozenset({"exp", "nbf", "iat"})
NOT_NOW = {"nbf": "the token is not valid yet", "iat": "the token was issued in the future"}
MAX_TOKEN = 100_000
Token = dict[str, Json]
"""`{"header", "payload"}`."""


def sign_token(
    header: Mapping[str, Json],
    claims: Mapping[str, Json],
    algorithm: Algorithm,
    credential: Credential,
) -> str:
    """A token of the claims.

    Raises NodeError `invalid_claims`, `no_key`, `key_does_not_fit`, `token_too_large`.
    """
    if misfit := _misfit(claims):
        raise NodeError("invalid_claims", misfit)
    key = _key(algorithm, credential, is_private=True)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    all_headers = {"typ": "JWT", **header, "alg": algorithm}
    try:
        token = jws.serialize_compact(all_headers, json_text(claims), key, registry=registry)
    except NotJsonError as error:
        raise NodeError("invalid_claims", error.message) from None
    except JoseError as error:
        raise _does_not_fit(algorithm, error) from None
    if len(token) > MAX_TOKEN:
        raise NodeError("token_too_large", f"The token has more than {MAX_TOKEN:,} characters.")
    return token


def verify_token(token: Json, algorithms: Sequence[Algorithm], credential: Credential) -> Token:
    """What the token says, its signature being good.

    The key is chosen by the algorithm, of those that are allowed: a token of HS256 is only ever
    tried with the shared secret, never with a public key. Raises NodeError `invalid_token`,
    `algorithm_refused`, `bad_signature`, `no_key`, `key_does_not_fit`.
    """
    read = read_token(token)
    algorithm = next((name for name in algorithms if name == read["header"].get("alg")), None)
    if algorithm is None:
        raise NodeError(
            "algorithm_refused",
            f"The token is signed by “{str(read['header'].get('alg'))[:40]}”; allowed is "
            f"{', '.join(algorithms)}.",
        )
    key = _key(algorithm, credential, is_private=False)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = MAX_TOKEN
    try:
        jws.deserialize_compact(token, key, registry=registry)
    except BadSignatureError:
        raise NodeError("bad_signature", "The signature is not one of this key.") from None
    except UnsupportedAlgorithmError:
        raise NodeError("algorithm_refused", "The token's algorithm is not allowed.") from None
    except JoseError as error:
        raise _does_not_fit(algorithm, error) from None
    except (TypeError, ValueError, AttributeError):
        raise NodeError("invalid_token", "The token's header holds what it may not.") from None
    return read


def read_token(token: Json) -> Token:
    """What the token says, whoever signed it. Raises NodeError `invalid_token`."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        raise NodeError("invalid_token", f"A token is text of at most {MAX_TOKEN:,} characters.")
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise NodeError("invalid_token", "A token has three parts of base64url, with dots between.")
    return {"header": _part("header", parts[0]), "payload": _part("payload", parts[1])}


def _part(name: str, text: str) -> dict[str, Json]:
    try:
        value = read_json(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, NotJsonError):
        raise NodeError("invalid_token", f"The token's {name} is no JSON in base64url.") from None
    if not isinstance(value, dict):
        raise NodeError("invalid_token", f"The token's {name} is no object.")
    return value


def check_claims(
    claims: Mapping[str, Json],
    *,
    now: float,
    leeway_s: int,
    check_times: bool,
    issuer: str,
    audience: str,
) -> None:
    """Raise NodeError `token_expired` or `claim_refused` where the claims do not hold."""
    wanted: dict[str, Any] = {}
    if issuer:
        wanted["iss"] = {"essential": True, "value": issuer}
    if audience:
        wanted["aud"] = {"essential": True, "value": audience}
    held = {name: value for name, value in claims.items() if check_times or name not in TIMES}
    if misfit := _misfit(held):
        raise NodeError("claim_refused", misfit)
    try:
        JWTClaimsRegistry(now=int(now), leeway=leeway_s, **wanted).validate(held)
    except ExpiredTokenError:
        raise NodeError("token_expired", "The token has expired.") from None
    except ClaimError as error:
        name = str(error.claim)
        if name in TIMES:
            told = f": {NOT_NOW.get(name, 'it does not hold')}."
        else:
            is_there = claims.get(name) is not None
            told = f" must be “{wanted[name]['value']}”, and is "
            told += f"{_shown(claims[name])}." if is_there else "missing."
        raise NodeError("claim_refused", f"The claim “{name}”{told}") from None


def _misfit(claims: Mapping[str, Json]) -> str | None:
    """Which of the claims that RFC 7519 knows is of another kind than it says."""
    for name, value in claims.items():
        if name in TEXTS and not isinstance(value, str):
            kind = "a text"
        elif name in TIMES and not is_number(value):
            kind = "a number of seconds since 1970"
        elif name == "aud" and not all(
            isinstance(each, str) for each in (value if isinstance(value, list) else [value])
        ):
            kind = "a text or a list of texts"
        else:
            continue
        return f"The claim “{name}” must be {kind}, and is {_shown(value)}."
    return None


def _shown(value: Json) -> str:
    text = json_text(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _key(
    algorithm: Algorithm, credential: Credential, *, is_private: bool
) -> OctKey | RSAKey | ECKey | OKPKey:
    if algorithm.startswith("HS"):
        secret = base64.urlsafe_b64encode(credential.once(secret_of)).decode().rstrip("=")
        return OctKey.import_key({"kty": "oct", "k": secret})
    key = credential.once(private_key_of if is_private else public_key_of)
    try:
        if algorithm == "EdDSA":
            return OKPKey.import_key(key)  # type: ignore[arg-type]  # what else it is, it refuses
        if algorithm.startswith("ES"):
            return ECKey.import_key(key)  # type: ignore[arg-type]
        return RSAKey.import_key(key)  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise _does_not_fit(algorithm, error) from None


def _does_not_fit(algorithm: str, error: Exception) -> NodeError:
    told = getattr(error, "description", "") or "it is of another kind"
    return NodeError(
        "key_does_not_fit", f"Key or token do not fit {algorithm}: {str(told).rstrip('.')[:200]}."
    )
