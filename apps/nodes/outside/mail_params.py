"""What the nodes that send mail ask of a builder: to whom, and from whom."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from apps.engine.errors import NodeError
from apps.nodes.outside.mail_addresses import Address, read_addresses


def _readable(written: str | list[str], info: ValidationInfo) -> str | list[str]:
    field = str(info.field_name)
    try:
        read_addresses(written, field)
    except NodeError as error:
        raise ValueError(error.message.removeprefix(f"{field}: ")) from None
    return written


Recipients = Annotated[
    str | list[str], AfterValidator(_readable), Field(json_schema_extra={"x-widget": "text"})
]


def sender_of(written: str, server: Mapping[str, Any] | None, default: str) -> Address:
    """Who a message is from: as the params say, else who logs in at the server, if that is an
    address. Raises NodeError `invalid_address`."""
    username = str(server["username"]) if server else ""
    senders = read_addresses(written.strip() or (username if "@" in username else default), "from")
    if len(senders) != 1:
        raise NodeError("invalid_address", "from: a message has one sender.")
    return senders[0]
