"""Pages that ask: their fields with what they hold, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse

from apps.engine.errors import Fault
from apps.nodes.forms.fields import FileField, FormField, Note, initial_texts
from apps.nodes.forms.params import FormPage
from apps.nodes.forms.typed import PasswordField
from apps.triggers.waits.pages import page
from apps.workspaces.problems import CONTENT_TYPE, problem

REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as it stands on the page."""

    id: str
    field: FormField
    texts: Sequence[str] = ()
    fault: str = ""

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def described_by(self) -> str:
        """The ids of what tells more of the field."""
        told = [("fault", self.fault), ("about", getattr(self.field, "description", ""))]
        return " ".join(f"{self.id}-{name}" for name, text in told if text)


def asking_page(
    asks: FormPage,
    *,
    texts: Mapping[str, Sequence[str]],
    hidden: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A page to fill in.

    `texts` are what fields hold instead of their defaults; where there are `faults`, all that was
    sent. `hidden` is sent with it.
    """
    shown = [
        Shown(f"field-{place}", field, _held(field, texts, faults), _fault(field, faults))
        for place, field in enumerate(asks.fields)
    ]
    return page(
        "forms/page.html",
        REFUSED if faults else 200,
        title=asks.title,
        description=asks.description,
        button=asks.button,
        shown=shown,
        faulty=[each for each in shown if each.fault],
        has_files=any(isinstance(field, FileField) for field in asks.fields),
        hidden=hidden,
    )


def faults_problem(faults: Mapping[str, str]) -> HttpResponse:
    """The faults of what a program has sent, at the fields' names."""
    told = [Fault(name, "invalid_value", sentence) for name, sentence in faults.items()]
    body: dict[str, Any] = problem(REFUSED, "Not every field is filled in as it should be.", told)
    return JsonResponse(body, status=REFUSED, content_type=CONTENT_TYPE)


def _held(
    field: FormField, texts: Mapping[str, Sequence[str]], faults: Mapping[str, str] | None
) -> Sequence[str]:
    if isinstance(field, Note | FileField | PasswordField):
        return ()
    if faults or field.name in texts:
        return texts.get(field.name, ())
    return initial_texts(field)


def _fault(field: FormField, faults: Mapping[str, str] | None) -> str:
    return "" if isinstance(field, Note) else (faults or {}).get(field.name, "")
