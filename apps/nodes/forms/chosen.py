"""Fields in which one chooses, or ticks."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from apps.engine.items import Json
from apps.nodes.forms.asked import Asked, FieldError, one_text

CHOOSE = "Please choose."
Choice = Annotated[str, Field(min_length=1, max_length=200)]


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
        text = one_text(texts)
        if text not in ("true", "false", ""):
            raise FieldError("It must be true or false.")
        if self.required and text != "true":
            raise FieldError("Please tick this.")
        return text == "true"


def _only(chosen: Sequence[Json]) -> Json:
    if len(chosen) > 1:
        raise FieldError("Please choose one.")
    return chosen[0] if chosen else None


def _check_default(default: Sequence[str], choices: Sequence[str]) -> None:
    if not set(default) <= set(choices):
        raise ValueError("default: it must be among the choices.")
