"""Where code begins and ends in a template."""

import pytest

from apps.expressions.scan import split


def codes(text: str) -> list[str]:
    return [part.source for part in split(text) if part.is_code]


@pytest.mark.parametrize(
    "code",
    [
        "$json.a",
        " {a: 1} ",
        "{a: {b: 1}}",
        "'}}'",
        '"}} \\" }}"',
        "`}} ${ {a: '}}'}.a } }}`",
        "`${`${1}`}`",
        "x.replace(/}}/g, '{')",
        "x.match(/[/}}]/) ? {a: {}} : 2",
        "1 / 2 /* }} */ / 3",
        "return_ / 2 } / 1",
        "typeof /}}/",
        "f() / g['}}'] / 2",
    ],
)
def test_code_ends_at_the_braces_that_are_not_its_own(code: str) -> None:
    assert codes(f"a {{{{{code}}}}} b {{{{ 2 }}}}") == [code, " 2 "]


# JavaScript that is broken, or ends in a comment: the first closing braces are taken.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ 1 // one }} and {{ 2 }}", [" 1 // one ", " 2 "]),
        ("{{ it's }} b", [" it's "]),
        ("{{ `a }} b", [" `a "]),
        ("{{ { }} b", [" { "]),
    ],
)
def test_code_that_never_ends_by_itself_ends_at_the_first_braces(
    text: str, expected: list[str]
) -> None:
    assert codes(text) == expected


def test_braces_that_are_never_closed_are_told() -> None:
    [part] = split("{{ $json.a")
    assert (part.is_code, part.is_closed) == (True, False)


def test_escaped_braces_are_text() -> None:
    parts = split(r"a \{{ b }} {{ 1 }}")
    assert [(part.source, part.is_code) for part in parts] == [("a {{ b }} ", False), (" 1 ", True)]


def test_parts_know_where_they_begin() -> None:
    text = "=ab {{ 1 }} c {{ 2 }}"
    for part in split(text, start=1):
        assert text[part.start :].startswith(part.source)


UNITS = ["{", "{{", "}", "'", "`", "`${", "/", "{{ '", "{{ `${ {", "{{ { }} ", "{{ } }} ", "//"]
UNITS += [
    '\\"',
    "\\'",
    "/[",
    "/[a] ",
    "/[a]\\/",
    "[/]",
    "[/[",
    "/[/[]",
    "/* ",
    "{{ /* }}",
    '{{ " }} ',
    '{{ \\" }} ',
    "\\{{",
]


@pytest.mark.parametrize("unit", UNITS)
def test_scanning_takes_time_in_proportion_to_the_text(unit: str) -> None:
    split("{{ " + unit * 100_000)  # the test's timeout is the judge
