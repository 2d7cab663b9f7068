"""Hashes, signatures and random values; keys come from a credential and are never shown."""

import base64
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.context import bound, services
from apps.nodes.formats import keys
from apps.nodes.library.crypto import crypto
from apps.nodes.vault import NoCredentials
from tests.nodes.outside import CredentialsByType
from tests.nodes.twins import MemoryAttempt, going_on, make_call, run_step


def pem_of(key: Any, passphrase: str = "") -> str:
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode())


def public_pem_of(key: Any) -> str:
    info = PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(Encoding.PEM, info).decode())


KEYS: dict[str, Any] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ec": ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def made_of_all(
    given: Sequence[Json], values: Mapping[str, Json] | None = None, **params: Any
) -> list[Json]:
    vault = CredentialsByType({"signing_key": values or {}})
    with bound(replace(services(), credentials=vault)):
        outcome = run_step(
            crypto,
            {"value": "={{ $json.v }}", "credential": "c", "keep_fields": False, **params},
            [{"v": value} for value in given],
        ).outcome
    assert isinstance(outcome, Done)
    return [item.json["data"] for item in outcome.outputs["main"]]


def made(value: Json = "tea", values: Mapping[str, Json] | None = None, **params: Any) -> Json:
    return made_of_all([value], values, **params)[0]


def failure(value: Json = "tea", values: Mapping[str, Json] | None = None, **params: Any) -> str:
    with pytest.raises(NodeError) as failed:
        made(value, values, **params)
    assert "PRIVATE KEY" not in str(failed.value)
    return failed.value.code


@pytest.mark.parametrize(
    ("algorithm", "begin"),
    [
        ("md5", "900150983cd24fb0"),
        ("sha1", "a9993e364706816a"),
        ("sha224", "23097d223405d822"),
        ("sha256", "ba7816bf8f01cfea"),
        ("sha384", "cb00753f45a35e8b"),
        ("sha512", "ddaf35a193617aba"),
        ("sha3_256", "3a985da74fe225b2"),
        ("sha3_384", "ec01498288516fc9"),
        ("sha3_512", "b751850b1a57168a"),
        ("blake2b", "ba80a53f981c4d0d"),
        ("blake2s", "508c5e8c327c14e2"),
    ],
)
def test_hashes_are_those_of_their_standards(algorithm: str, begin: str) -> None:
    assert str(made("abc", algorithm=algorithm)).startswith(begin)  # the vectors for “abc”


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (True, "true"), ({"a": "é"}, '{"a":"é"}'), ("", ""), ("é", "é")]
)
def test_what_is_no_text_is_hashed_as_its_text(value: Json, text: str) -> None:
    assert made(value) == made(text)


def test_null_is_not_hashed() -> None:
    assert failure(None) == "no_text"


def test_an_hmac_is_that_of_its_standard() -> None:
    code = made("what do ya want for nothing?", {"secret": "Jefe"}, operation="hmac")
    assert str(code).startswith("5bdcc146bf60754e6a042426089575c7")  # RFC 4231, case 2


@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url"])
@pytest.mark.parametrize("prefix", ["", "sha256=", "v1="])
def test_an_hmac_is_verified_in_the_forms_that_senders_use(encoding: str, prefix: str) -> None:
    given = {"secret": "s\u00e9cret"}
    code = made("body", given, operation="hmac", encoding=encoding)
    verified = {"operation": "verify_hmac", "encoding": encoding}
    assert made("body", given, expected=f" {prefix}{code} ", **verified) is True
    assert made("body!", given, expected=f"{prefix}{code}", **verified) is False
    assert made("body", {"secret": "other"}, expected=f"{prefix}{code}", **verified) is False


def test_an_hmac_is_verified_whatever_it_looks_like() -> None:
    values = {"secret": "s"}
    for encoding in ("base64", "base64url"):
        bodies: list[Json] = list(range(2_000))  # some of their codes end like “v0=”
        codes = made_of_all(bodies, values, operation="hmac", encoding=encoding)
        signed = [{"b": body, "s": code} for body, code in zip(bodies, codes, strict=True)]
        verified = {"operation": "verify_hmac", "encoding": encoding, "algorithm": "sha256"}
        verified |= {"value": "={{ $json.v.b }}", "expected": "={{ $json.v.s }}"}
        assert made_of_all(signed, values, **verified) == [True] * len(bodies)


@pytest.mark.parametrize("expected", ["", "xyz", "ä", "==", "00", "\x00"])
def test_what_is_no_signature_verifies_nothing(expected: str) -> None:
    for operation in ("verify_hmac", "verify"):
        values = {"secret": "s", "public_key": public_pem_of(KEYS["rsa"])}
        for encoding in ("hex", "base64"):
            got = made("x", values, operation=operation, expected=expected, encoding=encoding)
            assert got is False


def test_a_signature_must_be_text() -> None:
    assert failure("x", {"secret": "s"}, operation="verify_hmac", expected=None) == "no_text"


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("padding", ["pkcs1", "pss"])
@pytest.mark.parametrize("algorithm", ["sha224", "sha256", "sha384", "sha512"])
def test_what_is_signed_is_verified_by_the_public_key(
    key: str, padding: str, algorithm: str
) -> None:
    private = {"private_key": pem_of(KEYS[key], "open"), "passphrase": "open"}
    by = {"padding": padding, "algorithm": algorithm, "encoding": "base64"}
    signature = made("tea", private, operation="sign", **by)
    public = {"public_key": public_pem_of(KEYS[key])}
    checked = {"operation": "verify", "expected": signature, **by}
    assert made("tea", public, **checked) is True
    assert made("tea", private, **checked) is True  # the public key is in the private one
    assert made("tee", public, **checked) is False
    for other in KEYS:
        if other != key:
            assert made("tea", {"public_key": public_pem_of(KEYS[other])}, **checked) is False


@pytest.mark.parametrize(
    ("operation", "values", "code"),
    [
        ("hmac", {"private_key": pem_of(KEYS["ec"])}, "no_key"),
        ("sign", {"secret": "s"}, "no_key"),
        ("verify", {"secret": "s"}, "no_key"),
        ("sign", {"private_key": "-----BEGIN PRIVATE KEY-----\nx"}, "no_key"),
        ("sign", {"private_key": pem_of(KEYS["ec"], "locked")}, "no_key"),
        ("verify", {"public_key": pem_of(KEYS["ec"])}, "no_key"),
        ("sign", {"private_key": pem_of(x25519.X25519PrivateKey.generate())}, "unsupported_key"),
    ],
)
def test_a_key_that_does_not_fit_is_a_named_error(
    operation: str, values: dict[str, Json], code: str
) -> None:
    assert failure("x", values, operation=operation, expected="00") == code


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"operation": "hmac"}, "credential"),
        ({"operation": "sign", "credential": "c", "algorithm": "md5"}, "algorithm"),
        ({"operation": "random", "least": 2, "most": 1}, "least"),
        ({"operation": "random", "length": 10_001}, "length"),
    ],
)
def test_params_that_do_not_fit_are_faults(params: dict[str, Json], path: str) -> None:
    [fault] = crypto.check(params)
    assert path in (fault.path, fault.message.partition(":")[0])


def test_random_values_have_their_forms_and_differ() -> None:
    def random(kind: str, **params: Any) -> Any:
        return made(operation="random", kind=kind, **params)

    assert uuid.UUID(random("uuid_v4")).version == 4
    assert uuid.UUID(random("uuid_v7")).version == 7
    assert len(random("hex", length=16)) == 32
    assert len(base64.b64decode(random("base64", length=16))) == 16
    assert not set(random("base64url", length=99)) & set("+/=")
    assert len(random("ascii", length=40)) == 40
    assert random("ascii", length=40).isalnum()
    assert {random("number", least=-1, most=1) for _ in range(100)} == {-1, 0, 1}
    for kind in ("uuid_v4", "uuid_v7", "hex", "ascii"):
        assert random(kind) != random(kind)


def test_an_item_that_fails_leaves_the_others_their_hash() -> None:
    params = {"value": "={{ $json.v }}", "result": "a.b"}
    node = Node("n1", "crypto", "Step", params, on_error="continue")
    takes = [{"v": None}, Item({"v": "abc"}, {"f": {"id": "1"}})]
    outcome = crypto.prepare(make_call(crypto, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    first, second = outcome.outputs["main"]
    assert first.json["error"]["code"] == "no_text"
    assert second.json["a"]["b"].startswith("ba78")
    assert second.binary == {"f": {"id": "1"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def test_a_file_that_is_not_there_is_a_named_error() -> None:
    assert failure(source="file") == "no_file"


def test_no_items_give_no_items() -> None:
    outcome = run_step(crypto, {"value": "={{ $json.v }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}


@pytest.mark.parametrize("pem", [pem_of(KEYS["rsa"]), "no key"], ids=["good", "bad"])
def test_a_key_is_read_once_for_all_items(pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def counted(pem: bytes, passphrase: bytes | None) -> Any:
        read.append(pem)
        return load_pem_private_key(pem, passphrase)

    monkeypatch.setattr(keys, "load_pem_private_key", counted)
    with bound(
        replace(services(), credentials=CredentialsByType({"signing_key": {"private_key": pem}}))
    ):
        for operation in ("sign", "verify"):
            params = {"operation": operation, "value": "a", "expected": "", "credential": "c"}
            outcome = going_on("crypto", params, "continue", [{}, {}, {}])
            assert len(outcome.outputs["main"]) == 3
    assert len(read) == 2


@pytest.mark.parametrize("values", [None, {"private_key": "no key"}], ids=["refused", "no key"])
def test_an_error_of_all_items_holds_no_more_than_that_of_one(values: Any) -> None:
    vault = NoCredentials() if values is None else CredentialsByType({"signing_key": values})
    params = {"operation": "sign", "value": "a", "credential": "c"}

    def depth(count: int) -> int:
        with bound(replace(services(), credentials=vault)):
            error = going_on("crypto", params, "continue", [{}] * count).error
        assert error is not None
        return len(list(traceback.walk_tb(error.__traceback__)))

    assert depth(1) == depth(20)
