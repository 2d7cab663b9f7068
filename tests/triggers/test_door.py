"""Who may call a webhook."""

import base64
import hashlib
import hmac
import time
from typing import Any

import pytest

from apps.credentials.models import Credential as StoredCredential
from apps.nodes.formats.tokens import sign_token
from apps.nodes.vault import Credential
from apps.runs.models import Run
from apps.triggers.hooks import door
from apps.triggers.models import WebhookRequest
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from apps.workflows.models import Workflow
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.triggers.test_hooks import Answer, send

pytestmark = pytest.mark.django_db(transaction=True)

BODY = b'{"id": 7}'
SECRET = "a-secret-of-thirty-two-characters"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    door._opened = door._Opened()


def listens(type: str, values: dict[str, Any], **params: Any) -> None:
    """An active workflow whose hook knows its senders by such a credential."""
    workflow = make_workflow()
    credential = make_credential(workflow.workspace, type, values)
    listens_to(workflow, credential=str(credential.pk), **params)


def listens_to(workflow: Workflow | None = None, **params: Any) -> None:
    """An active workflow with such a hook at /hooks/safe."""
    workflow = workflow or make_workflow()
    hook = {"path": "safe", **params}
    document = graph([node("in", "webhook", params=hook), node("end")], ["in -> end"])
    publish_version(make_version(workflow, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def signature(secret: str, content: bytes = BODY) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def test_who_knows_the_password_may_send() -> None:
    listens("http_basic", {"username": "shop", "password": SECRET}, authentication="basic")
    refused = send("safe", BODY, authorization=basic("shop", "guessed"))
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'Basic realm="hook", charset="UTF-8"'
    assert send("safe", BODY).status == 401
    assert send("safe", BODY, authorization="Basic é").status == 401
    assert Run.objects.count() == 0
    assert send("safe", BODY, authorization=basic("shop", SECRET)).status == 202


def test_who_knows_the_header_may_send_and_the_run_does_not_see_it() -> None:
    listens("http_header", {"name": "X-Shop", "value": SECRET}, authentication="header")
    assert send("safe", BODY, x_shop="guessed").status == 401
    assert send("safe", BODY, x_shop=SECRET).status == 202
    run, kept = Run.objects.get(), WebhookRequest.objects.get()
    assert run.input_json[0]["json"]["headers"]["x-shop"] == "(hidden)"
    assert kept.headers["x-shop"] == "(hidden)"


def test_who_bears_a_token_may_send_until_it_expires() -> None:
    listens("signing_key", {"secret": SECRET}, authentication="jwt", audience="shop")
    key = Credential("signing_key", {"secret": SECRET})

    def bearer(**claims: Any) -> str:
        return f"Bearer {sign_token({}, claims, 'HS256', key)}"

    now = int(time.time())
    assert send("safe", BODY, authorization=bearer(aud="shop", exp=now + 60)).status == 202
    assert send("safe", BODY, authorization=bearer(aud="bank", exp=now + 60)).status == 401
    assert send("safe", BODY, authorization=bearer(aud="shop", exp=now - 600)).status == 401
    assert send("safe", BODY, authorization="Bearer e30.e30.").status == 401
    assert send("safe", BODY).headers["www-authenticate"] == "Bearer"


def signed_by_github(secret: str, path: str = "safe") -> Answer:
    return send(path, BODY, x_hub_signature_256=f"sha256={signature(secret)}")


def test_a_signature_is_of_the_secret_or_of_the_one_before() -> None:
    secrets = {"secret": SECRET, "previous_secret": "the-one-before"}
    listens("webhook_secret", secrets, authentication="github")
    assert signed_by_github(SECRET).status == 202
    assert signed_by_github("the-one-before").status == 202
    assert signed_by_github("").status == 401
    refused = signed_by_github("guessed")
    assert refused.status == 401
    assert [each["code"] for each in refused.body["errors"]] == ["not_authenticated"]


def test_the_signature_that_lets_a_request_in_is_hidden() -> None:
    listens("webhook_secret", {"secret": SECRET}, authentication="github")
    assert signed_by_github(SECRET).status == 202
    kept = WebhookRequest.objects.get()
    [item] = Run.objects.get().input_json
    for headers in (kept.headers, item["json"]["headers"]):
        assert headers["x-hub-signature-256"] == "(hidden)"


def test_what_was_signed_too_long_ago_is_refused() -> None:
    listens("webhook_secret", {"secret": SECRET}, authentication="stripe")

    def stripe(moment: int) -> int:
        signed = signature(SECRET, f"{moment}.".encode() + BODY)
        return send("safe", BODY, stripe_signature=f"t={moment},v1={signed}").status

    now = int(time.time())
    assert [stripe(now), stripe(now - 200), stripe(now - 400), stripe(now + 400)] == [
        202,
        202,
        401,
        401,
    ]


def test_a_signature_of_ones_own_form_is_verified() -> None:
    form = {"header": "X-Sign", "prefix": "v=", "encoding": "base64", "moment_header": "X-At"}
    listens("webhook_secret", {"secret": SECRET}, authentication="hmac", signature=form)
    moment = str(int(time.time()))
    signed = hmac.digest(SECRET.encode(), f"{moment}.".encode() + BODY, "sha256")
    good = f"v={base64.b64encode(signed).decode()}"
    assert send("safe", BODY, x_sign=good, x_at=moment).status == 202
    assert send("safe", b'{"id": 8}', x_sign=good, x_at=moment).status == 401
    assert send("safe", BODY, x_sign=good).status == 401
    assert send("safe", BODY, x_sign=good.removeprefix("v="), x_at=moment).status == 401


def test_a_secret_is_kept_in_memory_no_longer_than_it_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "KEPT_S", 0)
    for path in ("first", "second"):
        listens("webhook_secret", {"secret": SECRET}, authentication="github", path=path)
    for path in ("first", "second", "first"):
        assert signed_by_github(SECRET, path).status == 202
        assert len(door._opened._kept) == 1


def test_a_credential_that_is_gone_lets_nobody_in() -> None:
    listens("webhook_secret", {"secret": SECRET}, authentication="github")
    StoredCredential.objects.all().delete()
    assert signed_by_github(SECRET).status == 503


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"authentication": "github"}, "credential"),
        ({"authentication": "none", "credential": "x"}, "credential"),
        ({"authentication": "hmac", "credential": "x"}, "signature"),
        ({"authentication": "basic", "credential": "x", "signature": {"header": "X"}}, "signature"),
        ({"authentication": "ntlm"}, "authentication"),
    ],
    ids=["no credential", "unused", "no form", "unused form", "unknown"],
)
def test_what_does_not_fit_together_is_a_fault(params: dict[str, Any], path: str) -> None:
    workflow = make_workflow()
    document = graph([node("in", "webhook", params={"path": "x", **params})])
    client = ApiClient(make_user(workflow.workspace, "editor"))
    answer = client.post(f"workflows/{workflow.pk}/validate", {"graph": document})
    assert f"nodes[0].params.{path}" in [each["path"] for each in answer.json()["errors"]]


def test_a_credential_of_another_kind_is_a_fault() -> None:
    workflow = make_workflow()
    credential = make_credential(workflow.workspace, "webhook_secret", {"secret": SECRET})
    params = {"path": "x", "authentication": "basic", "credential": str(credential.pk)}
    client = ApiClient(make_user(workflow.workspace, "editor"))
    answer = client.post(
        f"workflows/{workflow.pk}/validate",
        {"graph": graph([node("in", "webhook", params=params)])},
    )
    assert [each["code"] for each in answer.json()["errors"]] == ["credential_wrong_type"]
