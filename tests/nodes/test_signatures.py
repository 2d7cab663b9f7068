"""Whose request it is: signatures as services make them, and the forms of one's own."""

import base64
import hmac
from collections.abc import Callable, Sequence

import pytest

from apps.nodes.webhooks.signatures import (
    SCHEMES,
    TOLERANCE_S,
    GenericHmac,
    SignatureError,
    Signed,
    Verify,
)

NOW = 1_700_000_000
BODY = '{"id": 7, "name": "Zoë"}'.encode()
SECRET = "a secret"
Headers = dict[str, str]
Sign = Callable[[str, bytes, int], Headers]


def hexed(secret: str, content: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), content, algorithm).hexdigest()


def by_github(secret: str, body: bytes, moment: int) -> Headers:
    return {"x-hub-signature-256": f"sha256={hexed(secret, body)}"}


def by_stripe(secret: str, body: bytes, moment: int) -> Headers:
    signature = hexed(secret, f"{moment}.".encode() + body)
    return {"stripe-signature": f"t={moment},v1={signature},v0={'0' * 64}"}


def by_slack(secret: str, body: bytes, moment: int) -> Headers:
    signature = hexed(secret, f"v0:{moment}:".encode() + body)
    return {"x-slack-request-timestamp": str(moment), "x-slack-signature": f"v0={signature}"}


def by_standard(secret: str, body: bytes, moment: int, id: str = "msg_1") -> Headers:
    """Its secrets are base64; one that is none is the key as it stands."""
    signed = hmac.digest(secret.encode(), f"{id}.{moment}.".encode() + body, "sha256")
    return {
        "webhook-id": id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def by_own_form(secret: str, body: bytes, moment: int) -> Headers:
    signed = hmac.digest(secret.encode(), f"{moment}.".encode() + body, "sha512")
    return {"x-sign": f"own={base64.b64encode(signed).decode()}", "x-at": str(moment)}


OWN_FORM = GenericHmac("X-Sign", "sha512", "base64", "own=", "X-At")
PLAIN_FORM = GenericHmac("X-Sign", "sha1")
ALL: dict[str, tuple[Verify, Sign]] = {
    "github": (SCHEMES["github"], by_github),
    "stripe": (SCHEMES["stripe"], by_stripe),
    "slack": (SCHEMES["slack"], by_slack),
    "standard_webhooks": (SCHEMES["standard_webhooks"], by_standard),
    "own form": (OWN_FORM, by_own_form),
    "own form without moment": (
        PLAIN_FORM,
        lambda secret, body, moment: {"x-sign": hexed(secret, body, "sha1")},
    ),
}
DATED = ["stripe", "slack", "standard_webhooks", "own form"]
every_scheme = pytest.mark.parametrize("scheme", ALL)
every_dated_scheme = pytest.mark.parametrize("scheme", DATED)


def refusal(
    verify: Verify,
    headers: Headers,
    body: bytes = BODY,
    secrets: Sequence[str] = (SECRET,),
    now: float = NOW,
) -> str | None:
    """Why the request is not believed; None where it is."""
    try:
        verify(Signed(headers, body, now), secrets)
    except SignatureError as error:
        return str(error)
    return None


def test_each_scheme_that_can_be_chosen_is_tested_here() -> None:
    assert SCHEMES.keys() <= ALL.keys()


@every_scheme
def test_who_knows_the_secret_is_believed(scheme: str) -> None:
    verify, sign = ALL[scheme]
    assert refusal(verify, sign(SECRET, BODY, NOW)) is None
    assert refusal(verify, sign(SECRET, b"", NOW), b"") is None


@every_scheme
def test_a_body_in_pieces_is_verified_as_a_whole_one(scheme: str) -> None:
    verify, sign = ALL[scheme]
    headers, pieces = sign(SECRET, BODY, NOW), [BODY[:5], BODY[5:]]
    verify(Signed(headers, pieces, NOW), ["another", SECRET])
    with pytest.raises(SignatureError):
        verify(Signed(headers, pieces[:1], NOW), [SECRET])


@every_scheme
def test_another_secret_or_another_body_is_refused(scheme: str) -> None:
    verify, sign = ALL[scheme]
    fits_not = "The signature does not fit."
    assert refusal(verify, sign("another", BODY, NOW)) == fits_not
    assert refusal(verify, sign(SECRET, BODY, NOW), BODY + b" ") == fits_not
    assert refusal(verify, sign(SECRET, BODY, NOW), secrets=[]) == fits_not


@every_scheme
def test_the_secret_before_is_believed_while_senders_are_changed_over(scheme: str) -> None:
    verify, sign = ALL[scheme]
    assert refusal(verify, sign("the old one", BODY, NOW), secrets=[SECRET, "the old one"]) is None


@every_scheme
def test_a_header_that_is_missing_or_empty_is_named(scheme: str) -> None:
    verify, sign = ALL[scheme]
    headers = sign(SECRET, BODY, NOW)
    for name in headers:
        for given in ({**headers, name: " "}, {n: v for n, v in headers.items() if n != name}):
            told = refusal(verify, given)
            assert told is not None
            assert f"“{name}” is missing" in told.lower()


@every_scheme
@pytest.mark.parametrize("junk", ["x", "=", ",", "v1,", "t=,v1=", "sha256=", "é", "v0=", "own="])
def test_what_is_no_signature_is_refused(scheme: str, junk: str) -> None:
    verify, sign = ALL[scheme]
    for name in sign(SECRET, BODY, NOW):
        assert refusal(verify, {**sign(SECRET, BODY, NOW), name: junk}) is not None


@every_dated_scheme
def test_what_was_caught_cannot_be_sent_again_later(scheme: str) -> None:
    verify, sign = ALL[scheme]
    headers = sign(SECRET, BODY, NOW)
    assert refusal(verify, headers, now=NOW + TOLERANCE_S) is None
    told = refusal(verify, headers, now=NOW + TOLERANCE_S + 1)
    assert told == "It was signed more than 300 seconds before or after now."


@every_dated_scheme
def test_what_is_of_the_future_is_refused(scheme: str) -> None:
    verify, sign = ALL[scheme]
    assert refusal(verify, sign(SECRET, BODY, NOW + TOLERANCE_S)) is None
    assert refusal(verify, sign(SECRET, BODY, NOW + TOLERANCE_S + 1)) is not None


@every_dated_scheme
def test_a_signature_is_of_its_moment_alone(scheme: str) -> None:
    verify, sign = ALL[scheme]
    old, new = sign(SECRET, BODY, NOW - 1_000), sign("another", BODY, NOW)
    moved = {
        name: value.replace(str(NOW - 1_000), str(NOW)) if str(NOW) in new[name] else value
        for name, value in old.items()
    }
    assert refusal(verify, moved) == "The signature does not fit."


@pytest.mark.parametrize("moment", ["soon", "-5", "1e9", "٣", "1" * 20, "1.5"])
def test_a_moment_that_is_no_number_of_seconds_is_refused(moment: str) -> None:
    # Signed with the secret: it is only the moment that is at fault.
    signature = hexed(SECRET, f"v0:{moment}:".encode() + BODY)
    headers = {"x-slack-request-timestamp": moment, "x-slack-signature": f"v0={signature}"}
    told = "The moment of the signature is no number of seconds."
    assert refusal(SCHEMES["slack"], headers) == told


def test_of_several_signatures_one_must_fit() -> None:
    good, wrong = hexed(SECRET, f"{NOW}.".encode() + BODY), hexed("x", b"y")
    stripe = SCHEMES["stripe"]
    assert refusal(stripe, {"stripe-signature": f"t={NOW},v1={wrong},v1={good}"}) is None
    assert refusal(stripe, {"stripe-signature": f"t={NOW},v1={wrong},v1={wrong}"}) is not None
    # Of two moments it would not be sure which one was signed.
    assert refusal(stripe, {"stripe-signature": f"t={NOW},t={NOW},v1={good}"}) is not None
    headers = by_standard(SECRET, BODY, NOW)
    good, name = headers["webhook-signature"], "webhook-signature"
    standard = SCHEMES["standard_webhooks"]
    assert refusal(standard, {**headers, name: f"v1,AAAA {good}"}) is None
    assert refusal(standard, {**headers, name: f"v1,AAAA {good.replace('v1,', 'v1a,')}"})


def test_a_signature_of_an_older_version_of_a_scheme_counts_nothing() -> None:
    signature = hexed(SECRET, f"{NOW}.".encode() + BODY)
    headers = {"stripe-signature": f"t={NOW},v0={signature}"}
    assert refusal(SCHEMES["stripe"], headers) is not None


def test_the_secret_of_standard_webhooks_is_base64_behind_its_prefix() -> None:
    secret = f"whsec_{base64.b64encode(SECRET.encode()).decode()}"
    verify = SCHEMES["standard_webhooks"]
    assert refusal(verify, by_standard(SECRET, BODY, NOW), secrets=[secret]) is None
    moved = {**by_standard(SECRET, BODY, NOW), "webhook-id": "msg_2"}
    assert refusal(verify, moved, secrets=[secret]) is not None


def test_a_secret_that_is_nothing_but_its_prefix_lets_nobody_in() -> None:
    verify = SCHEMES["standard_webhooks"]
    for guess in ("", "whsec_"):
        assert refusal(verify, by_standard(guess, BODY, NOW), secrets=["whsec_"]) is not None


def test_hexadecimal_signatures_of_ones_own_form_may_be_written_large() -> None:
    signature = hexed(SECRET, BODY, "sha1").upper()
    assert refusal(PLAIN_FORM, {"x-sign": signature}) is None


def test_a_prefix_must_be_there() -> None:
    headers = by_own_form(SECRET, BODY, NOW)
    bare = {**headers, "x-sign": headers["x-sign"].removeprefix("own=")}
    assert refusal(OWN_FORM, bare) == "The header “X-Sign” does not begin with its prefix."


def test_no_refusal_tells_the_secret_or_what_was_expected() -> None:
    for verify, sign in ALL.values():
        told = refusal(verify, sign("another", BODY, NOW))
        expected = sign(SECRET, BODY, NOW)
        assert told is not None
        assert not any(each in told for each in (SECRET, *expected.values()))
