"""What people see at addresses that are nobody's."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve


def test_a_page_that_is_not_there_leads_back_to_those_that_are() -> None:
    answer = Client().get("/workflow")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is no such page" in page
    assert '<a href="/">' in page


def test_browsers_that_ask_for_the_usual_icon_get_the_own_sign() -> None:
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, settings.OWN_SIGN)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/workflows/1/edit",
        "/runs",
        "/credentials",
        "/members",
        "/api-keys",
        "/settings/audit",
    ],
)
def test_the_addresses_of_the_web_app_are_served_by_one_page(path: str) -> None:
    assert resolve(path).url_name == "web_app"
