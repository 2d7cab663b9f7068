"""What a button of the admin asks is asked in a dialog, or on a page where its link is opened."""

import pytest
from django.urls import reverse

from tests.api.admin_pages import ADMIN_MODELS, DIALOGS, OF_INSTALLATION
from tests.api.routes import Scene
from tests.clients import ApiClient
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_there_are_such_buttons() -> None:
    assert ("triggers.schedule", "pause") in DIALOGS


@pytest.mark.parametrize(("label", "button"), DIALOGS)
def test_a_button_opened_in_a_tab_of_its_own_asks_on_a_whole_page(label: str, button: str) -> None:
    scene = Scene()
    row = (
        OF_INSTALLATION[label](scene, 0)
        if label in OF_INSTALLATION
        else ADMIN_MODELS[label].of(scene)
    )
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
