"""The fields of a form: what each shows, takes and gives.

A browser sends texts: of each name none, one or several. `read` gives the value that a run is
given, or raises FieldError with a sentence for who fills the form in.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field

from apps.engine.items import Json
from apps.nodes.forms.asked import Asked, FieldError, Name, one_text
from apps.nodes.forms.chosen import CheckboxesField, CheckboxField, DropdownField, RadioField
from apps.nodes.forms.typed import (
    DateField,
    EmailField,
    NumberField,
    PasswordField,
    TextAreaField,
    TextField,
)
from apps.nodes.params import ParamsModel, scalar_text, sure_fault

MOST_FILES = 20
_ACCEPTED = re.compile(r"\.[A-Za-z0-9]{1,20}|[\w.+-]{1,100}/(?:\*|[\w.+-]{1,100})", re.ASCII)


class GivenFile(Protocol):
    """A file that was sent."""

    @property
    def name(self) -> str | None: ...
    @property
    def content_type(self) -> str | None: ...


def _accepted_type(written: str) -> str:
    if not _ACCEPTED.fullmatch(written):
        raise ValueError("An accepted type is .pdf, application/pdf or image/* and the like.")
    return written.lower()


class Note(ParamsModel):
    """A text between the fields, which asks nothing."""

    type: Literal["note"]
    text: str = Field(title="Text", min_length=1, max_length=5_000)


class HiddenField(ParamsModel):
    """A value that nobody sees: of the page's address (`?name=value`), else the default."""

    type: Literal["hidden"]
    name: Name = Field(title="Name", max_length=100)
    default: str = Field("", title="Default", max_length=2_000)

    @property
    def title(self) -> str:
        return self.name

    def read(self, texts: Sequence[str]) -> Json:
        text = one_text(texts)
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


def _is_of(file: GivenFile, accepted: str) -> bool:
    if accepted.startswith("."):
        return (file.name or "").lower().endswith(accepted)
    kind = (file.content_type or "").lower()
    return kind.startswith(accepted[:-1]) if accepted.endswith("/*") else kind == accepted
