"""JSON Web Tokens: who may have signed them, what they may claim, and what is refused."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.context import bound, services
from apps.nodes.library.jwt import jwt
from tests.nodes.outside import CredentialsByType
from tests.nodes.test_crypto import pem_of, public_pem_of
from tests.nodes.twins import NOW, MemoryAttempt, make_call, run_step

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")

SECRET = {"secret": "thirty-two characters are enough!"}
RSA, EC, ED = (
    rsa.generate_private_key(65537, 2048),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)
CURVES = {"ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
PAIRS: dict[str, Any] = {"R": RSA, "P": RSA, "ES256": EC, "EdDSA": ED}
PAIRS |= {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
NOW_S = int(NOW.timestamp())


def made(values: Mapping[str, Json] = SECRET, **params: Any) -> Any:
    vault = CredentialsByType({"signing_key": values})
    with bound(replace(services(), credentials=vault)):
        outcome = run_step(jwt, {"credential": "c", "keep_fields": False, **params}).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs["main"][0].json["jwt"]


def verified(token: Json, values: Mapping[str, Json] = SECRET, **params: Any) -> Any:
    return made(values, operation="verify", token=token, **params)["payload"]


def failure(token: Json, values: Mapping[str, Json] = SECRET, **params: Any) -> str:
    with pytest.raises(NodeError) as failed:
        verified(token, values, **params)
    assert "thirty" not in str(failed.value)
    return failed.value.code


def encoded(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(header: Json, payload: Json, secret: bytes = SECRET["secret"].encode()) -> str:
    body = f"{encoded(header)}.{encoded(payload)}"
    mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


ALL = [
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]


@pytest.mark.parametrize("algorithm", ALL)
def test_what_is_signed_is_verified(algorithm: str) -> None:
    private: dict[str, Any] = dict(SECRET)
    public: dict[str, Any] = dict(SECRET)
    if not algorithm.startswith("HS"):
        pair = PAIRS.get(algorithm) or PAIRS[algorithm[0]]
        private, public = {"private_key": pem_of(pair)}, {"public_key": public_pem_of(pair)}
    token = made(private, algorithm=algorithm, claims={"a": [1, "é"]}, header={"kid": "k1"})
    assert verified(token, public, algorithms=[algorithm]) == {"a": [1, "é"], "iat": NOW_S}
    assert made(operation="decode", token=token)["header"] == {
        "typ": "JWT",
        "kid": "k1",
        "alg": algorithm,
    }
    head, payload, signature = token.split(".")
    broken = f"{head}.{encoded({'a': 2})}.{signature}"
    assert failure(broken, public, algorithms=[algorithm]) == "bad_signature"
    assert failure(f"{head}.{payload}.", public, algorithms=[algorithm]) == "bad_signature"


def test_a_token_made_elsewhere_is_verified() -> None:
    assert verified(by_hand({"alg": "HS256"}, {"sub": "x"})) == {"sub": "x"}
    short = {"secret": "short"}
    assert verified(by_hand({"alg": "HS256"}, {"sub": "x"}, b"short"), short) == {"sub": "x"}


def test_a_public_key_is_never_taken_for_a_secret() -> None:
    public = public_pem_of(RSA)
    forged = by_hand({"alg": "HS256"}, {"admin": True}, public.encode())
    both = ["RS256", "HS256"]
    assert failure(forged, {"public_key": public}, algorithms=both) == "no_key"
    assert failure(forged, {"public_key": public, **SECRET}, algorithms=both) == "bad_signature"
    assert failure(forged, {"public_key": public}, algorithms=["RS256"]) == "algorithm_refused"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 5, ["HS256"], "HS384"])
def test_only_allowed_algorithms_are_taken(alg: Json) -> None:
    assert failure(by_hand({"alg": alg}, {"a": 1})) == "algorithm_refused"


def test_none_cannot_be_allowed() -> None:
    faults = jwt.check({"operation": "verify", "credential": "c", "algorithms": ["none"]})
    assert [fault.path for fault in faults] == ["algorithms[0]"]


def test_a_critical_header_that_nobody_knows_is_refused() -> None:
    token = by_hand({"alg": "HS256", "crit": ["x"], "x": 1}, {"a": 1})
    assert failure(token) == "key_does_not_fit"


@pytest.mark.parametrize("crit", [5, None, {}, "x", [5], [["x"]]])
@pytest.mark.parametrize("header", [{}, {"b64": 5}, {"kid": 5}])
def test_a_header_of_garbage_is_a_named_error(crit: Json, header: dict[str, Json]) -> None:
    token = by_hand({"alg": "HS256", "crit": crit, **header}, {"a": 1})
    assert failure(token) in ("invalid_token", "key_does_not_fit")


@pytest.mark.parametrize("header", [{"crit": ["b64"]}, {"crit": 5}, {"b64": False}])
def test_a_header_that_changes_how_tokens_are_read_is_refused(header: dict[str, Json]) -> None:
    [fault] = jwt.check({"credential": "c", "header": header})
    assert f"“{next(iter(header))}”" in fault.message


@pytest.mark.parametrize(
    "token",
    [
        *("", "a", "a.b", "a.b.c", "...", "a.b.c.d", "é.é.é"),
        *(None, 5, [], {"a": 1}, "x" * 200_000, f"{encoded([])}.e30.", f"e30.{encoded([1])}."),
        f"e30.{base64.urlsafe_b64encode(b'[' * 3_000).decode()}.",
        f"e30.{base64.urlsafe_b64encode(b'NaN').decode()}.",
    ],
)
def test_what_is_no_token_is_a_named_error(token: Json) -> None:
    assert failure(token) == "invalid_token"


@pytest.mark.parametrize(
    ("claims", "params", "code"),
    [
        ({"exp": NOW_S}, {}, "token_expired"),
        ({"exp": NOW_S + 1}, {}, None),
        ({"exp": NOW_S - 5}, {"leeway_s": 10}, None),
        ({"exp": NOW_S - 5}, {"check_times": False}, None),
        ({"exp": "soon"}, {}, "claim_refused"),
        ({"exp": True}, {}, None),
        ({"nbf": NOW_S + 1}, {}, "claim_refused"),
        ({"nbf": NOW_S + 1}, {"leeway_s": 1}, None),
        ({"iat": NOW_S + 100}, {}, "claim_refused"),
        ({"iss": "a"}, {"issuer": "a"}, None),
        ({"iss": "a"}, {"issuer": "b"}, "claim_refused"),
        ({}, {"issuer": "a"}, "claim_refused"),
        ({"iss": ["a"]}, {"issuer": "a"}, "claim_refused"),
        ({"aud": "x"}, {"audience": "x"}, None),
        ({"aud": ["w", "x"]}, {"audience": "x"}, None),
        ({"aud": ["w"]}, {"audience": "x"}, "claim_refused"),
        ({}, {"audience": "x"}, "claim_refused"),
        ({"aud": ["w"]}, {}, None),
    ],
)
def test_claims_must_hold(claims: dict[str, Json], params: Any, code: str | None) -> None:
    token = by_hand({"alg": "HS256"}, claims)
    if claims.get("exp") is True:
        assert failure(token, **params) in ("token_expired", "claim_refused")
    elif code is None:
        assert verified(token, **params) == claims
    else:
        assert failure(token, **params) == code


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"sub": 7}, "“sub” must be a text, and is 7."),
        ({"iss": ["a"]}, '“iss” must be a text, and is ["a"].'),
        ({"jti": None}, "“jti” must be a text, and is null."),
        ({"exp": "soon"}, '“exp” must be a number of seconds since 1970, and is "soon".'),
        ({"nbf": True}, "“nbf” must be a number of seconds since 1970, and is true."),
        ({"iat": {}}, "“iat” must be a number of seconds since 1970, and is {}."),
        ({"aud": 5}, "“aud” must be a text or a list of texts, and is 5."),
        ({"aud": ["a", 5]}, '“aud” must be a text or a list of texts, and is ["a",5].'),
    ],
)
def test_a_claim_of_a_wrong_kind_is_neither_signed_nor_taken(
    claims: dict[str, Json], told: str
) -> None:
    with pytest.raises(NodeError) as refused:
        made(claims=claims)
    assert refused.value.code == "invalid_claims"
    assert told in refused.value.message
    with pytest.raises(NodeError) as not_taken:
        verified(by_hand({"alg": "HS256"}, claims))
    assert not_taken.value.code == "claim_refused"
    assert told in not_taken.value.message


@pytest.mark.parametrize(
    ("claims", "params", "told"),
    [
        ({"iss": "a"}, {"issuer": "b"}, '“iss” must be “b”, and is "a".'),
        ({"aud": ["a"]}, {"audience": "b"}, '“aud” must be “b”, and is ["a"].'),
        ({}, {"issuer": "b"}, "“iss” must be “b”, and is missing."),
        ({"nbf": NOW_S + 60}, {}, "“nbf”: the token is not valid yet."),
        ({"iat": NOW_S + 60}, {}, "“iat”: the token was issued in the future."),
    ],
)
def test_a_claim_that_does_not_hold_says_why(
    claims: dict[str, Json], params: Any, told: str
) -> None:
    with pytest.raises(NodeError, match="The claim") as failed:
        verified(by_hand({"alg": "HS256"}, claims), **params)
    assert told in failed.value.message


def test_named_claims_are_set_beside_those_of_json() -> None:
    token = made(
        claims='{"sub": "a", "x": 1}', subject="b", audience="c", issuer="d", expires_in_s=60
    )
    assert verified(token, audience="c", issuer="d") == {
        "sub": "b",
        "x": 1,
        "aud": "c",
        "iss": "d",
        "iat": NOW_S,
        "exp": NOW_S + 60,
    }


@pytest.mark.parametrize(
    ("algorithm", "values"),
    [
        ("RS256", {"private_key": pem_of(EC)}),
        ("ES384", {"private_key": pem_of(EC)}),
        ("EdDSA", {"private_key": pem_of(RSA)}),
        ("PS256", SECRET),
        ("HS256", {"private_key": pem_of(RSA)}),
    ],
)
def test_a_key_that_does_not_fit_is_a_named_error(algorithm: str, values: Any) -> None:
    with pytest.raises(NodeError) as failed:
        made(values, algorithm=algorithm)
    assert failed.value.code in ("key_does_not_fit", "no_key")
    assert "PRIVATE" not in str(failed.value)


def test_a_token_that_grows_too_large_is_a_named_error() -> None:
    with pytest.raises(NodeError) as failed:
        made(claims={"a": "x" * 100_000})
    assert failed.value.code == "token_too_large"


def test_a_long_header_is_verified() -> None:
    token = made(header={"x5c": ["x" * 5_000]}, claims={"a": "x" * 50_000})
    assert verified(token)["a"] == "x" * 50_000


@pytest.mark.parametrize(
    "params",
    [
        {"operation": "sign"},
        {"operation": "verify"},
        {"credential": "c", "header": {"alg": "none"}},
        {"credential": "c", "claims": "no json"},
    ],
)
def test_params_that_do_not_fit_are_faults(params: dict[str, Json]) -> None:
    assert len(jwt.check(params)) == 1


def test_an_item_that_fails_leaves_the_others_their_token() -> None:
    params = {"operation": "decode", "token": "={{ $json.t }}"}
    node = Node("n1", "jwt", "Step", params, on_error="continue")
    takes = [{"t": "x"}, Item({"t": "e30.e30."}, {"f": {"id": "1"}})]
    outcome = jwt.prepare(make_call(jwt, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    first, second = outcome.outputs["main"]
    assert first.json["error"]["code"] == "invalid_token"
    assert second.json["jwt"] == {"header": {}, "payload": {}}
    assert second.binary == {"f": {"id": "1"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def test_no_items_give_no_items() -> None:
    outcome = run_step(jwt, {"operation": "decode", "token": "={{ $json.t }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}
