"""What is answered at the addresses of steps that wait. A GET changes nothing."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.engine.encoding import storable
from apps.engine.items import Json
from apps.engine.recorder import read_time
from apps.nodes.values.date_formats import told_time
from apps.runs.decide import MOST_COMMENT, VERDICTS, Verdict, judge_step
from apps.runs.plans import known_version
from apps.runs.resume import answer_link
from apps.triggers.bodies.read import as_object, is_upload
from apps.triggers.bodies.spool import PIECE_BYTES, Spool
from apps.triggers.bodies.uploads import Content, read_upload
from apps.triggers.errors import RefusedError
from apps.triggers.waits.awaited import (
    TOLD,
    asked_link,
    awaited_step,
    no_longer,
    require_answerable,
)
from apps.triggers.waits.outside import outside
from apps.triggers.waits.pages import HEADERS, is_person, page
from apps.workspaces.client_address import client_address
from apps.workspaces.errors import ConflictError

UNSEEN_HEADERS = ("cookie", "authorization", "proxy-authorization")


@outside("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
def wait(request: HttpRequest, token: str) -> HttpResponse:
    """`ANY /wait/{token}`: let the run go on with this request; a GET asks first."""
    link = asked_link(token, "wait")
    if request.method in ("GET", "HEAD"):
        run, _ = awaited_step(link, "signal")
        return page("waits/wait.html", title=run.workflow.name)
    require_answerable(link)  # before files are stored for it
    try:
        answer_link(link, _item(request, link.workspace))
    except ConflictError:
        raise no_longer(link) from None
    if is_person(request):
        return page("waits/told.html", title="Thank you. The workflow goes on.")
    return JsonResponse({"run": str(link.run)}, status=202, headers=HEADERS)


@outside("GET", "HEAD", "POST")
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """`GET/POST /decide/{token}`: show what a step asks; approve or reject it."""
    link = asked_link(token, "decide")
    run, step = awaited_step(link, "approval")
    if request.method != "POST":
        wait = step.attempts[-1]["wait"]
        asks = wait.get("asks", {})
        zone = ZoneInfo(known_version(run.version_id).settings.timezone)
        return page(
            "waits/decide.html",
            title=asks.get("question", ""),
            details=asks.get("details", ""),
            workflow=run.workflow.name,
            recipient=link.recipient,
            until=told_time(read_time(wait["until"]), zone),
            most_comment=MOST_COMMENT,
        )
    verdict, comment = _verdict(request)
    try:
        judge_step(
            step,
            verdict,
            comment=comment,
            by=None,
            recipient=link.recipient,
            address=client_address(request),
        )
    except ConflictError:
        raise no_longer(link) from None
    if is_person(request):
        return page("waits/told.html", title=f"Thank you. You have {TOLD[verdict]}.")
    return JsonResponse({"decision": verdict}, status=202, headers=HEADERS)


def _verdict(request: HttpRequest) -> tuple[Verdict, str]:
    """What is decided, and the comment. Raises RefusedError."""
    verdict = next((each for each in VERDICTS if each == request.POST.get("decision")), None)
    comment = storable(request.POST.get("comment", "").replace("\r\n", "\n").strip())
    if verdict is None:
        sentence = "The form must bear “decision”: approve or reject."
        raise RefusedError(400, "invalid_decision", sentence)
    if len(comment) > MOST_COMMENT:
        sentence = f"A comment has at most {MOST_COMMENT:,} characters."
        raise RefusedError(400, "comment_too_long", sentence)
    return verdict, comment


def _item(request: HttpRequest, workspace: UUID) -> dict[str, Json]:
    """The request as the step gives it; what are files of its item as `binary`."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    content = _content(request, headers, workspace)
    item: dict[str, Json] = {
        "method": request.method,
        "headers": {name: value for name, value in headers.items() if name not in UNSEEN_HEADERS},
        "query": as_object(request.META.get("QUERY_STRING", "")),
        "body": content.body,
    }
    return item | {"binary": content.files} if content.files else item


def _content(request: HttpRequest, headers: Mapping[str, str], workspace: UUID) -> Content:
    with Spool(None if is_upload(headers) else settings.MAX_BODY_BYTES) as body:
        while piece := request.read(PIECE_BYTES):
            body.write(piece)
        return read_upload(headers, body, workspace)
