"""No secret of eight characters or more survives, however it is written; all else does."""

import base64
import html
import json
import re
import string
import threading
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.encoding import decode, encode
from apps.engine.errors import FlowForgeError, NodeError
from apps.engine.masking import MASK, SHORTEST, Masker

TOKEN = "Zx81-tok_9f3cA7e5.B2d4q"
AWKWARD = "p@ss w\"ord/ü+\\x'1&<%>"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END PRIVATE KEY-----\n"

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "reversed": lambda secret: secret[::-1],
    "json": lambda secret: json.dumps(secret),
    "json in json": lambda secret: json.dumps(json.dumps({"a": secret})),
    "json of letters": lambda secret: json.dumps(secret, ensure_ascii=False),
    "slashes escaped": lambda secret: json.dumps(secret).replace("/", "\\/"),
    "percent": lambda secret: quote(secret, safe=""),
    "percent in small letters": lambda secret: quote(secret, safe="").lower(),
    "percent, slashes left": quote,
    "percent twice": lambda secret: quote(quote(secret)),
    "form": quote_plus,
    "html": html.escape,
    "html in json": lambda secret: json.dumps(html.escape(secret)),
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda secret: repr(secret.encode()),
    "repr of a list": lambda secret: repr([repr(secret)]),
    "backslashes of a pattern": re.escape,
    "hex": lambda secret: secret.encode().hex(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "basic": lambda secret: base64.b64encode(f"a:{secret}".encode()).decode(),
    "basic of two": lambda secret: base64.b64encode(f"ab:{secret}".encode()).decode(),
    "basic of OAuth": lambda secret: base64.b64encode(f"a:{quote(secret, '')}".encode()).decode(),
    "claim": lambda secret: base64.urlsafe_b64encode(encode({"k": secret, "n": 1})).decode(),
    "wrapped base64": lambda secret: base64.encodebytes(f"{'x' * 50}{secret}".encode()).decode(),
    "utf16": lambda secret: secret.encode("utf-16-le").decode("latin-1"),
    "utf16 in base64": lambda secret: base64.b64encode(secret.encode("utf-16-le")).decode(),
    "wrapped": lambda secret: f"{secret[:7]}\r\n{secret[7:]}",
    "wrapped in json": lambda secret: json.dumps(f"{secret[:9]}\n{secret[9:]}"),
}


@pytest.mark.parametrize("secret", [TOKEN, AWKWARD])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_hidden_in_every_form(form: Callable[[str], str], secret: str):
    text = f"before {form(secret)} behind"
    hidden = Masker([secret]).text(text)
    assert MASK in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" behind")
    assert_nothing_is_left(hidden, form, secret)


@pytest.mark.parametrize("secret", [TOKEN, AWKWARD])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_is_hidden_in_json(form: Callable[[str], str], secret: str):
    before = [{"a": ["x", f"{form(secret)} y"], f"key {form(secret)}": 1.5}, {"n": 2**70}]
    after = decode(Masker([secret]).json(encode(before)))
    assert after[1] == before[1]
    [(_, text), (key, number)] = after[0].items()
    assert text[0] == "x"
    assert MASK in text[1]
    assert MASK in key
    assert number == 1.5
    assert_nothing_is_left(text[1], form, secret)


def assert_nothing_is_left(hidden: str, form: Callable[[str], str], secret: str) -> None:
    """None of the letters that are there for the secret's sake."""
    beside = [form("?" * count) for count in range(len(secret), len(secret) + 9)]
    left = hidden.replace(MASK, "\0")
    for run in re.findall("[A-Za-z0-9]{8}", form(secret)):
        assert run not in left or any(run in each for each in beside)


SECRETS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=8)
SECRETS |= st.text(string.ascii_letters + string.digits + "-_.~+/=", min_size=8, max_size=60)
SECRETS |= st.text(string.printable, min_size=8, max_size=40)
SECRETS = SECRETS.filter(
    lambda secret: len(secret.strip()) >= SHORTEST and not re.fullmatch("[0-9]+", secret.strip())
)
"""Of digits alone there is another rule: a longer number holds no secret."""
EXACT = [
    form
    for name, form in FORMS.items()
    if not name.startswith(("wrapped", "upper", "lower")) and name != "utf16"
]


@settings(deadline=None)
@given(SECRETS, st.text(), st.text(), st.sampled_from(EXACT), st.data())
def test_no_secret_survives_whatever_stands_around_it(
    secret: str, before: str, behind: str, form: Callable[[str], str], data: st.DataObject
):
    secret = secret.strip()
    spelled = form(secret)
    hidden = Masker([secret]).text(before + spelled + behind)
    cut = data.draw(st.integers(0, len(hidden)))
    for piece in (hidden, hidden[:cut], hidden[cut:]):
        assert secret not in piece
        assert spelled not in piece


@settings(deadline=None)
@given(
    SECRETS,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.text(),
    st.sampled_from(EXACT),
)
def test_json_stays_json_and_is_otherwise_the_same(secret, value, around, form):
    secret = secret.strip()
    masker = Masker([secret])
    written = encode([value, {"x": around + form(secret) + around}])
    hidden = decode(masker.json(written))
    assert secret not in hidden[1]["x"]
    if masker.json(encode(value)) == encode(value):
        assert hidden[0] == decode(encode(value))


@settings(deadline=None)
@given(st.text(), SECRETS)
def test_what_holds_no_secret_is_the_same(text: str, secret: str):
    other = "☃" + "".join(secret.split())
    if "☃" not in text:
        assert Masker([other]).text(text) == text
        written = encode(text)
        assert Masker([other]).json(written) is written


@settings(deadline=None)
@given(SECRETS, st.text(max_size=20), st.sampled_from(["", "…", "... (cut)", "”"]), st.data())
def test_the_beginning_of_a_secret_before_a_cut_is_hidden(secret, before, cut, data):
    secret = secret.strip()
    end = data.draw(st.integers(SHORTEST, len(secret)))
    assert secret[:end] not in Masker([secret]).text(before + secret[:end] + cut)


def test_where_nothing_was_cut_only_whole_secrets_are_hidden():
    assert Masker(["postgres-7f3d9"]).text("postgres is up") == "postgres is up"
    assert Masker(["postgres-7f3d9"]).json(b'"postgres"') == b'"postgres"'


def test_a_number_that_is_a_secret_is_hidden():
    assert Masker(["8314159265"]).json(b'{"pin":8314159265,"n":83,"ok":true}') == encode(
        {"pin": MASK, "n": 83, "ok": True}
    )


def test_a_secret_of_digits_is_no_part_of_a_greater_number():
    masker = Masker(["12345678"])
    data = {"ts": 1712345678901, "text": "1712345678901", "x": 0.12345678}
    assert masker.json(encode(data)) == encode(data)
    secrets = {"n": 12345678, "minus": -12345678, "float": 12345678.0, "text": "at 12345678."}
    assert decode(masker.json(encode(secrets))) == {
        "n": MASK,
        "minus": MASK,
        "float": MASK,
        "text": f"at {MASK}.",
    }
    assert masker.text("a%2012345678&b=\\x2012345678") == f"a%20{MASK}&b=\\x20{MASK}"


def test_a_long_secret_of_digits_is_hidden_piece_by_piece():
    digits = "".join(str(place * 7919) for place in range(50))
    assert Masker([digits]).text(f"a{digits}b").replace(MASK, "") == "ab"


def test_keys_that_would_be_the_same_when_they_are_hidden_stay_apart():
    other = TOKEN.upper()
    rows = [{TOKEN: 1, other: 2, f"{TOKEN} 2": 3}, {other: 4, TOKEN: 5, MASK: 6, "a": TOKEN}]
    first, second = decode(Masker([TOKEN]).json(encode(rows)))
    assert list(first.values()) == [1, 2, 3]
    assert list(second.values()) == [4, 5, 6, MASK]
    assert list(first)[:2] == list(second)[1::-1]
    assert TOKEN.lower() not in str([first, second]).lower()


def test_quotes_and_backslashes_do_not_lead_astray():
    written = encode({'a"': "\\", "b": '\\"' + TOKEN + "\\", "c": ['"', "\\\\"]})
    assert decode(Masker([TOKEN]).json(written)) == {
        'a"': "\\",
        "b": '\\"' + MASK + "\\",
        "c": ['"', "\\\\"],
    }


def test_of_a_url_that_is_a_secret_its_parts_are_hidden_too():
    path = f"/services/T024BE7LD/{TOKEN[:8]}x7kQp2"
    masker = Masker([f"https://hooks.test:8443{path}?sig={TOKEN}"])
    assert masker.text(f"POST {path} failed") == f"POST {MASK} failed"
    assert masker.text(f"{TOKEN[:8]}x7kQp2 sig={TOKEN}") == f"{MASK} sig={MASK}"
    assert masker.text("services of hooks.test:8443") == "services of hooks.test:8443"


def test_a_secret_on_two_lines_is_found_beside_one_on_one_line():
    masker, broken = Masker([TOKEN]), f"{TOKEN[:13]}\n{TOKEN[13:]}"
    assert decode(masker.json(encode([TOKEN, broken, TOKEN]))) == [MASK] * 3
    assert masker.text(f"{TOKEN} {broken}") == f"{MASK} {MASK}"


def test_each_line_of_a_key_is_a_secret_but_those_that_all_keys_have():
    masker = Masker([KEY])
    assert masker.text("at line 3: kqhkiG9w0BAQEF") == f"at line 3: {MASK}"
    assert masker.text(" ".join(KEY.split())) == MASK
    assert masker.text("-----BEGIN PRIVATE KEY-----") == "-----BEGIN PRIVATE KEY-----"


def test_short_values_are_not_masked():
    assert Masker(["1234567"]).text("1234567") == "1234567"


def test_what_is_pasted_with_spaces_around_it_is_hidden_without_them():
    assert Masker([f"  {TOKEN}\n"]).text(f"Bearer {TOKEN}") == f"Bearer {MASK}"


def test_of_two_secrets_of_which_one_holds_the_other_nothing_is_left():
    assert Masker([TOKEN[:12], TOKEN]).text(f"{TOKEN} {TOKEN[:12]}") == f"{MASK} {MASK}"


def test_an_error_is_told_without_secrets_and_stays_what_it_is():
    told = Masker([TOKEN]).error(
        NodeError("http_status", f"GET answered: {TOKEN}", f"Not {TOKEN}", retryable=True)
    )
    assert told.told() == {
        "code": "http_status",
        "message": f"GET answered: {MASK}",
        "hint": f"Not {MASK}",
    }
    assert told.retryable
    error = FlowForgeError("a", "b")
    assert Masker([TOKEN]).error(error) is error


def test_a_text_file_is_masked_and_any_other_left_alone():
    masker = Masker([TOKEN])
    assert masker.content(f"a={TOKEN}".encode()) == f"a={MASK}".encode()
    picture = b"\xff\xd8" + TOKEN.encode()
    assert masker.content(picture) is picture


def test_without_secrets_nothing_is_looked_at():
    written, masker = encode({"a": TOKEN}), Masker()
    assert masker.json(written) is written
    assert masker.text(TOKEN) is TOKEN


def test_what_one_masker_learns_another_beside_it_learns_too():
    beside = Masker(most=2)
    Masker(beside=beside).hide([TOKEN])
    assert beside.text(TOKEN) == MASK
    beside.hide(["12345678", "23456789"])
    assert beside.text(TOKEN) == TOKEN


def test_what_is_hidden_again_is_not_the_eldest():
    log = Masker(most=2)
    run = Masker(beside=log)
    run.hide([TOKEN])
    log.hide(["12345678"])
    run.hide([TOKEN])
    log.hide(["23456789"])
    assert log.text(f"{TOKEN} 12345678 23456789") == f"{MASK} 12345678 {MASK}"


def test_threads_may_tell_of_secrets_at_once():
    masker = Masker()
    names = [[f"secret-{i}-{j}" for j in range(20)] for i in range(8)]
    threads = [threading.Thread(target=masker.hide, args=(each,)) for each in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert masker.text(" ".join(name for each in names for name in each)) == " ".join([MASK] * 160)


def test_a_run_of_backslashes_takes_no_longer_than_its_length():
    assert MASK in Masker(['"' + TOKEN]).text("\\" * 1_000_000 + '"' + TOKEN)


LONG = "".join(f"{place}-{'pQ7/+'[place % 5]}" for place in range(300))


@pytest.mark.parametrize("name", ["plain", "json", "percent", "base64", "basic", "html in json"])
def test_a_long_secret_is_hidden_piece_by_piece(name: str):
    hidden = Masker([LONG]).text(f"before {FORMS[name](LONG)} behind")
    assert re.sub(f"[^{MASK}]+", "|", hidden).count("|") <= 2
    assert_nothing_is_left(hidden, FORMS[name], LONG)


@settings(deadline=None)
@given(
    st.text("\"'\\+ \n%&=;a25n", min_size=8, max_size=40),
    st.lists(st.sampled_from([*"\"'\\+ \n%&=;a25n", "&amp;", "%25", "\\n", "&#34;"]), max_size=8),
)
def test_no_text_takes_long_however_odd_the_secret(secret: str, unit: list[str]):
    """Where there is a choice at each character, this would not end."""
    masker = Masker([secret.strip() + "zzz9"])
    assert masker.text("".join(unit) * 200 + " zzz9").endswith(("zzz9", MASK))
    assert secret.strip() + "zzz9" not in masker.text("".join(unit) * 9 + secret + "zzz9")
