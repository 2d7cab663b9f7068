"""The parameters of a webhook."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from apps.nodes.params import ParamsModel

_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


def _plain_path(path: str) -> str:
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(
            "A path is made of letters, digits, “-”, “_”, “.” and “~”, in parts between “/”."
        )
    return path


class WebhookParams(ParamsModel):
    """Where a webhook listens, whom it lets in, and what it answers."""

    path: Annotated[str, AfterValidator(_plain_path)] = Field(
        title="Path", max_length=200, examples=["orders"], description="Behind /hooks/."
    )
    method: Method = Field("POST", title="Method")
