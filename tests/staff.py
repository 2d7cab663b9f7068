"""Staff at the admin, for tests of its pages."""

from django.contrib.messages import get_messages
from django.http import HttpResponse

from tests.clients import ApiClient
from tests.factories import make_user

FORM = "application/x-www-form-urlencoded"


def superuser() -> ApiClient:
    return ApiClient(make_user(is_staff=True, is_superuser=True))


def shown(client: ApiClient, path: str) -> str:
    """The page in one line."""
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def say_yes(client: ApiClient, path: str) -> HttpResponse:
    """Send the dialog of a deed that asks for nothing more."""
    return client.post(path, b"_form_submitted=on", content_type=FORM)


def told(answer: HttpResponse) -> list[str]:
    """The messages that the deed left."""
    return [str(message) for message in get_messages(answer.wsgi_request)]
