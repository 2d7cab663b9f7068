"""The fields of forms: which are sound, and what is read of what was sent."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.engine.encoding import decode, encode
from apps.nodes.forms.fields import initial_texts
from apps.nodes.forms.params import FormPage, page_document
from apps.nodes.forms.submission import Submission, read_submission
from tests.nodes.twins import type_of


@dataclass(frozen=True)
class Upload:
    name: str = "cv.pdf"
    content_type: str = "application/pdf"


def fields_of(*fields: dict[str, Any]) -> Any:
    return FormPage.model_validate({"title": "t", "fields": list(fields)}).fields


def read(field: dict[str, Any], *texts: str) -> Any:
    """What one field gives for these texts, or the sentence that says why it takes them not."""
    name = field.setdefault("name", "x")
    submission: Submission[Upload] = read_submission(fields_of(field), {name: texts}, {})
    return submission.faults.get(name, submission.values.get(name))


def faults(*fields: dict[str, Any], type: str = "form_page") -> dict[str, str]:
    checked = type_of(type).check({"title": "t", "fields": list(fields)})
    return {fault.path: fault.message for fault in checked}


MAIL = "This is no e-mail address; one looks like ada@example.org."
COLOURS = {"choices": ["Red", "Green", "Blue"]}


@pytest.mark.parametrize(
    ("field", "texts", "value"),
    [
        ({"type": "text"}, [" a\r\nb "], "a b"),
        ({"type": "text"}, [], ""),
        ({"type": "text"}, ["a\x00b\ud800"], "a\ufffdb\ufffd"),
        ({"type": "textarea"}, ["a\r\n b\n"], "a\n b\n"),
        ({"type": "password"}, ["  s3cret "], "  s3cret "),
        ({"type": "email"}, [" ada@example.org "], "ada@example.org"),
        ({"type": "email"}, ["ada.l+x@mail.bücher.example"], "ada.l+x@mail.bücher.example"),
        ({"type": "number"}, ["12"], 12),
        ({"type": "number"}, ["-0.50"], -0.5),
        ({"type": "number"}, ["1e3"], 1000.0),
        # Exact, however long.
        ({"type": "number"}, ["12345678901234567890"], 12345678901234567890),
        ({"type": "number"}, [""], None),
        ({"type": "date"}, ["2024-02-29"], "2024-02-29"),
        ({"type": "date"}, [""], None),
        ({"type": "dropdown", **COLOURS}, ["Green"], "Green"),
        ({"type": "dropdown", **COLOURS}, [""], None),
        # In the order of the choices, each once.
        ({"type": "dropdown", "multiple": True, **COLOURS}, ["Blue", "Red", "Blue"],
         ["Red", "Blue"]),
        ({"type": "dropdown", "multiple": True, **COLOURS}, [], []),
        ({"type": "radio", **COLOURS}, ["Red"], "Red"),
        ({"type": "checkboxes", **COLOURS}, ["Red"], ["Red"]),
        ({"type": "checkboxes", **COLOURS}, [], []),
        ({"type": "checkbox"}, ["true"], True),
        ({"type": "checkbox"}, [], False),
        ({"type": "hidden"}, ["spring"], "spring"),
    ],
)  # fmt: skip
def test_a_field_gives_its_value_typed(field: dict[str, Any], texts: list[str], value: Any) -> None:
    given = read(dict(field), *texts)
    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize(
    ("field", "texts", "sentence"),
    [
        ({"type": "text", "required": True}, ["  "], "Please fill this in."),
        ({"type": "text", "min_length": 3}, ["ab"], "It needs at least 3 characters."),
        ({"type": "text", "max_length": 3}, ["abcd"], "It may have at most 3 characters, not 4."),
        ({"type": "textarea"}, ["x" * 65_537],
         "It may have at most 65,536 characters, not 65,537."),
        ({"type": "text"}, ["a", "b"], "It takes one value."),
        ({"type": "email"}, ["ada@"], MAIL),
        ({"type": "email"}, ["a@b\nBcc: c@d"], MAIL),
        ({"type": "email", "required": True}, [""], "Please fill this in."),
        ({"type": "number"}, ["twelve"], "This is no number; one looks like 12 or 12.5."),
        ({"type": "number"}, ["1,5"], "This is no number; one looks like 12 or 12.5."),
        ({"type": "number"}, ["NaN"], "This is no number; one looks like 12 or 12.5."),
        ({"type": "number"}, ["1e999"], "This number is too large."),
        ({"type": "number"}, ["9" * 401], "This is no number; one looks like 12 or 12.5."),
        ({"type": "number", "min": 1}, ["0.5"], "It must be at least 1."),
        ({"type": "number", "max": 1.5}, ["2"], "It must be at most 1.5."),
        ({"type": "number", "required": True}, [""], "Please fill this in."),
        ({"type": "date"}, ["2025-02-29"], "This is no date; one looks like 2026-03-02."),
        ({"type": "date"}, ["20250202"], "This is no date; one looks like 2026-03-02."),
        ({"type": "date", "min": "2026-01-02"}, ["2026-01-01"], "It must be 2026-01-02 or later."),
        ({"type": "date", "max": "2026-01-02"}, ["2026-01-03"],
         "It must be 2026-01-02 or earlier."),
        ({"type": "dropdown", **COLOURS}, ["Pink"], "“Pink” is none of the choices."),
        ({"type": "dropdown", **COLOURS}, ["Red", "Blue"], "Please choose one."),
        ({"type": "dropdown", "required": True, **COLOURS}, [""], "Please choose."),
        ({"type": "radio", "required": True, **COLOURS}, [], "Please choose."),
        ({"type": "checkboxes", "required": True, **COLOURS}, [], "Please choose."),
        ({"type": "checkboxes", "min_choices": 2, **COLOURS}, ["Red"], "Please choose at least 2."),
        # Who must choose so many must choose.
        ({"type": "checkboxes", "min_choices": 1, **COLOURS}, [], "Please choose."),
        ({"type": "checkboxes", "min_choices": 2, **COLOURS}, [], "Please choose at least 2."),
        ({"type": "checkboxes", "max_choices": 1, **COLOURS}, ["Red", "Blue"],
         "Please choose at most 1."),
        ({"type": "checkbox", "required": True}, [], "Please tick this."),
        ({"type": "checkbox"}, ["yes"], "It must be true or false."),
        ({"type": "hidden"}, ["x" * 2_001], "It may have at most 2,000 characters."),
    ],
)  # fmt: skip
def test_what_a_field_cannot_take_is_told_in_a_sentence(
    field: dict[str, Any], texts: list[str], sentence: str
) -> None:
    assert read(dict(field), *texts) == sentence


def test_all_faults_are_told_at_once_and_what_nobody_asked_for_is_left_out() -> None:
    fields = fields_of(
        {"type": "note", "text": "Please"},
        {"type": "text", "name": "a", "required": True},
        {"type": "number", "name": "b"},
        {"type": "text", "name": "c"},
    )
    read: Submission[Upload] = read_submission(
        fields, {"b": ["x"], "c": ["y"], "d": ["z"]}, {"c": [Upload()]}
    )
    assert read.faults.keys() == {"a", "b"}
    assert (read.values, read.files) == ({"c": "y"}, {})


def files(field: dict[str, Any], *uploads: Upload) -> Submission[Upload]:
    [field] = fields_of({"type": "file", "name": "cv", **field})
    return read_submission([field], {}, {"cv": uploads})


def test_a_file_stands_under_the_name_of_its_field_and_several_are_numbered() -> None:
    first, second = Upload(), Upload("other.pdf")
    assert files({}, first).files == {"cv": first}
    assert files({"multiple": True}, first, second).files == {"cv_0": first, "cv_1": second}
    assert files({}).files == {}


@pytest.mark.parametrize(
    ("field", "uploads", "sentence"),
    [
        ({"required": True}, [], "Please choose a file."),
        ({}, [Upload()] * 2, "It takes one file."),
        ({"multiple": True}, [Upload()] * 21, "It takes at most 20 files."),
        ({"accept": [".docx", "image/*"]}, [Upload()], "“cv.pdf” is none of .docx, image/*."),
    ],
)
def test_a_file_that_cannot_be_taken_is_told(
    field: dict[str, Any], uploads: list[Upload], sentence: str
) -> None:
    assert files(field, *uploads).faults == {"cv": sentence}


@pytest.mark.parametrize("accepted", [".PDF", "application/pdf", "application/*"])
def test_a_file_is_accepted_by_its_ending_or_its_type(accepted: str) -> None:
    assert not files({"accept": [accepted]}, Upload()).faults


SOUND = {"type": "text", "name": "a"}


@pytest.mark.parametrize(
    ("field", "path", "message"),
    [
        ({"type": "text"}, "fields[0].name", "missing"),
        ({"type": "text", "name": "_once"}, "fields[0].name", "begins with a letter"),
        ({"type": "text", "name": "submitted_at"}, "fields[0].name", "given already"),
        ({"type": "text", "name": "a", "choices": ["x"]}, "fields[0].choices", "no parameter"),
        ({"type": "text", "name": "a", "min_length": 5, "max_length": 4},
         "fields[0].max_length", "smaller than min_length"),
        ({"type": "number", "name": "a", "min": 2, "max": 1}, "fields[0].max", "smaller than min"),
        ({"type": "date", "name": "a", "default": "tomorrow"}, "fields[0].default", "looks like"),
        ({"type": "date", "name": "a", "min": "2026-02-02", "max": "2026-02-01"},
         "fields[0].max", "before min"),
        ({"type": "radio", "name": "a", "choices": []}, "fields[0].choices", "not be empty"),
        ({"type": "radio", "name": "a", "choices": ["x", "x"]}, "fields[0].choices", "once"),
        ({"type": "radio", "name": "a", "choices": ["x"], "default": "y"},
         "fields[0].default", "among the choices"),
        ({"type": "dropdown", "name": "a", "choices": ["x", "y"], "default": ["x", "y"]},
         "fields[0].default", "Only one"),
        ({"type": "checkboxes", "name": "a", "choices": ["x"], "min_choices": 2},
         "fields[0].min_choices", "cannot be ticked"),
        ({"type": "file", "name": "a", "accept": ["pdf"]},
         "fields[0].accept[0]", "application/pdf"),
        ({"type": "colour", "name": "a"}, "fields[0].type", "colour"),
    ],
)  # fmt: skip
def test_a_field_that_is_not_sound_is_a_fault_where_it_stands(
    field: dict[str, Any], path: str, message: str
) -> None:
    for type in ("form", "form_page"):
        found = faults(field, type=type)
        assert found.keys() == {path}
        assert message in found[path]


def test_two_fields_cannot_give_the_same() -> None:
    assert faults(SOUND, SOUND).keys() == {"fields[1].name"}
    several = {"type": "file", "name": "a", "multiple": True}
    assert faults(several, {"type": "file", "name": "a_1"}).keys() == {"fields[1].name"}
    assert faults(SOUND, {"type": "text", "name": "b"}) == {}


def test_the_fields_of_a_page_may_be_expressions() -> None:
    assert (
        faults({"type": "number", "name": "a", "label": "={{ $json.q }}", "max": "={{ 5 }}"}) == {}
    )
    assert type_of("form_page").check({"title": "t", "fields": "={{ $json.fields }}"}) == []


ANY = [
    {"type": "text"}, {"type": "textarea"}, {"type": "password"}, {"type": "email"},
    {"type": "number"}, {"type": "date"}, {"type": "dropdown", **COLOURS},
    {"type": "dropdown", "multiple": True, **COLOURS}, {"type": "radio", **COLOURS},
    {"type": "checkboxes", **COLOURS}, {"type": "checkbox"}, {"type": "hidden"},
]  # fmt: skip


@given(st.sampled_from(ANY), st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_sent_is_a_value_that_can_be_stored_or_a_fault(
    field: dict[str, Any], texts: list[str]
) -> None:
    [field] = fields_of({"name": "x", **field})
    read: Submission[Upload] = read_submission([field], {"x": texts}, {})
    assert read.values.keys() | read.faults.keys() == {"x"}
    assert decode(encode(read.values)) == read.values


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ({"type": "text", "default": "a"}, ["a"]),
        ({"type": "number", "default": 0}, ["0"]),
        ({"type": "number"}, []),
        ({"type": "checkbox", "default": True}, ["true"]),
        ({"type": "checkbox"}, []),
        ({"type": "dropdown", "default": ["Red"], **COLOURS}, ["Red"]),
        ({"type": "radio", "default": "Red", **COLOURS}, ["Red"]),
        ({"type": "password"}, []),
    ],
)
def test_a_field_begins_with_its_default(field: dict[str, Any], texts: list[str]) -> None:
    [field] = fields_of({"name": "x", **field})
    assert list(initial_texts(field)) == texts


def test_a_page_is_the_same_when_it_is_read_again() -> None:
    asked = [{"name": f"n{place}", **field} for place, field in enumerate(ANY)]
    page = FormPage.model_validate({"title": "t", "description": "d", "fields": asked})
    assert FormPage.model_validate(page_document(page)) == page
