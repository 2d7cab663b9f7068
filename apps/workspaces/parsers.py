"""Reads request bodies: JSON as docs/graphs.md ("Data") has it, and nothing else."""

import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import BaseParser

from apps.engine.encoding import normalise, read_json

_MAY_HOLD_SURROGATES = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJSONParser(BaseParser):
    """JSON with one exact error for each way of not being JSON, and a bound on its size."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(body) > settings.MAX_BODY_BYTES:
            raise RequestDataTooBig
        value = read_json(body)
        # Half a character cannot be stored or sent: it becomes U+FFFD here, once for all.
        return normalise(value)[1] if _MAY_HOLD_SURROGATES.search(body) else value
