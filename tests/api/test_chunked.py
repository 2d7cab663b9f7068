"""Bodies that are sent in chunks, as a server passes them on."""

import json

import pytest
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator
from django.conf import settings

from flowforge import asgi
from tests.factories import make_api_key

pytestmark = pytest.mark.django_db(transaction=True)


async def send_chunks(key: str, *chunks: bytes) -> tuple[int, dict]:
    headers = {
        "host": "localhost",
        "authorization": f"Bearer {key}",
        "content-type": "application/json",
        "transfer-encoding": "chunked",
    }
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    asked = HttpCommunicator(asgi.application, "POST", "/api/v1/workflows", headers=pairs)
    for chunk in chunks:
        await asked.send_input({"type": "http.request", "body": chunk, "more_body": True})
    await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
    status = (await asked.receive_output(timeout=20))["status"]
    body = (await asked.receive_output(timeout=20))["body"]
    await asked.wait(timeout=20)
    return status, json.loads(body)


def test_a_body_in_chunks_is_read_whole() -> None:
    _, text = make_api_key()
    status, body = async_to_sync(send_chunks)(text, b'{"na', b'me": "One"}')
    assert (status, body["name"]) == (201, "One")


def test_chunks_over_the_limit_are_413() -> None:
    _, text = make_api_key()
    chunk = b" " * (settings.MAX_BODY_BYTES // 2 + 1)
    status, body = async_to_sync(send_chunks)(text, chunk, chunk)
    assert (status, body["errors"][0]["code"]) == (413, "request_entity_too_large")
