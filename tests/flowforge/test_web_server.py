"""What Daphne does for FlowForge beyond itself."""

# Installs Twisted's reactor: before anything else of Twisted.
from flowforge.web_server import bound_body  # isort: skip

from io import BytesIO
from typing import Any

import pytest
from pytest_django import Settings
from twisted.web.http import Request
from twisted.web.test.requesthelper import DummyChannel


@pytest.mark.parametrize("chunks", [[b"x" * 500], [b"x" * 90, b"x" * 90, b"x" * 90], [b"x" * 101]])
def test_of_a_body_that_is_too_large_only_so_much_is_kept(
    settings: Settings, chunks: list[bytes]
) -> None:
    settings.MAX_BODY_BYTES = 100
    request: Any = Request(DummyChannel())
    request.content = BytesIO()
    bound_body(request)
    for chunk in chunks:
        request.handleContentChunk(chunk)
    assert len(request.content.getvalue()) == 101
