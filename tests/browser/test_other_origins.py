"""Pages of other origins send to webhooks: a browser lets those that are listed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.graphs import graph, node
from tests.installation import Installation

pytestmark = pytest.mark.browser

SEND = """url => fetch(url, {
    method: "POST",
    headers: {"Content-Type": "application/json", "X-Shop": "7"},
    body: '{"id": 7}',
}).then(answer => answer.json(), () => "not allowed")"""


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Shop</title>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[str]:
    """The origin of a site that is not FlowForge's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def visitor(browser: Browser, shop: str) -> Iterator[Page]:
    """Who looks at the shop. The browser complains of what it forbids, as it should."""
    page = browser.new_page()
    page.goto(shop)
    yield page
    page.close()


def listening(house: Installation, path: str, **params: Any) -> str:
    hook = node("hook", "webhook", params={"path": path, **params})
    return house.workflow(graph([hook, node("end")], ["hook -> end"]))


def test_a_page_that_is_listed_sends_and_reads_the_answer(
    installation: Installation, visitor: Page, shop: str
) -> None:
    listening(installation, "for-the-shop", cors_origins=[shop])
    answer = visitor.evaluate(SEND, f"{installation.url}/hooks/for-the-shop")
    assert installation.ended(answer["run"])["status"] == "completed"


def test_a_page_that_is_not_listed_sends_nothing(installation: Installation, visitor: Page) -> None:
    workflow = listening(installation, "for-others", cors_origins=["https://shop.example"])
    assert visitor.evaluate(SEND, f"{installation.url}/hooks/for-others") == "not allowed"
    assert installation.api("GET", f"runs?workflow={workflow}")["results"] == []
