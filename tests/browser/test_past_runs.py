"""What ran before: two runs beside each other, one on the canvas, and one run otherwise."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, head, hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser
GREETED = {"assignments": [{"name": "told", "value": "=Dear {{ $json.body.name }}"}]}


def greeting(installation: Installation, path: str, *names: str) -> tuple[str, list[str]]:
    """A workflow that greets who comes to its hook, and a run for each of these."""
    greet = named("greet", "set_fields", "Greet", params=GREETED)
    workflow = installation.workflow(hooked(path, greet, named("end", "no_operation", "End")), path)
    runs = [installation.hook(path, {"name": name}) for name in names]
    for run in runs:
        installation.ended(run)
    return workflow, runs


def test_two_runs_are_compared_step_by_step(signed_in: Page, installation: Installation) -> None:
    page = signed_in
    _, [_, later] = greeting(installation, "compared", "Ada", "Bob")
    page.goto(f"/runs/{later}")
    page.get_by_role("link", name="Compare with…").click()
    step = page.get_by_role("list", name="Steps").get_by_role("listitem").filter(has_text="Greet")
    expect(step).to_contain_text("input, output")
    step.get_by_role("button", name="Greet").click()
    output = step.get_by_role("region", name="Output")
    expect(output.get_by_role("deletion").filter(has_text="Dear Ada")).to_be_visible()
    expect(output.get_by_role("insertion").filter(has_text="Dear Bob")).to_be_visible()


def test_a_past_run_is_shown_on_the_canvas_and_retried_from_a_node(
    signed_in: Page, installation: Installation
) -> None:
    page = signed_in
    workflow, _ = greeting(installation, "shown", "Ada")
    page.goto(f"/workflows/{workflow}/edit")
    expect(page.get_by_role("group", name="Greet", exact=True)).to_be_visible()
    page.get_by_role("button", name="Runs").click()
    page.get_by_role("menuitem", name="Completed").click()
    badge(page, "Greet", "completed").click()
    panel = page.get_by_role("complementary", name="Node")
    panel.get_by_role("tab", name="Last run").click()
    expect(panel).to_contain_text("Dear Ada")

    page.get_by_role("button", name="Commands…").click()
    page.get_by_role("option", name="Retry").click()
    dialog = page.get_by_role("dialog", name="Retry this run")
    expect(dialog.get_by_role("combobox", name="Begin at")).to_have_value("Greet")
    dialog.get_by_role("button", name="Retry").click()
    expect(badge(page, "Hook", "taken over")).to_be_visible()
    expect(badge(page, "End", "completed")).to_be_visible()


def test_a_run_is_replayed_with_other_input(signed_in: Page, installation: Installation) -> None:
    page = signed_in
    _, [run] = greeting(installation, "replayed", "Ada")
    page.goto(f"/runs/{run}")
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("menuitem", name="Otherwise…").click()
    dialog = page.get_by_role("dialog", name="Retry this run")
    field = dialog.get_by_role("textbox", name="Input")
    field.fill(field.input_value().replace("Ada", "Grace"))
    dialog.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("link", name="retries an earlier run")).to_be_visible()
    expect(head(page, "Completed")).to_be_visible()
    badge(page, "Greet", "completed").click()
    expect(page.get_by_role("complementary", name="Step")).to_contain_text("Dear Grace")
