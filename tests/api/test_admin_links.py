"""The admin leads nobody to a page that they are refused."""

import html
import re

import pytest
from django.http import HttpResponse
from django.urls import reverse

from apps.runs.models import Run, Worker
from tests.api.admin_pages import ADMIN_MODELS, admin_page, admin_reads
from tests.api.routes import Scene
from tests.clients import ApiClient
from tests.factories import make_run, make_user

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a\s[^>]*?href="(/admin/[^"#?]*)')
DOES = {reverse("admin:logout")}
"""What does more than show a page."""


def test_no_link_leads_a_viewer_to_a_refusal() -> None:
    scene = Scene()
    boss = make_user(is_staff=True, is_superuser=True)
    rows = {label: model.of(scene) for label, model in ADMIN_MODELS.items()}
    worker = Worker.objects.create(host="here", pid=1)
    Run.objects.filter(workspace=scene.workspace).update(
        worker=worker, triggered_by=boss, cancel_requested_by=boss
    )
    client = ApiClient(make_user(scene.workspace, "viewer", is_staff=True))
    found: dict[str, str] = {}
    seen = set()
    for name, path in admin_reads(rows):
        page = client.get(path)
        seen.add(path)
        if page.status_code == 200:
            for link in LINK.findall(page.content.decode()):
                found.setdefault(html.unescape(link), name)
    assert admin_page("runs.run", "changelist") in found
    new = {link: page for link, page in found.items() if link not in seen | DOES}
    refused = {link: page for link, page in new.items() if is_refused(client.get(link))}
    assert not refused


def is_refused(answer: HttpResponse) -> bool:
    """Also where Django, that finds no such row, leads to the board instead."""
    is_sent_off = answer.status_code == 302 and answer["Location"] == "/admin/"
    return answer.status_code >= 400 or is_sent_off


def test_the_page_of_a_run_names_its_worker_and_leads_superusers_to_it() -> None:
    worker = Worker.objects.create(host="here", pid=4711)
    run = make_run(status="running", worker=worker)
    page = admin_page("runs.run", "change", run.pk)
    link = admin_page("runs.worker", "change", worker.pk)
    for is_superuser in (False, True):
        user = make_user(run.workspace, "operator", is_staff=True, is_superuser=is_superuser)
        shown = ApiClient(user).get(page).content.decode()
        assert "here:4711" in shown
        assert (link in shown) == is_superuser
