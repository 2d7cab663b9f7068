"""What several journeys do and look for on the pages."""

import re
from itertools import pairwise
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.graphs import Document, graph, node


def fill_sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_role("textbox", name="Password").fill(password)


def expect_signed_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()


def button(page: Page, name: str) -> Locator:
    """One of the buttons of a row's page in the admin, which are links: the name of its icon stands
    before its own, as it does of what the sidebar has."""
    return page.get_by_role("link", name=re.compile(rf"(^|\s){re.escape(name)}$"))


def choose_in_menu(page: Page, what: str) -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("menuitem", name=what).click()


def named(id: str, type: str, name: str, **members: Any) -> Document:
    return node(id, type, **members) | {"name": name}


def hooked(path: str, *nodes: Document) -> Document:
    """A hook and the nodes behind it, one after another."""
    all_nodes = [named("hook", "webhook", "Hook", params={"path": path}), *nodes]
    ids = [each["id"] for each in all_nodes]
    return graph(all_nodes, [f"{a} -> {b}" for a, b in pairwise(ids)])


def badge(page: Page, node: str, status: str) -> Locator:
    """A node of the graph as it is read out: its name and the status of its latest step."""
    return page.get_by_role("group", name=f"{node}, {status}", exact=True)


def head(page: Page, status: str) -> Locator:
    """The status of the run beside its title."""
    return page.get_by_role("main").locator("span[data-status]").filter(has_text=status).first


def console(page: Page) -> Locator:
    return page.get_by_role("log", name="Console")


def lines(page: Page) -> list[str]:
    """The console's lines in their order: who says what. Times are left out."""
    rows = (
        console(page)
        .locator("[data-index]")
        .evaluate_all(
            """rows => rows
            .sort((a, b) => a.dataset.index - b.dataset.index)
            .map(row => [...row.firstElementChild.children].slice(1).map(each => each.innerText))
        """
        )
    )
    return [" ".join(part.strip() for part in row if part.strip()) for row in rows]


def event_numbers(page: Page) -> list[int]:
    """The numbers of the events that the console shows, in the order of its lines."""
    titles = (
        console(page)
        .locator("[data-index]")
        .evaluate_all(
            """rows => rows
            .sort((a, b) => a.dataset.index - b.dataset.index)
            .map(row => row.querySelector('[title*=", event "]').title)
        """
        )
    )
    return [int(title.rpartition(" ")[2]) for title in titles]
