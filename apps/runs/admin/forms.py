"""The forms that ask before a deed is done. They are posted: no GET changes anything."""

from typing import Any

from django import forms
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.items import Json
from apps.runs.models import Run
from apps.runs.retry import FROM_FAILED, FROM_START


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


class StartForm(forms.ModelForm):
    input = JsonTextField(
        required=False,
        help_text="What the trigger gives: JSON, an object or a list of them. Empty: one item.",
    )

    class Meta:
        model = Run
        fields = ("workflow",)
        help_texts = {"workflow": "Its published version is run."}


class RetryForm(BaseDialogForm):
    start = forms.ChoiceField(
        label="Begin",
        choices=[
            (FROM_FAILED, "at what failed; finished steps are taken over"),
            (FROM_START, "at the start; every step runs again"),
        ],
        widget=UnfoldAdminSelectWidget,
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
