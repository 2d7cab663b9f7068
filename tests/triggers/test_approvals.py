"""Approvals: who is asked, what the link shows, and how the run goes on."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from pytest_django import Settings

from apps.runs.decide import judge_step
from apps.runs.models import Run, RunSignal
from apps.runs.states import RunStatus
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import AuditEntry
from apps.workspaces.permissions import Role
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_credential, make_user, make_version
from tests.graphs import graph, node
from tests.runs.work import created, execute, output_of, steps_of
from tests.triggers.test_waits import TELL, call, code_of, past, path_of

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
ASK = {
    "question": "=Refund order {{ $json.order }}?",
    "details": "<b>Ada</b> wants it back.",
    "from": "shop@example.org",
}


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


def asking_run(version_of: Any = None, **params: Any) -> Run:
    """start -> tell -> ask -> yes or no, executed until it waits."""
    nodes = [
        node("start", "manual"),
        node("tell", "set_fields", params={**TELL, "include": "all"}),
        node("ask", "approval", params={**ASK, **params}),
        node("yes"),
        node("no"),
    ]
    edges = ["start -> tell", "tell -> ask", "ask.approved -> yes", "ask.rejected -> no"]
    version = make_version(version_of, graph(nodes, edges))
    return execute(created(version, items=[{"json": {"order": 7}}]))


def links() -> dict[str, str]:
    """The path that each message of the outbox leads to, by its recipient."""
    found = {}
    for message in mail.outbox:
        [path] = re.findall(r"http://\S+?(/decide/\S+)", str(message.body))
        [to] = message.to
        found[to] = path
    return found


def decide(path: str, decision: str, comment: str = "", **more: Any) -> Any:
    body = f"decision={decision}&comment={comment}"
    return call(path, data=body, content_type=FORM, **more)


def told(run: Run, node: str) -> Any:
    return output_of(run, node)["main"][0]["json"]


@pytest.mark.parametrize(
    ("decision", "output", "other"), [("approve", "yes", "no"), ("reject", "no", "yes")]
)
def test_who_is_asked_by_mail_decides_how_the_run_goes_on(
    decision: str, output: str, other: str
) -> None:
    run = asking_run(to="Ada <ada@example.org>, grace@example.org")
    assert run.status == RunStatus.WAITING
    assert [message.subject for message in mail.outbox] == ["Refund order 7?"] * 2
    answer = decide(links()["grace@example.org"], decision, "seen it")
    assert (answer.status_code, answer.json()) == (202, {"decision": decision})
    run = execute(run)
    assert run.status == RunStatus.COMPLETED
    assert told(run, output)["order"] == 7
    assert told(run, output)["approval"] == {
        "decision": decision,
        "by": "grace@example.org",
        "comment": "seen it",
        "timed_out": False,
    }
    assert steps_of(run)[other].status == "skipped"


def test_the_first_to_answer_decides() -> None:
    run = asking_run(to="ada@example.org, grace@example.org")
    of = links()
    assert decide(of["ada@example.org"], "approve").status_code == 202
    late = decide(of["grace@example.org"], "reject")
    assert (late.status_code, code_of(late)) == (410, "not_waiting")
    assert told(execute(run), "yes")["approval"]["by"] == "ada@example.org"


def test_who_comes_too_late_is_told_the_verdict_and_when_but_not_whose_it_was() -> None:
    asking_run(to="ada@example.org, grace@example.org")
    of = links()
    decide(of["ada@example.org"], "approve", "as she likes")
    at = r"answered already: approved on \d+ [A-Z]\w+ \d{4}, \d\d:\d\d \(UTC\)"
    for method, sent in (("GET", {}), ("POST", {"data": "decision=reject", "content_type": FORM})):
        late = call(of["grace@example.org"], method, headers={"Accept": "text/html"}, **sent)
        assert late.status_code == 410
        assert re.search(at + r"\.", late.content.decode())
        assert "ada@" not in late.content.decode()
        assert "as she likes" not in late.content.decode()
    again = call(of["ada@example.org"], "GET", headers={"Accept": "text/html"}).content.decode()
    assert re.search(at + " by ada@example.org", again)


def test_the_console_says_who_decided() -> None:
    run = asking_run(to="ada@example.org")
    decide(links()["ada@example.org"], "approve")
    *_, line = steps_of(execute(run))["ask"].log
    assert line["text"] == "Approved by ada@example.org."


def test_to_open_a_link_shows_the_question_and_decides_nothing() -> None:
    run = asking_run(to="ada@example.org")
    page = call(links()["ada@example.org"], "GET")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Refund order 7?" in text
    assert "&lt;b&gt;Ada&lt;/b&gt; wants it back." in text
    assert f"The workflow “{run.workflow.name}” asks ada@example.org:" in text
    assert re.search(r"It can be decided until \d+ [A-Z]\w+ \d{4}, \d\d:\d\d \(UTC\)\.", text)
    assert "sandbox allow-forms" in page["content-security-policy"]
    assert page["cache-control"] == "no-store"
    assert not RunSignal.objects.exists()
    assert execute(run).status == RunStatus.WAITING


def test_a_link_can_be_sent_by_a_node_before() -> None:
    run = asking_run()
    assert mail.outbox == []
    assert decide(path_of(run), "approve").status_code == 202
    assert told(execute(run), "yes")["approval"]["by"] == ""


def test_what_was_decided_by_a_link_is_in_the_audit_trail() -> None:
    run = asking_run(to="ada@example.org")
    decide(links()["ada@example.org"], "reject")
    entry = AuditEntry.objects.get(action="run.decide")
    assert (entry.object_id, entry.user) == (run.pk, None)
    assert entry.detail == {
        "step": str(steps_of(run)["ask"].pk),
        "decision": "reject",
        "recipient": "ada@example.org",
        "address": "127.0.0.1",
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "invalid_decision"),
        ("decision=maybe", "invalid_decision"),
        ("decision=approve&comment=" + "x" * 2_001, "comment_too_long"),
    ],
)
def test_a_form_that_decides_nothing_is_refused_and_the_run_waits_on(body: str, code: str) -> None:
    run = asking_run()
    answer = call(path_of(run), data=body, content_type=FORM)
    assert (answer.status_code, code_of(answer)) == (400, code)
    assert call(path_of(run), "DELETE").status_code == 405
    assert not RunSignal.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("--x", "multipart/form-data"),  # without its boundary
        ("&".join(f"f{n}=" for n in range(1_001)), FORM),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(body: str, content_type: str) -> None:
    answer = call(path_of(asking_run()), data=body, content_type=content_type)
    assert (answer.status_code, code_of(answer)) == (400, "invalid_form")
    assert not RunSignal.objects.exists()


def test_a_person_is_thanked() -> None:
    answer = decide(path_of(asking_run()), "reject", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "You have rejected." in answer.content.decode()


@pytest.mark.parametrize(("otherwise", "output"), [("reject", "no"), ("approve", "yes")])
def test_where_nobody_decides_in_time_it_is_as_was_said_before(otherwise: str, output: str) -> None:
    run = asking_run(wait_s=60, otherwise=otherwise)
    past(run, "ask")
    approval = told(execute(run), output)["approval"]
    assert approval == {"decision": otherwise, "by": "", "comment": "", "timed_out": True}
    assert decide(path_of(run), "approve").status_code == 410


def test_members_decide_over_the_api_too() -> None:
    run = asking_run()
    user = make_user(run.workspace, Role.OPERATOR)
    body = {"step": str(steps_of(run)["ask"].pk), "decision": "approve", "comment": "ok"}
    answer = ApiClient(user).post(f"runs/{run.pk}/resume", body)
    assert answer.status_code == 202
    assert told(execute(run), "yes")["approval"]["by"] == user.email
    assert AuditEntry.objects.get(action="run.decide").user == user


def test_only_those_who_were_asked_decide_where_that_is_wanted() -> None:
    run = asking_run(to="Ada <Ada@example.org>", who_may="asked")
    admin = ApiClient(make_user(run.workspace, Role.ADMIN))
    ada = ApiClient(make_user(run.workspace, Role.OPERATOR, email="ada@example.org"))
    step = steps_of(run)["ask"]
    body = {"step": str(step.pk), "decision": "approve"}
    refused = admin.post(f"runs/{run.pk}/resume", body)
    assert (refused.status_code, faults(refused)) == (403, [("", "not_asked")])
    _, key = make_api_key(run.workspace, Role.ADMIN)
    assert ApiClient(key).post(f"runs/{run.pk}/resume", body).status_code == 403
    assert not RunSignal.objects.exists()
    assert ada.post(f"runs/{run.pk}/resume", body).status_code == 202
    assert told(execute(run), "yes")["approval"]["by"] == "ada@example.org"


def test_a_link_is_the_right_to_decide_whoever_is_asked() -> None:
    run = asking_run(to="ada@example.org", who_may="asked")
    assert decide(links()["ada@example.org"], "reject").status_code == 202
    assert told(execute(run), "no")["approval"]["by"] == "ada@example.org"


def test_a_run_tells_what_it_asks_for() -> None:
    run = asking_run()
    [wait] = ApiClient(make_user(run.workspace)).get(f"runs/{run.pk}").json()["waiting_for"]
    assert (wait["for"], wait["node"]) == ("approval", "ask")
    assert wait["asks"] == {
        "question": "Refund order 7?",
        "details": "<b>Ada</b> wants it back.",
    }


def test_what_asks_for_approval_cannot_be_run_again_instead() -> None:
    run = asking_run()
    client = ApiClient(make_user(run.workspace, Role.OPERATOR))
    body = {"step": str(steps_of(run)["ask"].pk), "decision": "run_again"}
    answer = client.post(f"runs/{run.pk}/resume", body)
    assert (answer.status_code, faults(answer)) == (409, [("", "not_waiting")])


def test_a_step_is_decided_about_once() -> None:
    run = asking_run()
    judge_step(steps_of(run)["ask"], "approve", by=None)
    with pytest.raises(ConflictError, match="no approval"):
        judge_step(steps_of(run)["ask"], "reject", by=None)
    assert RunSignal.objects.count() == 1


def test_the_wait_of_an_approval_bears_no_secret() -> None:
    run = asking_run()
    secret = make_credential(run.workspace, values={"token": "s3cret-token-value"})
    nodes = [
        node("start", "manual"),
        node(
            "call",
            "http_call",
            params={
                "url": "http://127.0.0.1:9/",
                "credential": str(secret.pk),
            },
            on_error="continue",
        ),
        node("ask", "approval", params={"question": "s3cret-token-value?"}),
    ]
    version = make_version(run.workflow, graph(nodes, ["start -> call", "call -> ask"]))
    asked = execute(created(version))
    wait = steps_of(asked)["ask"].attempts[-1]["wait"]
    assert "s3cret" not in str(wait)


def test_a_server_that_takes_nobodys_message_fails_the_step(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.triggers.test_approvals.NoBackend"
    run = asking_run(to="ada@example.org")
    assert (run.status, run.error_code) == (RunStatus.FAILED, "connect")


class NoBackend:
    """A mail server that is away."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def send_messages(self, _: Any) -> int:
        raise ConnectionRefusedError("away")

    def close(self) -> None:
        pass
