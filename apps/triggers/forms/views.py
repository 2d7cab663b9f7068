"""What is answered at the addresses of forms. A GET changes nothing."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from apps.nodes.forms.params import Ending
from apps.nodes.forms.submission import read_submission
from apps.runs.links import VALID_FOR, Link, write_link
from apps.triggers.forms.course import Asking, Course, course_of
from apps.triggers.forms.found import LiveForm, check_page, check_visitor, form_at, new_page
from apps.triggers.forms.pages import asking_page, faults_problem
from apps.triggers.forms.sent import read_sent
from apps.triggers.forms.submit import answer_step, start_run
from apps.triggers.waits.awaited import asked_link, count_asked, no_longer
from apps.triggers.waits.outside import outside
from apps.triggers.waits.pages import HEADERS, is_person, page
from apps.workspaces.client_address import client_address
from apps.workspaces.errors import ConflictError

MOST_SENT_A_MINUTE = 60
MOST_ASKED_A_MINUTE = 240
SLOWEST_LOOK_S = 30
ONCE, STEP = "_once", "_step"


@outside("GET", "HEAD", "POST")
def form(request: HttpRequest, path: str) -> HttpResponse:
    """`GET/POST /forms/{path}`: show a form; start a run with what was filled in."""
    found = form_at(path)
    check_visitor(request, found)
    if request.method != "POST":
        return asking_page(
            found.params, texts=dict(request.GET.lists()), hidden={ONCE: new_page(found)}
        )
    count_asked(f"{found.endpoint} {client_address(request)}", MOST_SENT_A_MINUTE)
    sent = read_sent(request)
    once = sent.text(ONCE)
    check_page(request, found, once)
    submission = read_submission(found.params.fields, sent.texts, sent.files)
    if faults := submission.faults:
        if is_person(request):
            return asking_page(found.params, texts=sent.texts, hidden={ONCE: once}, faults=faults)
        return faults_problem(faults)
    run = start_run(found, submission, once)
    if is_person(request):
        return _led_to(_address_of(found, run))
    return JsonResponse({"run": str(run)}, status=202, headers=HEADERS)


@outside("GET", "HEAD", "POST")
def form_course(request: HttpRequest, token: str) -> HttpResponse:
    """`GET/POST /form/{token}`: what a run has for the person who fills in its forms."""
    link = asked_link(token, "form", MOST_ASKED_A_MINUTE)
    course = course_of(link)
    if request.method != "POST":
        return _shown(course, request)
    sent = read_sent(request)
    if isinstance(course, Asking) and sent.text(STEP) in (str(course.step.pk), ""):
        submission = read_submission(course.page.fields, sent.texts, sent.files)
        if faults := submission.faults:
            if is_person(request):
                step = str(course.step.pk)
                return asking_page(
                    course.page, texts=sent.texts, hidden={STEP: step}, faults=faults
                )
            return faults_problem(faults)
        try:
            answer_step(course.step, submission)
        except ConflictError:
            pass
        else:
            if not is_person(request):
                return JsonResponse({"run": str(link.run)}, status=202, headers=HEADERS)
    if is_person(request):
        # Also who sends the same twice: what there is now is shown.
        return _led_to(request.path)
    raise no_longer(link)


def _shown(course: Course, request: HttpRequest) -> HttpResponse:
    match course:
        case Asking(step, asks):
            texts = dict(request.GET.lists())
            return asking_page(asks, texts=texts, hidden={STEP: str(step.pk)})
        case Ending(redirect=url) if url:
            answer = page("forms/led.html", title=course.title, url=url)
            answer["Refresh"] = f"0; url={iri_to_uri(url)}"
        case Ending():
            answer = page("waits/told.html", title=course.title, text=course.text)
        case "working":
            answer = page("forms/working.html", title="One moment …", path=request.path)
            looks = _looks(request)
            wait_s = min(1 + looks // 5, SLOWEST_LOOK_S)
            answer["Refresh"] = f"{wait_s}; url={request.path}?looks={looks + 1}"
        case _:
            text = "Your answers came, but what was to be done with them failed."
            answer = page("waits/told.html", title="Something went wrong.", text=text)
    return answer


def _looks(request: HttpRequest) -> int:
    """How often the page has looked by itself: ever less often."""
    written = request.GET.get("looks", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def _led_to(path: str) -> HttpResponse:
    """So that to load the page again sends nothing twice."""
    return HttpResponse(status=303, headers=HEADERS | {"Location": path})


def _address_of(found: LiveForm, run: UUID) -> str:
    link = Link(found.version.workspace_id, run, found.node_id, 0)
    expires_at = int((timezone.now() + VALID_FOR).timestamp())
    return f"/form/{write_link(link, 'form', expires_at)}"
