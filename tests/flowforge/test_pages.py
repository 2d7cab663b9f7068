"""What people see at addresses that are nobody's."""

from django.conf import settings
from django.test import Client


def test_a_page_that_is_not_there_leads_back_to_those_that_are() -> None:
    answer = Client().get("/workflow")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is no such page" in page
    assert '<a href="/">' in page


def test_browsers_that_ask_for_the_usual_icon_get_the_own_sign() -> None:
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, settings.OWN_SIGN)
