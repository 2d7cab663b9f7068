"""People outside answer runs that wait: by the link in their mail, in their browser."""

import re
from collections.abc import Iterator

import httpx
import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Page, expect

from tests.browser.journeys import hooked, named
from tests.installation import TLS, Installation
from tests.migrated import migrated_sqlite
from tests.nodes.smtp import Keeper
from tests.services import free_port, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def post() -> Iterator[Controller]:
    """A mail server on loopback, with a thread of its own, that keeps what it takes."""
    server = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, post: Controller) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("asking")
    with Installation(folder, migrated_sqlite(folder)) as house:
        house.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{post.port}"
        house.serve()
        yield house


def link_for(post: Controller, recipient: str) -> str:
    """The address in the message to this recipient, once that has come."""
    taken = post.handler.taken
    wait_for(lambda: any(recipient in each.recipients for each in taken))
    [message] = [each.message for each in taken if recipient in each.recipients]
    [link] = re.findall(r"http://\S+/decide/\S+", message.get_content())
    return str(link)


def outputs(house: Installation, run: str) -> dict[str, dict[str, int]]:
    steps = house.api("GET", f"runs/{run}/steps")["results"]
    return {step["node"]: step["output_counts"] for step in steps}


def test_who_is_asked_by_mail_rejects_with_a_comment(
    page: Page, house: Installation, post: Controller
) -> None:
    asks = {
        "question": "=Refund order {{ $json.body.order }}?",
        "details": "<script>alert(1)</script>",
        "to": "Ada <ada@example.org>",
        "from": "shop@example.org",
    }
    house.workflow(hooked("refund", named("ask", "approval", "Ask", params=asks)))
    run = house.hook("refund", {"order": 7})
    link = link_for(post, "ada@example.org")
    wait_for(lambda: house.run(run)["status"] == "waiting")
    page.goto(link)
    expect(page.get_by_role("heading", name="Refund order 7?")).to_be_visible()
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    page.get_by_label("Comment").fill("Not this time.")
    assert house.run(run)["status"] == "waiting"
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("heading", name="You have rejected")).to_be_visible()
    assert house.ended(run)["status"] == "completed"
    assert outputs(house, run)["ask"] == {"rejected": 1}
    assert httpx.get(link, verify=TLS).status_code == 410


def test_who_opens_the_address_of_a_wait_is_asked_before_the_run_goes_on(
    page: Page, house: Installation
) -> None:
    told = {"mode": "json", "include": "none", "json": "={{ { url: $execution.resumeUrl } }}"}
    tell = named("tell", "set_fields", "Tell", params=told)
    wait = named("wait", "wait_for_webhook", "Wait")
    house.workflow(hooked("waiting", tell, wait))
    run = house.hook("waiting", {})
    wait_for(lambda: house.run(run)["status"] == "waiting")
    steps = house.api("GET", f"runs/{run}/steps?include=payloads")["results"]
    [url] = [
        step["output_json"]["main"][0]["json"]["url"] for step in steps if step["node"] == "tell"
    ]
    page.goto(f"{url}?from=mail")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The workflow goes on")).to_be_visible()
    assert house.ended(run)["status"] == "completed"
