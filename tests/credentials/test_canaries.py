"""No secret is found in what is kept, told or logged, on whatever way it comes back."""

import pytest

from apps.engine.masking import MASK
from tests.credentials.canaries import FORMS, World, world
from tests.credentials.leaks import LEAKS
from tests.credentials.surfaces import SURFACES
from tests.factories import make_workspace

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
