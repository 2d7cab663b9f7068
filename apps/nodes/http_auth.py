"""Credentials of HTTP requests: how each type of secret is put on one."""

import base64

from apps.engine.errors import NodeError
from apps.nodes.context import Credential
from apps.nodes.http import with_query

HTTP_CREDENTIALS = ("http_bearer", "http_basic", "http_header", "http_query")


def authorised(credential: Credential, url: str) -> tuple[str, dict[str, str]]:
    """How the secret is put on a request: its URL, and the headers that bear the secret."""
    values = credential.values
    try:
        if credential.type == "http_bearer":
            return url, {"Authorization": f"Bearer {values['token']}"}
        if credential.type == "http_basic":
            pair = f"{values['username']}:{values['password']}"
            return url, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        if credential.type == "http_header":
            return url, {values["name"]: values["value"]}
        return with_query(url, [(values["name"], values["value"])]), {}
    except KeyError as error:
        raise NodeError(
            "credential_incomplete", f"The credential has no value “{error.args[0]}”."
        ) from None
