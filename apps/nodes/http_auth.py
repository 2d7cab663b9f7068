"""Credentials of HTTP requests: how each type of secret is put on one."""

import base64

from apps.engine.errors import NodeError
from apps.nodes.context import Credential
from apps.nodes.http import with_query

HTTP_CREDENTIALS = ("http_bearer", "http_basic", "http_header", "http_query")


def authorise(credential: Credential, url: str, headers: dict[str, str]) -> str:
    """Put the secret on a request: into its headers, or into the URL that is given back."""
    values = credential.values
    try:
        if credential.type == "http_bearer":
            headers["Authorization"] = f"Bearer {values['token']}"
        elif credential.type == "http_basic":
            pair = f"{values['username']}:{values['password']}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        elif credential.type == "http_header":
            headers[values["name"]] = values["value"]
        elif credential.type == "http_query":
            return with_query(url, [(values["name"], values["value"])])
    except KeyError as error:
        raise NodeError(
            "credential_incomplete", f"The credential has no value “{error.args[0]}”."
        ) from None
    return url
