"""The OpenAPI document is true and complete."""

import pytest
from django.core.management import call_command

from tests.clients import ApiClient


def test_the_document_is_made_without_warnings(tmp_path) -> None:
    path = tmp_path / "schema.yml"
    call_command("spectacular", file=str(path), fail_on_warn=True, validate=True)
    assert "/api/v1/workflows/{id}/draft" in path.read_text()


@pytest.mark.django_db
def test_the_document_is_served() -> None:
    answer = ApiClient().get("schema")
    assert answer.status_code == 200
