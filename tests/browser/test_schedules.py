"""Admin and web app show when a schedule fires, pause it and run it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, button, choose_in_menu, named
from tests.graphs import graph
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_staff_look_at_a_schedule_backfill_and_pause_it(
    signed_in: Page, installation: Installation
) -> None:
    signed_in.goto("/workflows")
    nightly = named("tick", "schedule", "Tick", params={"cron": "30 3 * * *"})
    nodes = [nightly, named("end", "no_operation", "End")]
    installation.workflow(graph(nodes, ["tick -> end"]), "Nightly report")
    choose_in_menu(signed_in, "Admin")
    signed_in.locator("a[href='/admin/triggers/schedule/']").first.click()
    row = signed_in.get_by_role("row").filter(has_text="Nightly report")
    expect(row).to_contain_text("new")
    expect(row).to_contain_text("At 03:30")
    row.get_by_role("link").first.click()
    times = signed_in.get_by_role("table").filter(has_text="03:30:00")
    expect(times.get_by_role("row")).to_have_count(6)

    signed_in.get_by_role("link", name="Backfill").click()
    signed_in.get_by_label("From, UTC").fill("2026-01-01T00:00")
    signed_in.get_by_label("To, UTC").fill("2026-01-03T00:00")
    signed_in.get_by_role("button", name="Count").click()
    expect(signed_in.get_by_text("2 runs would be made")).to_be_visible()
    signed_in.get_by_role("button", name="Make 2 runs").click()
    expect(signed_in.get_by_text("2 times made up for.")).to_be_visible()

    button(signed_in, "Pause").click()
    signed_in.get_by_role("button", name="Pause").click()
    expect(signed_in.get_by_text("1 schedule paused.")).to_be_visible()
    expect(signed_in.get_by_text("It fires at none of them")).to_be_visible()


def test_the_web_app_tells_when_a_schedule_fires_pauses_it_and_runs_it_now(
    signed_in: Page, installation: Installation
) -> None:
    nightly = named("tick", "schedule", "Tick", params={"cron": "30 3 * * *"})
    nodes = [nightly, named("end", "no_operation", "End")]
    workflow = installation.workflow(graph(nodes, ["tick -> end"]), "Nightly check")
    signed_in.goto(f"/workflows/{workflow}")
    signed_in.get_by_role("group", name="Tick", exact=True).click()
    detail = signed_in.get_by_role("complementary", name="Node")
    expect(detail).to_contain_text("At 03:30")
    times = detail.get_by_role("list", name="Next times").get_by_role("listitem")
    expect(times).to_have_count(5)
    expect(times.first).to_contain_text("03:30 +00:00")

    detail.get_by_role("button", name="Pause").click()
    expect(detail.get_by_text("It is paused")).to_be_visible()
    detail.get_by_role("button", name="Resume").click()
    expect(detail.get_by_text("It is paused")).to_have_count(0)
    detail.get_by_role("button", name="Backfill…").click()
    signed_in.get_by_label("From, by your clock").fill("2026-01-01T00:00")
    signed_in.get_by_label("To, by your clock").fill("2026-01-03T00:00")
    signed_in.get_by_role("button", name="Count").click()
    expect(signed_in.get_by_text("2 runs would be made")).to_be_visible()
    signed_in.get_by_role("button", name="Make 2 runs").click()
    expect(detail.get_by_role("list", name="Last times").get_by_role("listitem")).to_have_count(2)

    detail.get_by_role("button", name="Run the schedule now").click()
    expect(badge(signed_in, "End", "completed")).to_be_visible()
