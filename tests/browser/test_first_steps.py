"""What somebody does who has just started FlowForge."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_who_is_not_signed_in_is_asked_to(page: Page) -> None:
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_said(page: Page, installation: Installation) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(installation.email)
    page.get_by_role("textbox", name="Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_demo_workflows_are_there(signed_in: Page) -> None:
    expect(signed_in.get_by_role("link", name="GitHub events")).to_be_visible()
    expect(signed_in.get_by_role("link", name="Parcels, one by one")).to_be_visible()


def test_a_hooks_run_shows_its_steps(signed_in: Page, installation: Installation) -> None:
    run = installation.hook("demo", {"action": "opened", "repository": {"full_name": "a/b"}})
    signed_in.goto(f"/runs/{run}")
    expect(signed_in.get_by_text("Completed").first).to_be_visible()
    expect(signed_in.get_by_text("somebody opened").first).to_be_visible()
    expect(signed_in.get_by_text("Tell the team").first).to_be_visible()


def test_a_run_is_watched_live(signed_in: Page, installation: Installation) -> None:
    workflows = installation.api("GET", "workflows")["results"]
    slow = next(each["id"] for each in workflows if each["name"] == "Parcels, one by one")
    run = installation.api("POST", f"workflows/{slow}/runs", {})["id"]
    signed_in.goto(f"/runs/{run}")
    expect(signed_in.get_by_text(re.compile("^(Running|Waiting)$")).first).to_be_visible()
    expect(signed_in.get_by_text("Completed").first).to_be_visible(timeout=30_000)
    signed_in.get_by_role("tab", name="Timeline").click()
    expect(signed_in.get_by_text("Count them").first).to_be_visible()


def test_the_admin_shows_the_same_run(signed_in: Page, installation: Installation) -> None:
    run = installation.hook("demo", {"action": "closed"})
    installation.ended(run)
    signed_in.goto(f"/admin/runs/run/{run}/change/")
    expect(signed_in.get_by_text("GitHub events").first).to_be_visible()
