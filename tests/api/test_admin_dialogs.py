"""What a button of the admin asks is asked in a dialog, or on a page where its link is opened."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.runs.holds import hold
from tests.api.admin_pages import ADMIN_MODELS
from tests.api.routes import Scene
from tests.clients import ApiClient
from tests.factories import make_user
from tests.runs.work import make_worker

pytestmark = pytest.mark.django_db
DIALOGS = [
    (model._meta.label_lower, name)
    for model, its_admin in admin.site._registry.items()
    for name in getattr(its_admin, "actions_detail", ())
    if hasattr(getattr(its_admin, name), "dialog")
]
OF_NO_WORKSPACE: dict[str, Callable[[], Any]] = {
    "runs.hold": lambda: hold(None, "upgrade", by=None),
    "runs.worker": make_worker,
}


def test_there_are_such_buttons() -> None:
    assert ("triggers.schedule", "pause") in DIALOGS


@pytest.mark.parametrize(("label", "button"), DIALOGS)
def test_a_button_opened_in_a_tab_of_its_own_asks_on_a_whole_page(label: str, button: str) -> None:
    row = OF_NO_WORKSPACE[label]() if label in OF_NO_WORKSPACE else ADMIN_MODELS[label].of(Scene())
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    of_model = f"admin:{label.replace('.', '_')}"
    path = reverse(f"{of_model}_{button}", args=[row.pk])
    page = client.get(path).content.decode()
    assert "</html>" in page
    assert 'name="_form_submitted"' in page
    assert f'href="{reverse(f"{of_model}_change", args=[row.pk])}"' in page
    assert "openModal = false'" not in page  # the dialog's own button, which does nothing here

    dialog = client.django.get(path, headers={"HX-Request": "true"}).content.decode()
    assert '<div id="dialog">' in dialog
    assert "</html>" not in dialog
