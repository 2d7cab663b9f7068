"""The frame of the admin's pages: the sidebar, and which installation this is."""

from typing import Any

import pytest
from django.contrib import admin

from apps.runs.holds import hold, lift
from apps.workspaces.permissions import Role
from flowforge.admin_sidebar import GROUPS
from tests.clients import ApiClient
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def sidebar_of(user: Any) -> dict[str, list[str]]:
    groups = ApiClient(user).get("/admin/").context["sidebar_navigation"]
    return {group.get("title", ""): [item["title"] for item in group["items"]] for group in groups}


def test_the_sidebar_has_a_place_for_every_page_of_the_admin() -> None:
    listed = [page.model for pages in GROUPS.values() for page in pages]
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert sorted(listed) == sorted(registered)


def test_a_superuser_sees_all_groups_and_the_board_first() -> None:
    user = make_user(make_workspace(), is_staff=True, is_superuser=True)
    sidebar = sidebar_of(user)
    assert list(sidebar) == ["", *GROUPS]
    assert sidebar[""] == ["Status board"]
    assert sidebar["Installation"][:2] == ["Workers and queues", "Periodic tasks"]


def test_an_operator_sees_only_the_pages_of_their_rights() -> None:
    sidebar = sidebar_of(make_user(make_workspace(), Role.OPERATOR, is_staff=True))
    assert "Runs" in sidebar["Runs"]
    assert {"Schedules", "Holds"} <= set(sidebar["Workflows"])
    assert "Installation" not in sidebar
    assert "Audit" not in sidebar["People"]
    assert "API keys" not in sidebar["People"]


@pytest.mark.parametrize(
    ("name", "colour"), [("DEV", "orange"), ("Production", "red"), ("PROD EU", "red")]
)
def test_each_page_tells_which_installation_it_is(name: str, colour: str, settings: Any) -> None:
    settings.ENVIRONMENT = name
    user = make_user(make_workspace(), is_staff=True)
    page = ApiClient(user).get("/admin/runs/run/").content.decode()
    assert f"<title>[{name}]" in page
    label = page[: page.index(f"\n{name}\n")].rsplit("<span", 1)[1]
    assert f"bg-{colour}-100" in label
    assert ApiClient(user).get("/api/v1/me").json()["environment"] == name


def test_without_a_name_no_installation_is_told() -> None:
    user = make_user(make_workspace(), is_staff=True)
    assert ApiClient(user).get("/admin/").context["environment"] is None


@pytest.mark.parametrize("path", ["/admin/", "/admin/runs/run/", "/admin/runs/run/add/"])
def test_each_page_tells_that_everything_is_held_why_and_by_whom(path: str) -> None:
    boss = make_user(make_workspace(), is_staff=True, is_superuser=True)
    operator = make_user(make_workspace(), Role.OPERATOR, is_staff=True)
    made = hold(None, "Moving the database", by=boss)
    page = ApiClient(operator).get(path).content.decode()
    assert "Everything is held: Moving the database" in page
    assert boss.email in page
    way = f'href="/admin/runs/hold/{made.pk}/'
    assert way not in page
    assert way in ApiClient(boss).get(path).content.decode()
    lift(None, by=boss)
    assert "Everything is held" not in ApiClient(operator).get(path).content.decode()
