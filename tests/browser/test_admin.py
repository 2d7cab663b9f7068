"""The admin shows the same runs as the pages do, and acts on them."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.journeys import choose_in_menu, hooked, named
from tests.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture
def failed(installation: Installation) -> str:
    """A run that has failed at its second step."""
    path = f"admin-{uuid4()}"
    say = {"code": "console.log('Here we go.'); return items;"}
    installation.workflow(
        hooked(
            path,
            named("say", "transform", "Say so", params=say),
            named("stop", "stop_and_error", "Stop", params={"message": "No such customer."}),
        ),
        "Seen in the admin",
    )
    run = installation.hook(path, {})
    assert installation.ended(run)["status"] == "failed"
    return run


def test_the_admin_shows_a_run_with_its_steps_and_retries_it(
    signed_in: Page, installation: Installation, failed: str
) -> None:
    signed_in.goto("/workflows")
    choose_in_menu(signed_in, "Admin")
    signed_in.locator("a[href='/admin/runs/run/']").first.click()
    row = signed_in.get_by_role("row").filter(has_text=failed[-12:])
    expect(row).to_contain_text("Seen in the admin")
    expect(row).to_contain_text("No such customer.")
    row.get_by_role("link").first.click()

    timeline = signed_in.get_by_role("table").filter(has_text="Took")
    expect(timeline).to_contain_text("Say so")
    expect(timeline).to_contain_text("No such customer.")
    expect(signed_in.get_by_text("Here we go.")).to_be_visible()

    signed_in.get_by_role("link", name="Retry").click()
    signed_in.get_by_role("button", name="Retry").click()
    expect(signed_in.get_by_text("1 run retried")).to_be_visible()
    runs = installation.api("GET", f"runs?retry_of={failed}")["results"]
    assert [run["triggered_by_email"] for run in runs] == [installation.email]

    timeline.get_by_role("link", name="Say so").click()
    expect(signed_in.get_by_role("heading", name="Output")).to_be_visible()


def test_a_cell_of_the_grid_leads_to_its_step(
    signed_in: Page, installation: Installation, failed: str
) -> None:
    signed_in.goto(f"/admin/runs/run/grid/{installation.run(failed)['workflow']}/")
    steps = installation.api("GET", f"runs/{failed}/steps")["results"]
    cells = {"Say so": ("say", "completed"), "Stop": ("stop", "failed")}
    for name, (node, status) in cells.items():
        row = signed_in.get_by_role("row").filter(
            has=signed_in.get_by_role("rowheader", name=name, exact=True)
        )
        row.get_by_role("link", name=re.compile(f"^{status}")).last.click()
        step = next(step["id"] for step in steps if step["node"] == node)
        expect(signed_in).to_have_url(re.compile(f"/admin/runs/steprun/{step}/change/"))
        signed_in.go_back()


def test_a_wide_grid_opens_at_the_newest_run_and_keeps_the_names_of_the_steps(
    signed_in: Page, installation: Installation
) -> None:
    path = f"wide-{uuid4()}"
    step = named("step", "no_operation", "A step")
    workflow = installation.workflow(hooked(path, step), "Run often")
    for _ in range(12):
        installation.ended(installation.hook(path, {}))
    signed_in.set_viewport_size({"width": 420, "height": 860})
    signed_in.goto(f"/admin/runs/run/grid/{workflow}/")
    runs = signed_in.locator("thead").get_by_role("link")
    expect(runs).to_have_count(12)
    expect(runs.last).to_be_in_viewport(ratio=0.9)
    expect(runs.first).not_to_be_in_viewport()
    name = signed_in.get_by_role("rowheader", name="A step")
    expect(name).to_be_in_viewport()
    runs.first.scroll_into_view_if_needed()
    expect(runs.last).not_to_be_in_viewport()
    expect(name).to_be_in_viewport()


def test_on_a_phone_no_long_name_is_cut_off(signed_in: Page, installation: Installation) -> None:
    name = (
        "A name that says everything about the workflow, what it is for and whom to ask, in a line"
    )
    installation.workflow(hooked("long", named("set", "set_fields", "Set")), name)
    installation.ended(installation.hook("long", {}))
    signed_in.set_viewport_size({"width": 420, "height": 860})
    signed_in.goto("/admin/runs/run/")
    cell = signed_in.get_by_role("cell").filter(has_text=name).first
    expect(cell).to_be_visible()
    assert cell.evaluate("cell => cell.scrollHeight <= cell.clientHeight")


def test_a_wrong_login_is_said_once(page: Page) -> None:
    page.goto("/admin/login/")
    page.locator("input[name=username]").fill("nobody@example.org")
    page.locator("input[name=password]").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    said = page.locator(".errornote:visible")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("Please enter the correct")


def test_a_field_that_is_searched_in_bears_its_label_and_what_is_chosen(
    signed_in: Page, installation: Installation
) -> None:
    installation.workflow(hooked("searched", named("set", "set_fields", "Set")), "To be found")
    signed_in.goto("/admin/runs/run/add/")
    field = signed_in.get_by_role("combobox", name="Workflow", exact=True)
    field.click()
    signed_in.get_by_role("searchbox", name="Workflow").fill("found")
    signed_in.get_by_role("option", name="To be found").click()
    expect(signed_in.get_by_role("combobox", name="Workflow: To be found")).to_be_visible()


@pytest.fixture
def unheard(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page of who is signed in, of which it is no matter what it complains of."""
    context = browser.new_context(base_url=installation.url)
    who = {"email": installation.email, "password": installation.password}
    assert context.request.post("/api/v1/auth/login", data=who).ok
    yield context.new_page()
    context.close()


def test_a_dialog_says_what_went_wrong(unheard: Page, failed: str) -> None:
    answers = [
        (lambda route: route.fulfill(status=500), "The server failed (error 500)."),
        (lambda route: route.abort(), "The server cannot be reached."),
        (lambda route: route.fulfill(status=403), "You may not do this"),
    ]
    page = f"/admin/runs/run/{failed}/change/"
    told = unheard.locator("#modal-content").get_by_role("alert")
    for answer, sentence in answers:
        unheard.goto(page)
        unheard.route("**/retry/", answer)
        unheard.get_by_role("link", name="Retry").click()
        expect(told).to_contain_text(sentence)  # where it was to open
        unheard.unroute("**/retry/")

        unheard.goto(page)
        unheard.get_by_role("link", name="Retry").click()
        unheard.route("**/retry/", answer)
        unheard.get_by_role("button", name="Retry").click()
        expect(told).to_contain_text(sentence)
        unheard.get_by_role("button", name="Retry").click()
        expect(told).to_have_count(1)
        unheard.unroute("**/retry/")
        unheard.get_by_role("button", name="Retry").click()
        expect(unheard.get_by_text("1 run retried")).to_be_visible()


def test_who_is_signed_in_no_more_is_led_from_a_dialog_to_the_login(
    unheard: Page, failed: str
) -> None:
    unheard.goto(f"/admin/runs/run/{failed}/change/")
    unheard.get_by_role("link", name="Retry").click()
    expect(unheard.get_by_role("button", name="Retry")).to_be_visible()
    unheard.context.clear_cookies(name="sessionid")
    unheard.get_by_role("button", name="Retry").click()
    expect(unheard).to_have_url(re.compile("/login/"))
