"""The order of the admin's pages."""

import pytest
from django.contrib import admin

from flowforge.admin_site import ORDER
from tests.clients import ApiClient
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_the_admin_lists_its_own_pages_first_and_runs_before_all_others() -> None:
    user = make_user(make_workspace(), is_staff=True, is_superuser=True)
    listed = ApiClient(user).get("/admin/").context["available_apps"]
    assert [app["app_label"] for app in listed] == [*ORDER, "django_celery_beat"]
    runs = [model["object_name"] for model in listed[0]["models"]]
    assert runs[:3] == ["Run", "StepRun", "Worker"]


def test_the_order_names_every_page_of_ours() -> None:
    ours = {(m._meta.app_label, m.__name__) for m in admin.site._registry}
    named = {(app, model) for app, models in ORDER.items() for model in models}
    assert named == {(app, model) for app, model in ours if app != "django_celery_beat"}
