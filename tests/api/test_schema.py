"""The OpenAPI document is true and complete."""

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from apps.workspaces.api.body import Body
from apps.workspaces.views import TenantView
from tests.clients import ApiClient


def test_the_document_is_made_without_warnings(tmp_path) -> None:
    path = tmp_path / "schema.yml"
    call_command("spectacular", file=str(path), fail_on_warn=True, validate=True)
    assert "/api/v1/workflows/{id}/draft" in path.read_text()


@pytest.mark.django_db
def test_the_document_is_served() -> None:
    answer = ApiClient().get("schema")
    assert answer.status_code == 200


def test_the_document_says_nothing_that_is_for_who_reads_the_code() -> None:
    written = str(SchemaGenerator().get_schema(public=True))
    for base in (TenantView, Body):
        assert str(base.__doc__).splitlines()[0] not in written


def test_the_document_says_that_bodies_have_no_other_keys() -> None:
    schemas = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    assert schemas["Start"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Run"]
