"""Runs, watched live, looked into, retried and cancelled."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, console, event_numbers, head, hooked, lines, named
from tests.graphs import Document
from tests.installation import Installation
from tests.integration.effects import EffectServer

pytestmark = pytest.mark.browser


def held(path: str, effects: EffectServer) -> Document:
    """A workflow whose second step waits for the world outside."""
    return hooked(
        path,
        named("ask", "http_call", "Ask outside", params={"url": effects.held_url}),
        named(
            "tell",
            "transform",
            "Tell",
            params={"code": "console.log('It is done.'); return items;"},
        ),
    )


def refused(path: str) -> Document:
    """A workflow whose second step fails: no operator has allowed that address."""
    return hooked(
        path,
        named("prepare", "set_fields", "Prepare"),
        named("call", "http_call", "Call inside", params={"url": "http://127.0.0.1:9/"}),
    )


def test_a_run_started_by_hand_is_watched_to_its_end(
    signed_in: Page, installation: Installation, effects: EffectServer
) -> None:
    effects.hold()
    installation.workflow(held("watched", effects), "Watched")
    signed_in.goto("/workflows?search=Watched")
    signed_in.get_by_role("button", name="Run now").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(badge(signed_in, "Ask outside", "running")).to_be_visible()
    expect(badge(signed_in, "Hook", "completed")).to_be_visible()
    expect(badge(signed_in, "Tell", "not run")).to_be_visible()
    expect(head(signed_in, "Running")).to_be_visible()
    expect(signed_in.get_by_text("manual by you")).to_be_visible()
    effects.release()
    expect(badge(signed_in, "Tell", "completed")).to_be_visible()
    expect(head(signed_in, "Completed")).to_be_visible()
    assert [re.sub(r" in [\d.]+ m?s", "", line) for line in lines(signed_in)] == [
        "run Run started",
        "Hook Started",
        "Hook Completed → main: 1 item",
        "Ask outside Started",
        "Ask outside Completed → main: 1 item",
        "Tell Started",
        "Tell It is done.",
        "Tell Completed → main: 1 item",
        "run Run completed",
    ]
    signed_in.get_by_role("tab", name="Timeline").click()
    rows = signed_in.get_by_role("list", name="Steps").get_by_role("listitem")
    expect(rows).to_contain_text(["Hook", "Ask outside", "Tell"])


def test_the_node_that_failed_is_shown_of_a_graph_that_is_too_long(
    signed_in: Page, installation: Installation
) -> None:
    steps = [named(f"n{n}", "no_operation", f"Step {n}") for n in range(16)]
    call = named("call", "http_call", "Call inside", params={"url": "http://127.0.0.1:9/"})
    installation.workflow(hooked("long-graph", *steps, call), "Long")
    signed_in.goto("/workflows?search=Long")
    signed_in.get_by_role("button", name="Run now").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    first, failed = badge(signed_in, "Hook", "completed"), badge(signed_in, "Call inside", "failed")
    expect(failed).to_be_in_viewport(ratio=1)
    expect(first).not_to_be_in_viewport()
    console(signed_in).evaluate("lines => lines.scrollTo({top: 0})")
    console(signed_in).get_by_role("button", name="Hook").first.click()
    expect(first).to_be_in_viewport(ratio=1)
    signed_in.get_by_role("button", name="Show the step").click()
    expect(failed).to_be_in_viewport(ratio=1)
    expect(failed.locator("[data-selected]")).to_be_visible()


def test_a_run_that_a_hook_starts_comes_to_the_list_by_itself(
    signed_in: Page, installation: Installation, effects: EffectServer
) -> None:
    effects.hold()
    installation.workflow(held("listed", effects), "Listed")
    signed_in.goto("/runs")
    expect(signed_in.get_by_role("heading", name="Runs")).to_be_visible()
    row = signed_in.get_by_role("row").filter(has_text="Listed")
    expect(row).to_have_count(0)
    installation.hook("listed", {})
    expect(row).to_contain_text("Running")
    effects.release()
    expect(row).to_contain_text("Completed")


def test_reloading_in_the_middle_shows_every_event_once(
    signed_in: Page, installation: Installation, effects: EffectServer
) -> None:
    effects.hold()
    installation.workflow(held("reloaded", effects))
    run = installation.hook("reloaded", {})
    signed_in.goto(f"/runs/{run}")
    expect(badge(signed_in, "Ask outside", "running")).to_be_visible()
    before = lines(signed_in)
    signed_in.reload()
    expect(badge(signed_in, "Ask outside", "running")).to_be_visible()
    assert lines(signed_in) == before
    effects.release()
    expect(head(signed_in, "Completed")).to_be_visible()
    expect(console(signed_in)).to_contain_text("Run completed")
    assert event_numbers(signed_in) == list(range(1, 10))


def test_a_step_shows_what_it_took_and_gave(signed_in: Page, installation: Installation) -> None:
    run = installation.hook("demo", {"action": "opened", "sender": {"login": "ada"}})
    signed_in.goto(f"/runs/{run}")
    badge(signed_in, "Sum it up", "completed").click()
    step = signed_in.get_by_role("complementary", name="Step")
    expect(step.get_by_role("heading", name="Sum it up")).to_be_visible()
    expect(step).to_contain_text("Transform")
    expect(step.get_by_role("tabpanel")).to_contain_text("ada: opened")
    step.get_by_role("tab", name="Input").click()
    step.get_by_role("button", name="body").click()
    expect(step.get_by_role("tabpanel")).to_contain_text("sender")
    step.get_by_role("tab", name="Log").click()
    expect(step.get_by_role("tabpanel")).to_contain_text("ada: opened")
    step.get_by_role("button", name="Close step").click()
    expect(step).to_have_count(0)


def test_who_reads_up_in_the_console_with_the_keyboard_is_not_pulled_back(
    signed_in: Page, installation: Installation, effects: EffectServer
) -> None:
    talk = "for (let n = 0; n < 100; n += 1) console.log('line ' + n); return items;"
    effects.hold()
    installation.workflow(
        hooked(
            "talkative",
            named("talk", "transform", "Talk", params={"code": talk}),
            named("ask", "http_call", "Ask outside", params={"url": effects.held_url}),
        )
    )
    run = installation.hook("talkative", {})
    signed_in.goto(f"/runs/{run}")
    follow = signed_in.get_by_role("switch", name="Follow")
    expect(badge(signed_in, "Ask outside", "running")).to_be_visible()
    expect(console(signed_in).get_by_text("line 99")).to_be_in_viewport()
    expect(follow).to_be_checked()
    console(signed_in).focus()
    signed_in.keyboard.press("Home")
    expect(console(signed_in).get_by_text("Run started")).to_be_in_viewport()
    expect(follow).not_to_be_checked()

    effects.release()
    expect(head(signed_in, "Completed")).to_be_visible()
    expect(console(signed_in).get_by_text("Run started")).to_be_in_viewport()
    console(signed_in).focus()
    signed_in.keyboard.press("End")
    expect(console(signed_in).get_by_text("Run completed")).to_be_in_viewport()
    expect(follow).to_be_checked()


def test_a_failed_run_says_why_and_is_retried(signed_in: Page, installation: Installation) -> None:
    installation.workflow(refused("refused"))
    run = installation.hook("refused", {})
    signed_in.goto(f"/runs/{run}")
    alert = signed_in.get_by_role("alert")
    expect(alert).to_contain_text("Connections to 127.0.0.1:9 are refused")
    expect(alert).to_contain_text("An operator can allow it with the setting EGRESS_ALLOW.")
    alert.get_by_role("button", name="Show the step").click()
    expect(signed_in.get_by_role("complementary", name="Step")).to_contain_text("egress_refused")

    signed_in.get_by_role("button", name="Retry").click()
    signed_in.get_by_role("menuitem", name="From the failed step").click()
    expect(signed_in.get_by_role("link", name="retries an earlier run")).to_be_visible()
    expect(badge(signed_in, "Prepare", "taken over")).to_be_visible()
    expect(badge(signed_in, "Call inside", "failed")).to_be_visible()

    first_retry = signed_in.url
    signed_in.get_by_role("button", name="Retry").click()
    signed_in.get_by_role("menuitem", name="From the start").click()
    expect(signed_in).not_to_have_url(first_retry)
    expect(badge(signed_in, "Prepare", "completed")).to_be_visible()
    expect(badge(signed_in, "Call inside", "failed")).to_be_visible()


def test_a_waiting_run_is_cancelled(signed_in: Page, installation: Installation) -> None:
    installation.workflow(
        hooked("waiting", named("nap", "delay", "Sleep a day", params={"seconds": 86_400}))
    )
    run = installation.hook("waiting", {})
    signed_in.goto(f"/runs/{run}")
    expect(badge(signed_in, "Sleep a day", "waiting")).to_be_visible()
    signed_in.get_by_role("button", name="Cancel run").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
    expect(head(signed_in, "Cancelled")).to_be_visible()
    expect(console(signed_in)).to_contain_text("Run cancelled")
    assert installation.run(run)["status"] == "cancelled"
