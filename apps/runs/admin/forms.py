"""The forms that ask before a deed is done. They are posted: no GET changes anything."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import FaultsError, FlowForgeError
from apps.engine.graph import Graph
from apps.engine.items import Json
from apps.nodes.schemas.words import described
from apps.runs.cancel import LONGEST_NOTE
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, FROM_START, PUBLISHED, SAME
from apps.runs.states import Priority
from apps.runs.typed_input import given_items, published_start, schema_of_input


class JsonTextField(forms.CharField):
    """JSON as a person types it; nothing is None."""

    widget = UnfoldAdminTextareaWidget

    def clean(self, value: Any) -> Json:
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return read_json(text.encode())
        except NotJsonError as error:
            # It speaks of requests; here it stands beside a field.
            told = error.message.replace("The body", "The text", 1)
            raise forms.ValidationError(told, error.code) from None


class NoteForm(BaseDialogForm):
    note = forms.CharField(
        label="Why", max_length=LONGEST_NOTE, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class StartForm(forms.ModelForm):
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
        help_texts = {"workflow": "Its published version is run."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start: tuple[Graph, str] | None = None
        try:
            self._ask_for_fields()
        except (KeyError, forms.ValidationError, FlowForgeError):
            # No workflow is chosen, or none that can be started: that is said once it is sent.
            return

    def clean(self) -> Any:
        cleaned = super().clean()
        if self._start and "input" in self.cleaned_data:
            try:
                given_items(*self._start, self.cleaned_data["input"], pins={})
            except FaultsError as error:
                for fault in error.faults:
                    self.add_error("input", f"{fault.path}: {fault.message}")
        return cleaned

    def _ask_for_fields(self) -> None:
        """Name those of the chosen workflow, if whoever asks may start it."""
        workflow = self.fields["workflow"].clean(self["workflow"].value())
        if start := published_start(workflow):
            field, told = self.fields["input"], _fields_told(schema_of_input(*start))
            field.help_text = format_html("{}{}", field.help_text, told)
            self._start = start


def _fields_told(schema: Mapping[str, Json]) -> SafeString:
    lines = format_html_join("", "<br><code>{}</code> {}", described(schema))
    return format_html("<br>Its fields:{}", lines) if lines else lines


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


class DecisionForm(BaseDialogForm):
    decision = forms.ChoiceField(
        choices=[
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
    decision = forms.ChoiceField(
        choices=[("approve", "Approve"), ("reject", "Reject")], widget=UnfoldAdminSelectWidget
    )
    comment = forms.CharField(required=False, max_length=2000, widget=UnfoldAdminTextInputWidget)
