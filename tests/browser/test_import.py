"""Workflows that come from elsewhere, as files and pasted: what they are, and that they run."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journeys import badge, named
from tests.graphs import graph

pytestmark = pytest.mark.browser
NEITHER = re.compile("neither a workflow of n8n nor a graph of FlowForge")


def n8n(name: str, *types: str) -> str:
    """A workflow of n8n: a manual trigger and a node of each type, one after another."""
    names = ["Begin", *(f"{kind} {n}" for n, kind in enumerate(types, 1))]
    kinds = ["manualTrigger", *types]
    nodes = [
        {
            "id": str(n),
            "name": each,
            "type": f"n8n-nodes-base.{kind}",
            "typeVersion": 1,
            "position": [n * 220, 0],
            "parameters": {},
        }
        for n, (each, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    following = pairwise(names)
    connections = {
        one: {"main": [[{"node": other, "type": "main", "index": 0}]]} for one, other in following
    }
    return json.dumps({"name": name, "nodes": nodes, "connections": connections})


def choose_file(page: Page, name: str, text: str) -> None:
    page.goto("/workflows")
    page.get_by_role("button", name="Import").click()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose a file").click()
    file: Any = {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    chosen.value.set_files(file)


def send(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Import").click()


def expect_to_run(page: Page, last: str) -> None:
    page.get_by_role("button", name="Run the draft").click()
    expect(badge(page, last, "completed")).to_be_visible()


def test_a_graph_of_flowforge_is_imported_from_its_file_and_runs(signed_in: Page) -> None:
    nodes = [named("start", "manual", "Start"), named("end", "no_operation", "The end")]
    choose_file(signed_in, "kept.json", json.dumps(graph(nodes, ["start -> end"])))
    expect(signed_in.get_by_role("textbox", name="Name")).to_have_value("kept")
    send(signed_in)
    expect(signed_in.get_by_role("link", name="kept", exact=True)).to_be_visible()
    expect_to_run(signed_in, "The end")


def test_what_is_unsupported_in_a_file_of_n8n_is_told_and_the_rest_runs(signed_in: Page) -> None:
    choose_file(signed_in, "sync.json", n8n("Sync", "noOp", "telepathy"))
    send(signed_in)
    told = signed_in.get_by_role("dialog", name="Sync was imported")
    expect(told).to_contain_text("3 nodes and 2 edges were taken over")
    expect(told).to_contain_text("1 node without a counterpart")
    expect(told.get_by_role("listitem").first).to_contain_text("telepathy 2")
    told.get_by_role("button", name="Open its canvas").click()
    placeholder = signed_in.get_by_role("group", name=re.compile("^telepathy 2"))
    expect(placeholder).to_contain_text("Placeholder for telepathy of n8n")
    signed_in.get_by_role("button", name="1 hint").click()
    expect(signed_in.get_by_role("menuitem")).to_contain_text("It stands for “telepathy of n8n”")
    signed_in.keyboard.press("Escape")
    expect_to_run(signed_in, "telepathy 2")


def test_a_workflow_of_n8n_that_is_pasted_runs(signed_in: Page) -> None:
    signed_in.goto("/workflows")
    signed_in.get_by_role("button", name="Import").click()
    field = signed_in.get_by_role("textbox", name="Or paste it here")
    field.fill("{}")
    expect(field).to_have_accessible_description(NEITHER)
    field.fill(n8n("Pasted", "noOp"))
    send(signed_in)
    expect_to_run(signed_in, "noOp 1")
