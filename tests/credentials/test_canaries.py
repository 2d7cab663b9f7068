"""No secret is found in what is kept, told or logged, on whatever way it comes back."""

import json

import pytest

from apps.engine.masking import MASK
from tests.clients import ApiClient
from tests.credentials.canaries import FORMS, World, call, world
from tests.credentials.leaks import LEAKS
from tests.credentials.surfaces import SURFACES
from tests.factories import make_user, make_workspace
from tests.nodes.servers import Reply, Seen, serving

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "Zx81-tok_9f3cA7e5.B2d4qTu0"
AWKWARD = "p@ss w\"ord/é+\\x'1&<%>=Tu0?"
COMES_BACK = {
    "header", "body", "body as text", "body in base64", "refused", "refused, gone on", "long",
    "large", "file", "query", "thrown", "thrown and long", "logged", "expression", "stopped",
    "graphql",
}  # fmt: skip
"""The ways on which something was to be masked: what was looked for had been there."""


@pytest.mark.parametrize("leak", LEAKS)
def test_a_secret_is_found_nowhere_however_it_comes_back(leak: str) -> None:
    for secret in (SECRET, AWKWARD):
        with world(secret, "plain", make_workspace()) as here:
            LEAKS[leak](here)
            assert here.found() == []
            assert leak not in COMES_BACK or something_was_masked(here)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "first-half"])
def test_a_secret_is_found_in_none_of_its_forms(form: str) -> None:
    with world(SECRET, form, make_workspace()) as here:
        for leak in ("header", "body", "refused", "long", "logged", "thrown"):
            LEAKS[leak](here)
        assert here.found() == []
        assert something_was_masked(here)


def test_what_was_looked_for_is_found_where_nobody_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.engine.masking.Masker.hide", lambda self, secrets: None)
    with world(SECRET, "plain", make_workspace()) as here:
        for leak in ("body", "refused", "large", "file"):
            LEAKS[leak](here)
        places = {place.partition(":")[0] for place in here.found()}
        assert {"step_runs", "runs", "API"} <= places
        assert any("/" in place for place in places)  # files


@pytest.mark.parametrize("client_auth", ["header", "body"])
@pytest.mark.parametrize("secret", [SECRET, AWKWARD])
def test_a_secret_that_an_authorization_server_gives_back_is_found_nowhere(
    secret: str, client_auth: str
) -> None:
    with world(secret, "plain", make_workspace()) as here, serving(refuse_and_repeat) as server:
        values = {
            "grant": "client_credentials",
            "token_url": f"{server.url}/token",
            "client_id": "the-client",
            "client_secret": secret,
            "client_auth": client_auth,
        }
        id = here.credential("oauth2_client", values)
        client = ApiClient(make_user(here.workspace, "editor"))
        tried = client.post(f"credentials/{id}/test", {"url": here.echo.at("body")})
        here.told.append(tried.content.decode())
        here.told.append(client.get(f"credentials/{id}").content.decode())
        here.run(call(here.echo.at("body"), id))
        assert len(server.seen) == 2
        sent = [seen.header("authorization") or seen.body.decode() for seen in server.seen]
        told = "".join(here.everything().values())
        for proof in {each.removeprefix("Basic ").split("client_secret=")[-1] for each in sent}:
            assert proof not in told
        assert here.found() == []
        assert something_was_masked(here)


def refuse_and_repeat(seen: Seen) -> Reply:
    said = f"{'.' * 90} {seen.header('authorization')} {seen.body.decode()}"
    answer = {"error": "invalid_client", "error_description": said}
    return Reply(401, {"Content-Type": "application/json"}, json.dumps(answer).encode())


def something_was_masked(here: World) -> bool:
    everything = "".join(here.everything().values())
    return MASK in everything or "\\u2022" in everything


@pytest.mark.parametrize("surface", SURFACES)
def test_a_secret_is_told_by_nothing_that_is_shown_or_sent(
    surface: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(SECRET, "plain", make_workspace()) as here:
        SURFACES[surface](here, monkeypatch)
        assert here.told
        assert here.found() == []
        assert not surface.startswith("failing") or MASK in here.log.getvalue()
