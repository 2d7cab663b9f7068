"""The addresses of FlowForge, apart from hooks and streams (asgi.py)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.operations.admin.board import board, board_day
from apps.operations.echo import echo
from apps.operations.health import healthz, readyz
from apps.runs.api import StepsView
from apps.runs.elsewhere import file
from apps.triggers.forms.views import form, form_course
from apps.triggers.waits.views import decide, wait
from apps.workspaces.admin.users import own_password
from flowforge.pages import favicon, web_app

handler400 = "apps.workspaces.problems.bad_request"
handler403 = "apps.workspaces.admin_refusals.permission_denied"
handler404 = "apps.workspaces.problems.not_found"
handler500 = "apps.workspaces.problems.server_error"

api: list[URLPattern | URLResolver] = [
    path("", include("apps.workspaces.urls")),
    path("", include("apps.credentials.urls")),
    path("", include("apps.workflows.urls")),
    path("", include("apps.versions.urls")),
    path("", include("apps.runs.urls")),
    path("", include("apps.triggers.urls")),
    path("", include("apps.interchange.urls")),
    path("", include("apps.operations.urls")),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("echo", echo, name="echo"),
    path("wait/<str:token>", wait, name="wait"),
    path("decide/<str:token>", decide, name="decide"),
    path("forms/<path:path>", form, name="form"),
    path("form/<str:token>", form_course, name="form-course"),
    path("files/<str:token>", file, name="file"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("account/", include("apps.workspaces.account_urls")),
    path("admin/board/", board, name="admin/board"),
    path("admin/board/day/", board_day, name="admin/board-day"),
    path(
        "admin/password_change/", admin.site.admin_view(own_password), name="admin/password-change"
    ),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api)),
    # A shorter address of the steps; that of the events is in asgi.py.
    path("runs/<uuid:id>/steps", StepsView.as_view(schema=None), name="short-steps"),
    re_path(
        r"^(?:login|(?:workflows|schedules|runs|credentials|members|api-keys|settings)(?:/.*)?)?$",
        web_app,
        name="web_app",
    ),
]
