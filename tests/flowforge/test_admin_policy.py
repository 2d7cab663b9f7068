"""What pages may do in a browser."""

import pytest

from tests.clients import ApiClient


@pytest.mark.django_db
def test_the_admins_scripts_may_evaluate_and_inline_ones_may_not_run() -> None:
    policy = ApiClient().get("/admin/login/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"


def test_no_other_page_may_evaluate() -> None:
    policy = ApiClient().get("/login")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "eval" not in policy
