"""The fields of a form: what each shows, takes and gives.

A browser sends texts: of each name none, one or several. `read` gives the value that a run is
given, or raises FieldError with a sentence for who fills the form in.
"""

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, model_validator

from apps.engine.encoding import storable
from apps.engine.items import Json
from apps.nodes.params import ParamsModel, scalar_text, sure_fault

LONGEST = 65_536
MOST_FILES = 20
_NAME = re.compile(r"[^\W_][^\x00-\x1f\x7f]*")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\W_]+(?:[.-][^\W_]+)*", re.UNICODE)
_WHOLE = re.compile(r"[+-]?\d{1,400}", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII
)
_ACCEPTED = re.compile(r"\.[A-Za-z0-9]{1,20}|[\w.+-]{1,100}/(?:\*|[\w.+-]{1,100})", re.ASCII)
NEEDED = "Please fill this in."
CHOOSE = "Please choose."


class FieldError(Exception):
    """What was sent for a field cannot be taken: the sentence says why."""


class GivenFile(Protocol):
    """A file that was sent."""

    @property
    def name(self) -> str | None: ...
    @property
    def content_type(self) -> str | None: ...


def _plain_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("A name begins with a letter or digit and has no control characters.")
    return name


def _plain_date(written: str) -> str:
    if written:
        _date(written)
    return written


def _accepted_type(written: str) -> str:
    if not _ACCEPTED.fullmatch(written):
        raise ValueError("An accepted type is .pdf, application/pdf or image/* and the like.")
    return written.lower()


Name = Annotated[str, AfterValidator(_plain_name)]
Date = Annotated[str, AfterValidator(_plain_date)]
Choice = Annotated[str, Field(min_length=1, max_length=200)]
_TITLE = Field("", title="Label", max_length=200, description="None: the name.")


class Note(ParamsModel):
    """A text between the fields, which asks nothing."""

    type: Literal["note"]
    text: str = Field(title="Text", min_length=1, max_length=5_000)


class Asked(ParamsModel):
    """What each field has that asks something."""

    name: Name = Field(
        title="Name", max_length=100, description="Under which the item has its value."
    )
    label: str = _TITLE
    description: str = Field("", title="Description", max_length=1_000)
    required: bool = Field(False, title="Required")

    @property
    def title(self) -> str:
        return self.label or self.name

    @property
    def is_required(self) -> bool:
        """Whether something must be given here."""
        return self.required


class Typed(Asked):
    """A field into which one types; its value is text, empty where nothing was typed."""

    placeholder: str = Field("", title="Placeholder", max_length=200)
    min_length: int = Field(0, title="Shortest", ge=0, le=LONGEST)
    max_length: int = Field(LONGEST, title="Longest", ge=1, le=LONGEST)

    @model_validator(mode="after")
    def _in_order(self) -> "Typed":
        if self.min_length > self.max_length:
            raise ValueError("max_length: it is smaller than min_length.")
        return self

    def read(self, texts: Sequence[str]) -> Json:
        text = self._cleaned(_one(texts))
        if not text.strip():
            if self.required:
                raise FieldError(NEEDED)
            return ""
        if len(text) < self.min_length:
            raise FieldError(f"It needs at least {self.min_length:,} characters.")
        if len(text) > self.max_length:
            raise FieldError(
                f"It may have at most {self.max_length:,} characters, not {len(text):,}."
            )
        return text

    def _cleaned(self, text: str) -> str:
        return text


class TextField(Typed):
    type: Literal["text"]
    default: str = Field("", title="Default", max_length=LONGEST)

    def _cleaned(self, text: str) -> str:
        return " ".join(text.splitlines()).strip()


class TextAreaField(Typed):
    type: Literal["textarea"]
    default: str = Field("", title="Default", max_length=LONGEST)

    def _cleaned(self, text: str) -> str:
        return text.replace("\r\n", "\n")  # as browsers send every end of a line


class PasswordField(Typed):
    """What is typed is not shown on the screen; the run's data has it as it is."""

    type: Literal["password"]


class EmailField(Asked):
    type: Literal["email"]
    placeholder: str = Field("", title="Placeholder", max_length=200)
    default: str = Field("", title="Default", max_length=254)

    def read(self, texts: Sequence[str]) -> Json:
        text = _one(texts).strip()
        if not text and self.required:
            raise FieldError(NEEDED)
        if text and (len(text) > 254 or not _EMAIL.fullmatch(text)):
            raise FieldError("This is no e-mail address; one looks like ada@example.org.")
        return text


class NumberField(Asked):
    """Its value is a number, null where nothing was typed."""

    type: Literal["number"]
    placeholder: str = Field("", title="Placeholder", max_length=200)
    default: int | float | None = Field(None, title="Default", allow_inf_nan=False)
    min: int | float | None = Field(None, title="Smallest", allow_inf_nan=False)
    max: int | float | None = Field(None, title="Largest", allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> "NumberField":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("max: it is smaller than min.")
        return self

    def read(self, texts: Sequence[str]) -> Json:
        text = _one(texts).strip()
        if not text:
            if self.required:
                raise FieldError(NEEDED)
            return None
        if not _NUMBER.fullmatch(text):
            raise FieldError("This is no number; one looks like 12 or 12.5.")
        number: int | float = int(text) if _WHOLE.fullmatch(text) else float(text)
        if math.isinf(number):
            raise FieldError("This number is too large.")
        if self.min is not None and number < self.min:
            raise FieldError(f"It must be at least {self.min}.")
        if self.max is not None and number > self.max:
            raise FieldError(f"It must be at most {self.max}.")
        return number


class DateField(Asked):
    """Its value is text, `2026-03-02`, null where none was given."""

    type: Literal["date"]
    default: Date = Field("", title="Default", examples=["2026-03-02"])
    min: Date = Field("", title="First", examples=["2026-03-02"])
    max: Date = Field("", title="Last", examples=["2026-03-02"])

    @model_validator(mode="after")
    def _in_order(self) -> "DateField":
        if self.min and self.max and self.min > self.max:
            raise ValueError("max: it is before min.")
        return self

    def read(self, texts: Sequence[str]) -> Json:
        text = _one(texts).strip()
        if not text:
            if self.required:
                raise FieldError(NEEDED)
            return None
        try:
            _date(text)
        except ValueError:
            raise FieldError("This is no date; one looks like 2026-03-02.") from None
        if self.min and text < self.min:
            raise FieldError(f"It must be {self.min} or later.")
        if self.max and text > self.max:
            raise FieldError(f"It must be {self.max} or earlier.")
        return text


class Chosen(Asked):
    """A field with choices."""

    choices: list[Choice] = Field(title="Choices", min_length=1, max_length=200)

    @model_validator(mode="after")
    def _each_once(self) -> "Chosen":
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("choices: each can be there once.")
        return self

    @property
    def _wish(self) -> str:
        return CHOOSE

    def _known(self, texts: Sequence[str]) -> list[Json]:
        """Those of the choices that were chosen, in their order."""
        if unknown := set(texts) - {*self.choices, ""}:
            raise FieldError(f"“{min(unknown)[:80]}” is none of the choices.")
        if self.is_required and not any(texts):
            raise FieldError(self._wish)
        return [choice for choice in self.choices if choice in texts]


class DropdownField(Chosen):
    """Its value is the choice, null where there is none; with `multiple`, a list of choices."""

    type: Literal["dropdown"]
    multiple: bool = Field(False, title="Several may be chosen")
    default: list[str] = Field(default_factory=list, title="Chosen at first", max_length=200)

    @model_validator(mode="after")
    def _possible(self) -> "DropdownField":
        _check_default(self.default, self.choices)
        if len(self.default) > 1 and not self.multiple:
            raise ValueError("default: only one can be chosen.")
        return self

    def read(self, texts: Sequence[str]) -> Json:
        chosen = self._known(texts)
        return chosen if self.multiple else _only(chosen)


class RadioField(Chosen):
    """Its value is the choice, null where there is none."""

    type: Literal["radio"]
    default: str = Field("", title="Chosen at first", max_length=200)

    @model_validator(mode="after")
    def _possible(self) -> "RadioField":
        _check_default([self.default] if self.default else [], self.choices)
        return self

    def read(self, texts: Sequence[str]) -> Json:
        return _only(self._known(texts))


class CheckboxesField(Chosen):
    """Its value is a list of the choices that were ticked."""

    type: Literal["checkboxes"]
    default: list[str] = Field(default_factory=list, title="Ticked at first", max_length=200)
    min_choices: int = Field(0, title="At least", ge=0, le=200)
    max_choices: int = Field(200, title="At most", ge=1, le=200)

    @model_validator(mode="after")
    def _possible(self) -> "CheckboxesField":
        _check_default(self.default, self.choices)
        if self.min_choices > min(self.max_choices, len(self.choices)):
            raise ValueError("min_choices: so many cannot be ticked.")
        return self

    @property
    def is_required(self) -> bool:
        return self.required or self.min_choices > 0

    @property
    def _wish(self) -> str:
        return f"Please choose at least {self.min_choices}." if self.min_choices > 1 else CHOOSE

    def read(self, texts: Sequence[str]) -> Json:
        chosen = self._known(texts)
        if len(chosen) < self.min_choices:
            raise FieldError(self._wish)
        if len(chosen) > self.max_choices:
            raise FieldError(f"Please choose at most {self.max_choices}.")
        return chosen


class CheckboxField(Asked):
    """Its value is true or false; one that is required must be ticked."""

    type: Literal["checkbox"]
    default: bool = Field(False, title="Ticked at first")

    def read(self, texts: Sequence[str]) -> Json:
        text = _one(texts)
        if text not in ("true", "false", ""):
            raise FieldError("It must be true or false.")
        if self.required and text != "true":
            raise FieldError("Please tick this.")
        return text == "true"


class HiddenField(ParamsModel):
    """A value that nobody sees: of the page's address (`?name=value`), else the default."""

    type: Literal["hidden"]
    name: Name = Field(title="Name", max_length=100)
    default: str = Field("", title="Default", max_length=2_000)

    @property
    def title(self) -> str:
        return self.name

    def read(self, texts: Sequence[str]) -> Json:
        text = _one(texts)
        if len(text) > 2_000:
            raise FieldError("It may have at most 2,000 characters.")
        return text


class FileField(Asked):
    """Files, which the item bears under the field's name; several as `name_0`, `name_1` …"""

    type: Literal["file"]
    accept: list[Annotated[str, AfterValidator(_accepted_type)]] = Field(
        default_factory=list,
        title="Accepted types",
        max_length=50,
        examples=[[".pdf", "image/*"]],
        description="Endings and media types, as the sender names them. None: any.",
    )
    multiple: bool = Field(False, title="Several files")

    def check(self, files: Sequence[GivenFile]) -> None:
        """Raise FieldError where these files cannot be taken."""
        if self.required and not files:
            raise FieldError("Please choose a file.")
        if len(files) > (most := MOST_FILES if self.multiple else 1):
            raise FieldError(
                f"It takes at most {most} files." if most > 1 else "It takes one file."
            )
        for file in files:
            if self.accept and not any(_is_of(file, type) for type in self.accept):
                known = ", ".join(self.accept)
                raise FieldError(f"“{(file.name or '')[:80]}” is none of {known}.")

    def name_of(self, place: int) -> str:
        """Under which an item bears the file at this place."""
        return f"{self.name}_{place}" if self.multiple else self.name


FormField = Annotated[
    Note
    | TextField
    | TextAreaField
    | PasswordField
    | EmailField
    | NumberField
    | DateField
    | DropdownField
    | RadioField
    | CheckboxesField
    | CheckboxField
    | HiddenField
    | FileField,
    Field(discriminator="type"),
]


def initial_texts(field: FormField) -> Sequence[str]:
    """What a field has before anybody has filled it in, as a browser would send it."""
    default: Json = getattr(field, "default", None)
    if isinstance(default, list):
        return default
    if default is None or default is False or default == "":
        return ()
    return (scalar_text(default),)


def check_names(fields: Sequence[FormField]) -> None:
    """Raise a fault where two fields give the same, or what every form gives."""
    given = {"submitted_at"}
    for place, field in enumerate(fields):
        if isinstance(field, Note):
            continue
        names = {field.name}
        if isinstance(field, FileField):
            names |= {field.name_of(number) for number in range(MOST_FILES)}
        if given & names:
            raise sure_fault(f"fields[{place}].name: it is given already.")
        given |= names


def _one(texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise FieldError("It takes one value.")
    return storable(texts[0]) if texts else ""


def _only(chosen: Sequence[Json]) -> Json:
    if len(chosen) > 1:
        raise FieldError("Please choose one.")
    return chosen[0] if chosen else None


def _date(written: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
        raise ValueError("A date looks like 2026-03-02.")
    return date.fromisoformat(written)


def _check_default(default: Sequence[str], choices: Sequence[str]) -> None:
    if not set(default) <= set(choices):
        raise ValueError("default: it must be among the choices.")


def _is_of(file: GivenFile, accepted: str) -> bool:
    if accepted.startswith("."):
        return (file.name or "").lower().endswith(accepted)
    kind = (file.content_type or "").lower()
    return kind.startswith(accepted[:-1]) if accepted.endswith("/*") else kind == accepted
