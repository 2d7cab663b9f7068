"""What somebody does who has just started FlowForge."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import choose_in_menu, expect_signed_in, fill_sign_in
from tests.installation import Installation

pytestmark = pytest.mark.browser


def test_who_is_not_signed_in_signs_in_and_comes_where_they_wanted(
    page: Page, installation: Installation
) -> None:
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fill_sign_in(page, installation.email, installation.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()


def test_a_wrong_password_is_said(page: Page, installation: Installation) -> None:
    page.goto("/login")
    fill_sign_in(page, installation.email, "wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("password")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_demo_workflows_are_there_and_found(signed_in: Page) -> None:
    signed_in.goto("/workflows")
    # Other journeys may have made more than fit on the first page.
    search = signed_in.get_by_role("searchbox", name="Search workflows")
    search.fill("github")
    expect(signed_in.get_by_role("link", name="GitHub events")).to_be_visible()
    search.fill("parcels")
    expect(signed_in.get_by_role("link", name="GitHub events")).to_have_count(0)
    expect(signed_in.get_by_role("link", name="Parcels, one by one")).to_be_visible()
    expect(signed_in).to_have_url(re.compile("search=parcels"))


def test_who_signs_out_sees_nothing_more(signed_in: Page) -> None:
    signed_in.goto("/workflows")
    choose_in_menu(signed_in, "Sign out")
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()
    signed_in.goto("/workflows")
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()


def test_all_of_it_goes_without_a_mouse(page: Page, installation: Installation) -> None:
    page.goto("/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab_to(page, "Email")
    page.keyboard.type(installation.email)
    tab_to(page, "Password")
    page.keyboard.type(installation.password)
    page.keyboard.press("Enter")
    expect_signed_in(page)
    # Each workflow is some stops of Tab: with many, who uses the keyboard searches as others do.
    tab_to(page, "Search workflows")
    page.keyboard.type("github")
    expect(page.get_by_role("link", name="Parcels, one by one")).to_have_count(0)
    tab_to(page, "GitHub events")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Latest runs")).to_be_visible()
    tab_to(page, "Run now")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("The run begins at")
    tab_to(page, "Run")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Sum it up, completed")).to_be_visible()
    tab_to(page, "Sum it up, completed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Step")).to_contain_text("somebody: sent")
    tab_to(page, "Console")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("list", name="Steps")).to_contain_text("Sum it up")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what bears this name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate(NAME_OF_FOCUSED):
            return
    pytest.fail(f"no Tab leads to “{name}”")


NAME_OF_FOCUSED = """() => {
  const {ariaLabel, labels, innerText} = document.activeElement;
  return ariaLabel ?? labels?.[0]?.innerText ?? innerText ?? '';
}"""
