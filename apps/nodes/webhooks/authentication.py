"""Who sends: a request checked against what a credential holds. In constant time."""

import base64
import hmac
from collections.abc import Mapping

from apps.engine.errors import NodeError
from apps.nodes.formats.tokens import check_claims, verify_token
from apps.nodes.vault import Credential
from apps.nodes.webhooks.params import WebhookParams
from apps.nodes.webhooks.signatures import (
    SCHEMES,
    SIGNATURE_HEADERS,
    GenericHmac,
    SignatureError,
    Signed,
    Verify,
)

LEEWAY_S = 60


def authenticate(params: WebhookParams, credential: Credential, signed: Signed) -> None:
    """Raise SignatureError where the request is not by whom the webhook listens to."""
    match params.authentication:
        case "basic":
            _basic(credential.values, signed)
        case "header":
            _same(signed.header(credential.values["name"]), credential.values["value"])
        case "jwt":
            _token(params, credential, signed)
        case _:
            values = credential.values
            secrets = [each for each in (values["secret"], values["previous_secret"]) if each]
            _verify(params)(signed, secrets)


def secret_header(params: WebhookParams, credential: Credential) -> str:
    """The header, in small letters, that lets the request in: who reads it could send as well."""
    match params.authentication:
        case "header":
            return str(credential.values["name"]).lower()
        case "basic" | "jwt":
            return "authorization"
        case "hmac":
            assert params.signature is not None
            return params.signature.header.lower()
        case scheme:
            return SIGNATURE_HEADERS[scheme]


def _verify(params: WebhookParams) -> Verify:
    if params.authentication in SCHEMES:
        return SCHEMES[params.authentication]
    form = params.signature
    assert form is not None
    return GenericHmac(form.header, form.algorithm, form.encoding, form.prefix, form.moment_header)


def _basic(values: Mapping[str, str], signed: Signed) -> None:
    kind, _, written = signed.header("Authorization").partition(" ")
    try:
        given = base64.b64decode(written, validate=True) if kind.lower() == "basic" else b""
    except ValueError:
        given = b""
    expected = f"{values['username']}:{values['password']}".encode()
    if not hmac.compare_digest(given, expected):
        raise SignatureError("User name and password do not fit.")


def _same(given: str, expected: str) -> None:
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise SignatureError("The value of the header does not fit.")


def _token(params: WebhookParams, credential: Credential, signed: Signed) -> None:
    kind, _, token = signed.header("Authorization").partition(" ")
    if kind.lower() != "bearer":
        raise SignatureError("The header “Authorization” must be “Bearer” and a token.")
    try:
        claims = verify_token(token.strip(), params.algorithms, credential)["payload"]
        check_claims(
            claims if isinstance(claims, dict) else {},
            now=signed.now,
            leeway_s=LEEWAY_S,
            check_times=True,
            issuer="",
            audience=params.audience,
        )
    except NodeError as error:
        raise SignatureError(error.message) from None
