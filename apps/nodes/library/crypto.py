"""Crypto: hashes, signs and verifies, and makes random values."""

import base64
import binascii
import hmac
import re
import secrets
import string
import uuid
from typing import Any, Literal

from pydantic import Field, model_validator
from uuid_utils.compat import uuid7

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.formats.keys import (
    SIGNED_HASHES,
    SIGNING_CREDENTIALS,
    Padding,
    hashed,
    hmac_of,
    private_key_of,
    public_key_of,
    secret_of,
    sign,
    verify,
)
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import describe, to_text
from apps.nodes.values.fields import with_result

Algorithm = Literal[
    "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512",
    "blake2b", "blake2s",
]  # fmt: skip
Encoding = Literal["hex", "base64", "base64url"]
MAX_LENGTH = 10_000
_NAMED = re.compile(r"(sha\d{1,3}|v\d)=")
MAX_INTEGER = 2**53 - 1


_OF_DATA = ("hash", "hmac", "sign", "verify_hmac", "verify")


class Params(ParamsModel):
    operation: Literal["hash", "hmac", "sign", "verify_hmac", "verify", "random"] = Field(
        "hash", title="Operation"
    )
    source: Literal["text", "file"] = Field(
        "text", title="What is hashed or signed is", json_schema_extra=when(operation=_OF_DATA)
    )
    value: Any = Field(
        None,
        title="Value",
        examples=["={{ $json.text }}"],
        json_schema_extra=when(operation=_OF_DATA, source="text"),
    )
    file: str = Field(
        "data",
        title="File",
        min_length=1,
        max_length=200,
        json_schema_extra=when(operation=_OF_DATA, source="file"),
    )
    algorithm: Algorithm = Field(
        "sha256",
        title="Hash",
        description="MD5 and SHA-1 are broken: only to compare with what others made by them.",
        json_schema_extra=when(operation=_OF_DATA),
    )
    credential: str | None = Field(
        None,
        title="Credential",
        min_length=1,
        max_length=200,
        json_schema_extra={"x-widget": "credential"}
        | when(operation=("hmac", "sign", "verify_hmac", "verify")),
    )
    padding: Padding = Field(
        "pkcs1", title="Padding of RSA", json_schema_extra=when(operation=("sign", "verify"))
    )
    expected: Any = Field(
        None,
        title="Signature to verify",
        examples=["={{ $json.headers['x-signature'] }}"],
        json_schema_extra=when(operation=("verify_hmac", "verify")),
    )
    encoding: Encoding = Field(
        "hex", title="Encoding of hash or signature", json_schema_extra=when(operation=_OF_DATA)
    )
    kind: Literal["uuid_v4", "uuid_v7", "hex", "base64", "base64url", "ascii", "number"] = Field(
        "uuid_v4", title="Random", json_schema_extra=when(operation="random")
    )
    length: int = Field(
        32,
        title="Bytes, or characters of ascii",
        ge=1,
        le=MAX_LENGTH,
        json_schema_extra=when(operation="random", kind=("hex", "base64", "base64url", "ascii")),
    )
    least: int = Field(
        0,
        title="Least number",
        ge=-MAX_INTEGER,
        le=MAX_INTEGER,
        json_schema_extra=when(operation="random", kind="number"),
    )
    most: int = Field(
        100,
        title="Greatest number",
        ge=-MAX_INTEGER,
        le=MAX_INTEGER,
        json_schema_extra=when(operation="random", kind="number"),
    )
    result: str = Field("data", title="Result field", min_length=1, max_length=500)
    keep_fields: bool = Field(True, title="Keep the other fields")

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.operation in ("hmac", "sign", "verify_hmac", "verify") and not self.credential:
            raise ValueError("credential: it holds the secret or the key, and is needed.")
        if self.operation in ("sign", "verify") and self.algorithm not in SIGNED_HASHES:
            raise ValueError(f"algorithm: nothing is signed by {self.algorithm}.")
        if self.operation == "random" and self.least > self.most:
            raise ValueError("least: it is greater than the greatest number.")
        return self


SIGNATURE = "e28f56938268c843ebae28f52a1c43ea041c6c559d3071a7b54540e8debe8c20"
TEA = {"signing_key": {"secret": "earl grey"}}


@node(
    type="crypto",
    label="Crypto",
    group="transformations",
    icon="lock",
    keywords=("hash", "hmac", "sign"),
    each="item",
    credentials=SIGNING_CREDENTIALS,
    examples=[
        Example(
            title="A hash",
            params={"value": "={{ $json.text }}", "algorithm": "md5", "result": "hash"},
            takes=[{"text": "tea"}],
            gives=[{"text": "tea", "hash": "7239ea2b5dc943f61f3c0a0276c20974"}],
        ),
        Example(
            title="A file's hash",
            params={"source": "file", "encoding": "base64"},
            takes=[{}],
            takes_files=[{"data": ExampleFile(b"tea", "tea.txt")}],
            gives=[{"data": "qfdNHsNuvesto/blhoCQzSotILPcynti9gMEsdPZ70I="}],
        ),
        Example(
            title="An HMAC",
            params={
                "operation": "hmac",
                "value": "={{ $json.body }}",
                "credential": "shop",
                "result": "signature",
                "keep_fields": False,
            },
            credentials=TEA,
            takes=[{"body": "two cups"}],
            gives=[{"signature": SIGNATURE}],
        ),
        Example(
            title="An HMAC of somebody else, verified",
            params={
                "operation": "verify_hmac",
                "value": "={{ $json.body }}",
                "expected": "={{ $json.signature }}",
                "credential": "shop",
                "result": "is_theirs",
                "keep_fields": False,
            },
            credentials=TEA,
            takes=[{"body": "two cups", "signature": f"sha256={SIGNATURE}"}],
            gives=[{"is_theirs": True}],
        ),
        Example(
            title="A random number of one",
            params={"operation": "random", "kind": "number", "least": 1, "most": 1},
            gives=[{"data": 1}],
        ),
    ],
)
def crypto(item: Item, params: Params, ctx: StepContext) -> Item:
    """Hashes texts and files, signs them and verifies signatures, and makes random values.

    **HMAC** takes the secret of a credential; **sign** its private key (RSA, ECDSA, Ed25519 or
    Ed448), **verify** its public key, or that of the private one. Signatures of ECDSA are in DER.
    To verify gives true or false; they are compared in constant time.

    **Random** values come from the operating system and may be used as secrets. They are other ones
    each time: a step that is tried again makes new ones.
    """
    made = _random(params) if params.operation == "random" else _made(item, params, ctx)
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))


def _made(item: Item, params: Params, ctx: StepContext) -> str | bool:
    data = _data(item, params, ctx)
    if params.operation == "hash":
        return _encoded(hashed(params.algorithm, data), params.encoding)
    assert params.credential is not None
    credential = ctx.credential(params.credential, SIGNING_CREDENTIALS)
    if params.operation in ("hmac", "verify_hmac"):
        code = hmac_of(credential.once(secret_of), params.algorithm, data)
        if params.operation == "hmac":
            return _encoded(code, params.encoding)
        return hmac.compare_digest(code, _decoded(params.expected, params.encoding))
    if params.operation == "sign":
        private = credential.once(private_key_of)
        return _encoded(sign(private, data, params.algorithm, params.padding), params.encoding)
    signature = _decoded(params.expected, params.encoding)
    key = credential.once(public_key_of)
    return verify(key, signature, data, params.algorithm, params.padding)


def _data(item: Item, params: Params, ctx: StepContext) -> bytes:
    if params.source == "file":
        return ctx.files.of(item, params.file)[0]
    if params.value is None:
        raise NodeError("no_text", "There is no value to hash or sign: it is null.")
    return to_text(params.value).encode(errors="replace")


def _encoded(data: bytes, encoding: Encoding) -> str:
    if encoding == "hex":
        return data.hex()
    if encoding == "base64":
        return base64.b64encode(data).decode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: Json, encoding: Encoding) -> bytes:
    """A signature as bytes; what is none in this encoding is a signature of nothing.

    A name before it (`sha256=…`) is passed over.
    """
    if not isinstance(text, str):
        raise NodeError("no_text", f"expected: a signature is text, not {describe(text)}.")
    text = text.strip()
    if named := _NAMED.match(text):
        text = text[named.end() :]
    try:
        if encoding == "hex":
            return bytes.fromhex(text)
        standard = text.rstrip("=").replace("-", "+").replace("_", "/")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (ValueError, binascii.Error):
        return b""


def _random(params: Params) -> str | int:
    match params.kind:
        case "uuid_v4":
            return str(uuid.uuid4())
        case "uuid_v7":
            return str(uuid7())
        case "ascii":
            letters = string.ascii_letters + string.digits
            return "".join(secrets.choice(letters) for _ in range(params.length))
        case "number":
            return params.least + secrets.randbelow(params.most - params.least + 1)
    return _encoded(secrets.token_bytes(params.length), params.kind)
