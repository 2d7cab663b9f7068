"""The types of credentials: what they refuse, and that nothing shows what is secret in them."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from pydantic import ValidationError

from apps.engine.errors import NodeError
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.credential_values import is_allowed_host
from apps.nodes.registry import library
from apps.nodes.requests.auth import authorised
from apps.nodes.vault import Credential

SECRET = "s3cret-value"
KEY = Ed25519PrivateKey.generate()
PEM = KEY.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame")
).decode()
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

GOOD: dict[str, dict[str, Any]] = {
    "http_bearer": {"token": SECRET},
    "http_basic": {"username": "ada", "password": SECRET},
    "http_header": {"name": "X-API-Key", "value": SECRET},
    "http_headers": {"headers": {"X-API-Key": SECRET, "X-Application": "app"}},
    "http_query": {"name": "key", "value": SECRET, "allowed_hosts": ["api.test"]},
    "oauth2_client": {
        "authorize_url": "https://id.test/authorize",
        "token_url": "https://id.test/token",
        "client_id": "flowforge",
        "client_secret": SECRET,
    },
    "smtp": {"host": "mail.test", "username": "ada", "password": SECRET},
    "imap": {"host": "mail.test", "username": "ada", "password": SECRET},
    "slack": {"bot_token": SECRET},
    "postgres": {"host": "db.test", "database": "app", "user": "ada", "password": SECRET},
    "signing_key": {"secret": SECRET},
    "webhook_secret": {"secret": SECRET},
    "generic": {"pairs": {"anything": SECRET}},
}


def faults(type: str, **values: Any) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in CREDENTIAL_TYPES[type].faults(values)]


@pytest.mark.parametrize("type", CREDENTIAL_TYPES)
def test_each_type_takes_good_values_and_shows_no_secret_of_them(type: str) -> None:
    known = CREDENTIAL_TYPES[type]
    assert known.faults(GOOD[type]) == []
    assert SECRET in known.secrets_of(GOOD[type])
    values = known.model.model_validate(GOOD[type])
    assert SECRET not in f"{values} {values!r} {Credential(type, values.model_dump())!r}"


@pytest.mark.parametrize("type", CREDENTIAL_TYPES)
def test_each_type_tells_what_is_missing_or_unknown(type: str) -> None:
    assert CREDENTIAL_TYPES[type].faults({})
    assert ("surprise", "unknown_param") in faults(type, **GOOD[type], surprise=1)


@pytest.mark.parametrize("type", CREDENTIAL_TYPES)
def test_no_fault_and_no_error_tells_a_secret(type: str) -> None:
    known = CREDENTIAL_TYPES[type]
    broken = f"{SECRET}\n\0" * 4_000
    values = dict.fromkeys(known.model.model_fields, broken)
    assert SECRET not in f"{known.faults(values)}"
    with pytest.raises(ValidationError) as error:
        known.model.model_validate(values)
    assert SECRET not in f"{error.value} {error.value!r}"


@pytest.mark.parametrize("type", CREDENTIAL_TYPES)
def test_the_schema_says_of_each_secret_that_it_is_only_written(type: str) -> None:
    entry = CREDENTIAL_TYPES[type].describe()
    properties = entry["schema"]["properties"]
    only_written = {name for name, field in properties.items() if field.get("writeOnly")}
    assert only_written == set(CREDENTIAL_TYPES[type].secret_fields)
    assert all(field.get("title") for field in properties.values())


def test_the_node_types_ask_for_types_that_there_are() -> None:
    asked = {name for type in library().all() for name in type.credentials}
    assert asked <= CREDENTIAL_TYPES.keys()


@pytest.mark.parametrize(
    ("type", "values", "path"),
    [
        ("http_basic", {"username": "a\nb", "password": "p"}, "username"),
        ("http_header", {"name": "X Key", "value": "v"}, "name"),
        ("http_headers", {"headers": {"X Key": "v"}}, "headers"),
        ("http_headers", {"headers": {}}, "headers"),
        ("http_bearer", {"token": "t", "allowed_hosts": ["https://a.test/"]}, "allowed_hosts"),
        ("oauth2_client", {"token_url": "file:///etc/passwd", "client_id": "a"}, "token_url"),
        ("oauth2_client", {"token_url": "https://id.test", "client_id": "a"}, "authorize_url"),
        ("smtp", {"host": "mail.test", "port": 70_000}, "port"),
        ("slack", {}, "bot_token"),
        ("slack", {"webhook_url": "hooks.slack.com"}, "webhook_url"),
        ("postgres", {"host": "a", "database": "b", "user": "c", "sslmode": "on"}, "sslmode"),
        ("generic", {"pairs": {str(n): "v" for n in range(51)}}, "pairs"),
        ("generic", {"pairs": {"name": 1}}, "pairs.name"),
    ],
)
def test_what_a_type_cannot_use_is_refused(type: str, values: dict[str, Any], path: str) -> None:
    assert [place for place, _ in faults(type, **values)] == [path]


def test_a_signing_key_opens_with_its_passphrase_alone() -> None:
    assert faults("signing_key", private_key=PEM, passphrase="open sesame") == []
    assert faults("signing_key", public_key=PUBLIC_PEM) == []
    for wrong in ({"private_key": PEM}, {"private_key": PEM, "passphrase": "x"}):
        assert faults("signing_key", **wrong) == [("private_key", "invalid_value")]
    assert faults("signing_key", private_key=PUBLIC_PEM) == [("private_key", "invalid_value")]
    assert faults("signing_key", public_key=PEM) == [("public_key", "invalid_value")]


@pytest.mark.parametrize(
    ("allowed", "host", "is_allowed"),
    [
        ([], "any.test", True),
        (["api.test"], "api.test", True),
        (["api.test"], "sub.api.test", False),
        (["api.test"], "evilapi.test", False),
        (["*.api.test"], "sub.api.test", True),
        (["*.api.test"], "api.test", False),
        (["*.api.test"], "evilapi.test", False),
        (["192.0.2.1", "[2001:db8::1]"], "2001:db8::1", True),
    ],
)
def test_a_host_is_allowed_by_its_whole_name(
    allowed: list[str], host: str, is_allowed: bool
) -> None:
    assert is_allowed_host(allowed, host) == is_allowed


@pytest.mark.parametrize(
    "url", ["http://evil.test/", "http://api.test@evil.test/", "http://api.test.evil.test/a"]
)
def test_a_credential_goes_to_its_hosts_alone(url: str) -> None:
    credential = Credential("http_bearer", {"token": SECRET, "allowed_hosts": ["api.test"]})
    assert authorised(credential, "http://API.test./a")[1]["Authorization"].endswith(SECRET)
    with pytest.raises(NodeError) as refused:
        authorised(credential, url)
    assert refused.value.code in ("credential_refused", "invalid_url")
    assert SECRET not in refused.value.message
