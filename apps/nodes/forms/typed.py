"""Fields into which one types: texts, numbers and dates."""

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from apps.engine.items import Json
from apps.nodes.forms.asked import NEEDED, Asked, FieldError, one_text

LONGEST = 65_536
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\W_]+(?:[.-][^\W_]+)*", re.UNICODE)
_WHOLE = re.compile(r"[+-]?\d{1,400}", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII
)


def _plain_date(written: str) -> str:
    if written:
        _date(written)
    return written


Date = Annotated[str, AfterValidator(_plain_date)]


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
        text = self._cleaned(one_text(texts))
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
        text = one_text(texts).strip()
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
        text = one_text(texts).strip()
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
        text = one_text(texts).strip()
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


def _date(written: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
        raise ValueError("A date looks like 2026-03-02.")
    return date.fromisoformat(written)
