"""The web app's form of a graph's settings asks for what there is, and for nothing else."""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args, get_type_hints

from apps.engine.graph import Concurrency, GraphSettings, RateLimit

FORM = Path(__file__).parents[2] / "frontend/src/editor/settings.json"
ASKED = json.loads(FORM.read_text())["properties"]


def test_the_form_asks_for_every_setting_and_tells_its_default() -> None:
    settings = {each.name: each.default for each in fields(GraphSettings)}
    assert MISSING not in settings.values()
    assert {name: asked.get("default") for name, asked in ASKED.items()} == settings


def test_the_form_offers_all_that_may_be_chosen() -> None:
    chosen = get_type_hints(GraphSettings)
    assert tuple(ASKED["priority"]["enum"]) == get_args(chosen["priority"])
    orders = tuple(each["const"] for each in ASKED["order"]["oneOf"])
    assert orders == get_args(chosen["order"])


def test_the_form_asks_for_all_of_a_limit() -> None:
    for name, limit in (("concurrency", Concurrency), ("rate_limit", RateLimit)):
        assert [*ASKED[name]["properties"]] == [each.name for each in fields(limit)]
