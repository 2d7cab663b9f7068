"""A page that says what it was sent: for the demo, and for whoever tries an HTTP Call."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.engine.encoding import NotJsonError, read_json

MOST_BYTES = 64 * 1024
"""Anybody may ask: it is not to be a way to keep FlowForge busy."""


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """Answer with method, query and body; headers stay out, for they may hold secrets."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return JsonResponse({"error": f"Bodies up to {MOST_BYTES:,} bytes are echoed."}, status=413)
    try:
        body = read_json(request.body) if request.body else None
    except NotJsonError:
        body = request.body.decode(errors="replace")
    answer = JsonResponse({"method": request.method, "query": request.GET.dict(), "body": body})
    answer["Content-Security-Policy"] = "sandbox"
    return answer
