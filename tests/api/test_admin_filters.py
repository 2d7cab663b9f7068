"""What the admin's lists are filtered by: rows that the asker sees, by links or by typing."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.contrib import admin

from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.workspaces import admin_filters
from apps.workspaces.models import Workspace
from tests.api.admin_pages import ADMIN_MODELS, admin_page
from tests.clients import ApiClient
from tests.factories import make_user, make_workspace
from tests.staff import shown, superuser

pytestmark = pytest.mark.django_db
JOBS = "/admin/operations/bulkjob/"
BY_WORKSPACE = "workspace__id__exact"


class Filters(HTMLParser):
    """The fields of the filters of a list: those of their form, and those that stand in none."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside: dict[str, str] = {}
        self.outside: set[str] = set()
        self._in_form = False
        self._depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "div" and (self._depth or told.get("id") == "changelist-filter"):
            self._depth += 1
        elif not self._depth:
            return
        elif tag == "form":
            self._in_form = True
        elif tag in ("select", "input") and (name := told.get("name")):
            if self._in_form:
                self.inside[name] = told.get("value") or ""
            else:
                self.outside.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._depth:
            self._depth -= 1
        elif tag == "form":
            self._in_form = False


def links(page: str, workspaces: list[Workspace]) -> list[bool]:
    """Whether the page has a link that filters by each of these."""
    return [f'href="?{BY_WORKSPACE}={each.pk}"' in page for each in workspaces]


FILTERED = [
    model._meta.label_lower
    for model, its_admin in admin.site._registry.items()
    if its_admin.list_filter and model._meta.label_lower in ADMIN_MODELS
]


@pytest.mark.parametrize("label", FILTERED)
def test_what_is_chosen_in_a_field_of_a_filter_can_be_sent(label: str) -> None:
    assert Filters(shown(superuser(), admin_page(label, "changelist"))).outside == set()


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("operations/alertrule", {"state": "off"}),
        ("operations/alert", {"state": "open"}),
        ("triggers/schedule", {"state": "paused"}),
        ("triggers/webhookrequest", {"outcome": "failed"}),
        ("credentials/credential", {"type": next(iter(CREDENTIAL_TYPES))}),
    ],
)
def test_what_was_chosen_by_a_link_is_kept_where_fields_are_sent(
    path: str, chosen: dict[str, str]
) -> None:
    page = shown(superuser(), f"/admin/{path}/?{urlencode(chosen)}")
    assert Filters(page).inside.items() >= chosen.items()


def test_a_few_workspaces_are_offered_as_links_and_many_by_typing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workspaces = [make_workspace() for _ in range(3)]
    page = shown(superuser(), JOBS)
    assert links(page, workspaces) == [True] * 3
    assert BY_WORKSPACE not in Filters(page).inside

    monkeypatch.setattr(admin_filters, "MOST_LINKS", 2)
    page = shown(superuser(), JOBS)
    assert links(page, workspaces) == [False] * 3
    assert BY_WORKSPACE in Filters(page).inside


def test_a_workspace_that_was_found_by_typing_is_shown_as_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admin_filters, "MOST_LINKS", 1)
    own, other = make_workspace("Own"), make_workspace("Other")
    page = shown(superuser(), f"{JOBS}?{BY_WORKSPACE}={own.pk}")
    assert f'<option value="{own.pk}" selected>Own</option>' in page
    assert str(other.pk) not in page


def test_staff_find_their_own_workspaces_by_typing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_filters, "MOST_LINKS", 0)
    own, other = make_workspace("Team own"), make_workspace("Team other")
    client = ApiClient(make_user(own, "operator", is_staff=True))
    page = shown(client, f"{JOBS}?{BY_WORKSPACE}={other.pk}")
    assert "Team other" not in page
    asked = {"app_label": "operations", "model_name": "bulkjob", "field_name": "workspace"}
    found = client.get(f"/admin/autocomplete/?{urlencode(asked | {'term': 'Team'})}").json()
    assert [each["text"] for each in found["results"]] == ["Team own"]
