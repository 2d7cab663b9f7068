"""What was sent for a form, read against its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from apps.engine.items import Json
from apps.nodes.forms.asked import FieldError
from apps.nodes.forms.fields import FileField, FormField, GivenFile, Note

File = TypeVar("File", bound=GivenFile)


@dataclass(frozen=True, slots=True)
class Submission(Generic[File]):
    """What was sent: complete where it has no faults."""

    values: dict[str, Json] = field(default_factory=dict)
    """By the fields' names, each of its field's type."""
    files: dict[str, File] = field(default_factory=dict)
    """By the names under which an item bears them."""
    faults: dict[str, str] = field(default_factory=dict)
    """By the name of the field: a sentence for who fills the form in."""


def read_submission(
    fields: Sequence[FormField],
    texts: Mapping[str, Sequence[str]],
    files: Mapping[str, Sequence[File]],
) -> Submission[File]:
    """Read what was sent by the fields' names. What no field asks for is left out."""
    read: Submission[File] = Submission()
    for each in fields:
        if isinstance(each, Note):
            continue
        try:
            if isinstance(each, FileField):
                given = files.get(each.name, ())
                each.check(given)
                read.files.update((each.name_of(place), file) for place, file in enumerate(given))
            else:
                read.values[each.name] = each.read(texts.get(each.name, ()))
        except FieldError as error:
            read.faults[each.name] = str(error)
    return read
