"""A server is killed in the middle of effects; a person says what shall become of them."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, fill_sign_in, head, hooked, named
from tests.installation import Installation
from tests.integration.effects import EffectServer
from tests.migrated import migrated_sqlite
from tests.services import wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def interrupted(
    tmp_path_factory: pytest.TempPathFactory, effects: EffectServer
) -> Iterator[tuple[Installation, dict[str, str]]]:
    """A server that came back after its death, and two runs that ask."""
    folder = tmp_path_factory.mktemp("interrupted")
    with Installation(folder, migrated_sqlite(folder)) as house:
        house.environment |= {
            "EGRESS_ALLOW": effects.address,
            "SWEEP_S": "0.5",
            "SILENT_AFTER_S": "3",
        }
        server = house.serve()
        effects.hold()
        runs = {}
        for path in ("again", "use"):
            pay = {"url": effects.held_url}
            house.workflow(
                hooked(
                    path,
                    named("pay", "http_call", "Pay", params=pay, on_crash="ask"),
                    named("note", "set_fields", "Note it down"),
                )
            )
            runs[path] = house.hook(path, {})
            wait_for(lambda run=runs[path]: effects.begun_by(run))
        server.end(signal.SIGKILL)
        effects.release()
        house.serve()
        yield house, runs


@pytest.fixture
def asked(page: Page, interrupted: tuple[Installation, dict[str, str]]) -> Page:
    house, _ = interrupted
    page.goto(f"{house.url}/login")
    fill_sign_in(page, house.email, house.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    return page


def test_a_lost_step_is_run_again(
    asked: Page, interrupted: tuple[Installation, dict[str, str]], effects: EffectServer
) -> None:
    house, runs = interrupted
    asked.goto(f"{house.url}/runs/{runs['again']}")
    expect(asked.get_by_text("“Pay” needs a decision")).to_be_visible()
    expect(badge(asked, "Pay", "waiting")).to_be_visible()
    asked.get_by_role("button", name="Run again").click()
    expect(badge(asked, "Note it down", "completed")).to_be_visible()
    expect(head(asked, "Completed")).to_be_visible()
    expect(asked.get_by_text("needs a decision")).to_have_count(0)
    assert effects.begun_by(runs["again"]) == {"pay:0": 2}


def test_known_items_stand_in_for_a_lost_step(
    asked: Page, interrupted: tuple[Installation, dict[str, str]], effects: EffectServer
) -> None:
    house, runs = interrupted
    asked.goto(f"{house.url}/runs/{runs['use']}")
    asked.get_by_role("button", name="Use these items…").click()
    asked.get_by_role("dialog").get_by_label("Items").fill('[{"receipt": 12345678901234567890}]')
    asked.get_by_role("button", name="Use the items").click()
    expect(badge(asked, "Note it down", "completed")).to_be_visible()
    badge(asked, "Pay", "completed").click()
    step = asked.get_by_role("complementary", name="Step")
    expect(step).to_contain_text("12345678901234567890")
    assert effects.begun_by(runs["use"]) == {"pay:0": 1}
