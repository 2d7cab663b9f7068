"""The web app: one page for all its addresses, for the browser does the routing. And its icon."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

NOT_BUILT = """<!doctype html>
<html lang="en">
<title>FlowForge</title>
<h1>The web app is not built yet</h1>
<p><code>make run</code> builds it. Until then there are <a href="/admin/">the admin</a>
and <a href="/api/v1/docs">the API</a>.</p>
</html>
"""


@require_safe
@never_cache
def web_app(request: HttpRequest) -> HttpResponse:
    """Serve the built index.html, or say that it is not built."""
    try:
        return HttpResponse((settings.FRONTEND_DIST / "index.html").read_bytes())
    except FileNotFoundError:
        return HttpResponse(NOT_BUILT, status=503)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers to the icon, where a page names none."""
    return redirect(settings.OWN_SIGN)
