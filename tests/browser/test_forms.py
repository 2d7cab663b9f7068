"""A person outside fills in forms in their browser; the run shows them page after page."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import named
from tests.graphs import Document, graph
from tests.installation import Installation

pytestmark = pytest.mark.browser


APPLY: dict[str, Any] = {
    "path": "apply",
    "title": "Apply for a place",
    "description": "We answer within a week.\nOne form for each person.",
    "fields": [
        {"type": "text", "name": "name", "label": "Your name", "required": True},
        {"type": "email", "name": "mail", "label": "E-mail", "required": True,
         "placeholder": "ada@example.org"},
        {"type": "date", "name": "born", "label": "Born on", "max": "2020-12-31"},
        {"type": "number", "name": "age", "label": "Age", "min": 1, "max": 120},
        {"type": "dropdown", "name": "course", "label": "Course", "required": True,
         "choices": ["Algebra", "Logic"]},
        {"type": "radio", "name": "when", "label": "When", "choices": ["Morning", "Evening"],
         "default": "Evening"},
        {"type": "checkboxes", "name": "knows", "label": "You know", "required": True,
         "description": "Whatever you have used before.", "choices": ["Python", "SQL", "Lisp"]},
        {"type": "textarea", "name": "why", "label": "Why do you come?"},
        {"type": "file", "name": "letter", "label": "Your letter", "accept": [".txt"]},
        {"type": "hidden", "name": "source", "default": "none"},
        {"type": "note", "text": "What you send is kept for a year."},
        {"type": "checkbox", "name": "agrees", "label": "I agree", "required": True},
    ],
    "button": "Apply",
}  # fmt: skip


def course(*after: Document, **params: Any) -> Document:
    """A form and what comes after it, one node behind the other."""
    nodes = [named("form", "form", "Form", params=APPLY | params), *after]
    ids = [each["id"] for each in nodes]
    edges = [f"{a} -> {b}" for a, b in pairwise(ids)]
    return graph(nodes, edges)


def only_run(installation: Installation, workflow: str) -> str:
    [run] = installation.api("GET", f"runs?workflow={workflow}")["results"]
    return str(run["id"])


def output(installation: Installation, run: str, node: str) -> Any:
    steps = installation.api("GET", f"runs/{run}/steps?include=payloads")["results"]
    [step] = [step for step in steps if step["node"] == node]
    return step["output_json"]["main"][0]


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Course").select_option("Logic")
    page.get_by_label("I agree").check()


def test_a_person_fills_in_page_after_page_until_the_ending(
    page: Page, installation: Installation
) -> None:
    more = {
        "title": "=One more thing, {{ $json.name }}",
        "fields": [{"type": "number", "name": "guests", "label": "Guests", "required": True}],
    }
    ending = {"title": "=See you, with {{ $json.guests }}.", "text": "Bring a pen."}
    workflow = installation.workflow(
        course(
            named("more", "form_page", "More", params=more),
            named("ending", "form_ending", "Ending", params=ending),
        )
    )
    page.goto("/forms/apply?source=mail&age=36")
    fill_in(page)
    # A browser does not ask for one of several boxes: that is told by the answer.
    page.get_by_role("button", name="Apply").click()
    boxes = page.get_by_role("group", name="You know")
    expect(boxes).to_contain_text("Please choose.")
    expect(boxes).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    expect(page.get_by_label("Age")).to_have_value("36")
    expect(page.get_by_label("Evening")).to_be_checked()
    boxes.get_by_label("Lisp").check()
    letter = {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Dear all"}
    page.get_by_label("Your letter").set_input_files(files=[letter])
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="One more thing, Ada")).to_be_visible()
    page.get_by_label("Guests").fill("2")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="See you, with 2.")).to_be_visible()
    expect(page.get_by_text("Bring a pen.")).to_be_visible()
    run = installation.ended(only_run(installation, workflow))
    assert (run["status"], run["trigger"]) == ("completed", "form")
    item = output(installation, run["id"], "form")
    assert (item["json"]["age"], item["json"]["knows"]) == (36, ["Lisp"])
    assert (item["json"]["born"], item["json"]["source"]) == (None, "mail")
    assert item["binary"]["letter"]["fileName"] == "letter.txt"


def test_who_sends_a_form_may_be_led_to_a_page_elsewhere(
    page: Page, installation: Installation
) -> None:
    elsewhere = f"http://localhost:{installation.port}/healthz"
    ending = {"redirect": elsewhere}
    installation.workflow(course(path="led", fields=[], ending=ending))
    page.goto("/forms/led")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(elsewhere)


def test_the_page_looks_by_itself_while_the_run_is_at_work(
    page: Page, installation: Installation
) -> None:
    wait = named("wait", "delay", "Wait", params={"seconds": 3})
    workflow = installation.workflow(course(wait, path="slow", fields=[]))
    page.goto("/forms/slow")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="One moment")).to_be_visible()
    expect(page.get_by_role("heading", name="Thank you.")).to_be_visible()
    assert installation.run(only_run(installation, workflow))["status"] == "completed"
    page.reload()
    expect(page.get_by_role("heading", name="Thank you.")).to_be_visible()
