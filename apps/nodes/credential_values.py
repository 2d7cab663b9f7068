"""What the values of credentials are made of: lines, secrets, hosts, and where they may go."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from apps.nodes.outside.egress import InvalidUrlError, parse_url
from apps.nodes.params import ParamsModel

MAX_TEXT = 8_192
MAX_PAIRS = 50
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:.]+\]?")
HEADER_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")


class CredentialValues(ParamsModel):
    """Base of the values of every type. Neither its repr nor its errors show what is secret."""

    model_config = ConfigDict(hide_input_in_errors=True)


def _one_line(text: str) -> str:
    if not text.replace("\t", " ").isprintable():
        raise ValueError("It must be one line, without control characters.")
    return text


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("It must be text without NUL and without half a character.")
    return text


def _header_name(text: str) -> str:
    if not HEADER_TOKEN.fullmatch(text):
        raise ValueError("It is no name of a header.")
    return text


def web_address(text: str) -> str:
    """A URL, of HTTP."""
    try:
        parse_url(text)
    except InvalidUrlError:
        # Whose message shows the URL, which may be a secret itself.
        raise ValueError("It must be a URL that begins with https:// or http://.") from None
    return text


def _hosts(names: list[str]) -> list[str]:
    hosts = [name.strip().lower().removesuffix(".") for name in names]
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("It must hold host names: “api.example.org”, or “*.example.org”.")
    return hosts


_HIDDEN: dict[str, Any] = {"writeOnly": True, "x-widget": "password"}
_HIDDEN_TEXT: dict[str, Any] = {"writeOnly": True, "x-widget": "secret-text"}
_HIDDEN_PAIRS: dict[str, Any] = {"writeOnly": True, "x-widget": "key-values"}

DESTINATION: dict[str, Any] = {"x-destination": True}
"""Marks a value that says where the secrets go."""

Line = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_one_line)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Secret = Annotated[
    str,
    Field(repr=False, max_length=MAX_TEXT, json_schema_extra=_HIDDEN),
    AfterValidator(_one_line),
]
SecretText = Annotated[
    str,
    Field(repr=False, max_length=4 * MAX_TEXT, json_schema_extra=_HIDDEN_TEXT),
    AfterValidator(_storable),
]
"""Of several lines: a key in PEM."""
SecretPairs = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)],
        Line,
    ],
    Field(repr=False, min_length=1, max_length=MAX_PAIRS, json_schema_extra=_HIDDEN_PAIRS),
]
"""Names, which are shown, and values, which are not."""
Hosts = Annotated[
    list[str],
    Field(
        title="Hosts it may be sent to",
        description="Such as api.example.org or *.example.org. Empty: to any.",
        max_length=50,
        json_schema_extra=DESTINATION,
    ),
    AfterValidator(_hosts),
]


def is_allowed_host(allowed: Sequence[str], host: str) -> bool:
    """Whether a request to this host may bear a credential with these `allowed_hosts`."""
    return not allowed or any(
        host.endswith(entry[1:]) if entry.startswith("*.") else host == entry.strip("[]")
        for entry in allowed
    )
