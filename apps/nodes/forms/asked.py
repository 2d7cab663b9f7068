"""What every field of a form that asks something has, and what is wrong with what was sent."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from apps.engine.encoding import storable
from apps.nodes.params import ParamsModel

_NAME = re.compile(r"[^\W_][^\x00-\x1f\x7f]*")
NEEDED = "Please fill this in."


class FieldError(Exception):
    """What was sent for a field cannot be taken: the sentence says why."""


def _plain_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("A name begins with a letter or digit and has no control characters.")
    return name


Name = Annotated[str, AfterValidator(_plain_name)]
_TITLE = Field("", title="Label", max_length=200, description="None: the name.")


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


def one_text(texts: Sequence[str]) -> str:
    """What was sent where one text is expected; empty where nothing was. Raises FieldError."""
    if len(texts) > 1:
        raise FieldError("It takes one value.")
    return storable(texts[0]) if texts else ""
