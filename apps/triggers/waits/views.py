"""What is answered at the addresses of steps that wait. A GET changes nothing."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.engine.items import Json
from apps.runs.resume import resume_step
from apps.triggers.hooks.body import as_object, read_body
from apps.triggers.hooks.errors import RefusedError
from apps.triggers.waits.awaited import awaited_step, no_longer
from apps.triggers.waits.pages import HEADERS, is_person, page, refusal
from apps.workspaces.errors import ConflictError

View = Callable[[HttpRequest, str], HttpResponse]
UNSEEN_HEADERS = ("Cookie", "Authorization", "Proxy-Authorization")


def _outside(*methods: str) -> Callable[[View], View]:
    """A view for who has no session: the address alone is the right, so there is none to forge."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    allowed = ", ".join(methods)
                    sentence = f"This address takes {allowed}."
                    raise RefusedError(405, "method_not_allowed", sentence, Allow=allowed)
                return view(request, token)
            except RefusedError as refused:
                return refusal(request, refused)

        return answer

    return decorate


@_outside("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
def wait(request: HttpRequest, token: str) -> HttpResponse:
    """`ANY /wait/{token}`: let the run go on with this request; a GET asks first."""
    _, step = awaited_step(token, "wait", "signal")
    if request.method in ("GET", "HEAD"):
        return page("wait.html", title=step.run.workflow.name)
    try:
        resume_step(step, "signal", _item(request))
    except ConflictError:  # somebody was faster
        raise no_longer() from None
    if is_person(request):
        return page("told.html", title="Thank you. The workflow goes on.")
    return JsonResponse({"run": str(step.run_id)}, status=202, headers=HEADERS)


def _item(request: HttpRequest) -> dict[str, Json]:
    """The request as the step gives it."""
    return {
        "method": request.method,
        "headers": {
            name.lower(): value
            for name, value in request.headers.items()
            if name not in UNSEEN_HEADERS
        },
        "query": as_object(request.META.get("QUERY_STRING", "")),
        "body": read_body(
            request.body,
            request.headers.get("Content-Type", ""),
            request.headers.get("Content-Encoding", "").strip().lower(),
        ),
    }
