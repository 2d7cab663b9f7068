"""The forms that ask before a deed is done. They are posted: no GET changes anything."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.engine.errors import FaultsError, FlowForgeError
from apps.engine.graph import Graph
from apps.runs.admin.input_fields import MISSING, InputField, JsonTextField, input_fields
from apps.runs.cancel import LONGEST_NOTE
from apps.runs.models import Run, StepRun
from apps.runs.retry import FROM_FAILED, FROM_START, PUBLISHED, SAME
from apps.runs.states import Priority
from apps.runs.typed_input import given_items, published_start, schema_of_input
from apps.workflows.models import Workflow

GIVEN = "given_"
"""How the names of those fields begin which a schema asks for."""


class NoteForm(BaseDialogForm):
    note = forms.CharField(
        label="Why", max_length=LONGEST_NOTE, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class StartForm(forms.ModelForm):
    """Starts a run; `for_workflow` makes the form that asks for what a workflow's trigger does."""

    start: ClassVar[tuple[Graph, str] | None] = None
    given: ClassVar[Mapping[str, InputField]] = {}

    input = JsonTextField(
        required=False,
        help_text="What the trigger gives: JSON, an object or a list of them. Empty: one item.",
    )
    priority = forms.ChoiceField(
        required=False,
        choices=[("", "as the workflow says"), *((name, name) for name in Priority.labels)],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Run
        fields = ("workflow",)
        help_texts = {"workflow": "Its published version is run. What it asks for comes next."}

    @classmethod
    def for_workflow(cls, workflow: Workflow) -> type[Self]:
        """The form for a workflow; as for any, where it cannot be started, which is said later."""
        try:
            start = published_start(workflow)
            prefix = f"{GIVEN}{workflow.pk.hex}_{workflow.version}_"
            given = input_fields(schema_of_input(*start), prefix) if start else {}
        except FlowForgeError:
            return cls
        if not given:
            return type(cls.__name__, (cls,), {"start": start})
        instead = JsonTextField(
            required=False,
            label="Or as JSON",
            help_text="Instead of the fields: an object, or a list of them for several items.",
        )
        fields = {name: each.field for name, each in given.items()}
        return type(
            cls.__name__, (cls,), fields | {"start": start, "given": given, "input": instead}
        )

    def clean(self) -> Any:
        cleaned = super().clean()
        if any(name.startswith(GIVEN) and name not in self.given for name in self.data):
            told = "The fields were those of another version: fill in the ones below."
            self.add_error(None, told)
        if "input" not in self.cleaned_data or self.errors:
            return cleaned
        if self.cleaned_data["input"] is None and self.given:
            values = {each.name: self.cleaned_data[name] for name, each in self.given.items()}
            given = {name: value for name, value in values.items() if value is not MISSING}
            self.cleaned_data["input"] = given
        if self.start:
            try:
                given_items(*self.start, self.cleaned_data["input"], pins={})
            except FaultsError as error:
                self._tell(error)
        return cleaned

    def _tell(self, error: FaultsError) -> None:
        """Each fault at its field."""
        of_json = bool(self["input"].value())
        for fault in error.faults:
            below = fault.path.removeprefix("input[0].")
            names = [name for name, each in self.given.items() if _is_below(below, each.name)]
            if of_json or not names:
                self.add_error("input", f"{fault.path}: {fault.message}")
            else:
                rest = below.removeprefix(self.given[names[0]].name).lstrip(".")
                self.add_error(names[0], f"{rest}: {fault.message}" if rest else fault.message)


def _is_below(path: str, name: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))


class RetryForm(BaseDialogForm):
    start = forms.ChoiceField(
        label="Begin",
        choices=[
            (FROM_FAILED, "at what failed; finished steps are taken over"),
            (FROM_START, "at the start; every step runs again"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    version = forms.ChoiceField(
        required=False,
        choices=[(SAME, "the version that it ran on"), (PUBLISHED, "the published version")],
        widget=UnfoldAdminSelectWidget,
    )
    input = JsonTextField(
        required=False,
        help_text="Only from the start: what the trigger gives instead, JSON. Empty: the same.",
    )


NOT_CHOSEN = ("", "–")
"""Stands first where none of the answers is to be given by who only presses the button."""


class DecisionForm(BaseDialogForm):
    decision = forms.ChoiceField(
        choices=[
            NOT_CHOSEN,
            ("run_again", "Run the step again"),
            ("fail", "Let the step fail"),
            ("use", "Go on as if it had given these items"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    items = JsonTextField(
        required=False, help_text='Only for “these items”: JSON, such as [{"id": 7}].'
    )
    comment = forms.CharField(required=False, max_length=2000, widget=UnfoldAdminTextInputWidget)


class VerdictForm(BaseDialogForm):
    """Shows what is asked, before it is answered."""

    form_before_template = "runs_admin/asked.html"

    decision = forms.ChoiceField(
        choices=[NOT_CHOSEN, ("approve", "Approve"), ("reject", "Reject")],
        widget=UnfoldAdminSelectWidget,
    )
    comment = forms.CharField(required=False, max_length=2000, widget=UnfoldAdminTextInputWidget)

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        attempts = StepRun.objects.filter(pk=str(object_id)).values_list("attempts", flat=True)
        last = ([{}] + (attempts.first() or []))[-1]
        return {"asks": last.get("wait", {}).get("asks", {})}
