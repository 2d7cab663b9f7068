"""The admin's form of a credential, made of the schema of its type. No secret is ever filled in."""

from typing import Any, ClassVar, get_args

from django import forms
from pydantic.fields import FieldInfo
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.credentials.edit import require_good, values_after
from apps.credentials.models import Credential
from apps.credentials.weak import ADVICE
from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.nodes.credential_types import CREDENTIAL_TYPES, CredentialType

VALUE = "value_"
TAKE_AWAY = "without_"
NOT_REMEMBERED = {"autocomplete": "new-password", "spellcheck": "false"}


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(super().to_python(value)).splitlines() if line.strip()]


class PairsField(forms.CharField):
    """Names and secret values, one `name=value` a line; a name without a value is taken away."""

    widget = UnfoldAdminTextareaWidget(
        attrs={"rows": 4, **NOT_REMEMBERED},
    )

    def prepare_value(self, value: Any) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        pairs: dict[str, str | None] = {}
        for line in str(super().to_python(value)).splitlines():
            name, sign, text = line.partition("=")
            if line.strip() and not sign:
                raise forms.ValidationError("Each line must be a name, “=” and a value.")
            if name.strip():
                pairs[name.strip()] = text.strip() or None
        return pairs


class SecretTextarea(UnfoldAdminTextareaWidget):
    """A secret of several lines, which is never shown again."""

    def format_value(self, value: Any) -> str:
        return ""


class TryForm(BaseDialogForm):
    url = forms.CharField(
        label="URL",
        max_length=8192,
        widget=UnfoldAdminTextInputWidget,
        help_text="It is read (GET) with the credential; only its status is looked at.",
    )


class NewSecretsForm(BaseDialogForm):
    """The secrets of a credential's type, to be entered anew."""

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        super().__init__(*args, object_id=object_id, **kwargs)
        credential = Credential.objects.filter(pk=object_id).first()
        kind = CREDENTIAL_TYPES.get(credential.type) if credential else None
        if kind is None:
            return
        for name in kind.secret_fields:
            self.fields[VALUE + name] = _field(kind.model.model_fields[name], True)
        if kind.trial == "url":
            self.fields["url"] = forms.CharField(
                label="Try them on this URL first",
                required=False,
                max_length=8192,
                widget=UnfoldAdminTextInputWidget,
                help_text="It is read (GET); empty: they are stored without a try.",
            )

    @property
    def change(self) -> dict[str, Json]:
        given = self.cleaned_data.items()
        return {
            name.removeprefix(VALUE): value
            for name, value in given
            if name.startswith(VALUE) and value
        }


class CredentialForm(forms.ModelForm):
    """Base of the forms of all types: `form_of` adds the fields of one."""

    kind: ClassVar[CredentialType]

    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Credential
        fields = ("workspace", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        self.change: dict[str, Json] = {}
        self.fields["seen_revision"].initial = self.instance.revision
        for name in self.kind.model.model_fields:
            if name in self.kind.secret_fields:
                self._prepare_secret(name)
            elif not self.is_new and name in self.instance.public_values:
                self.fields[VALUE + name].initial = self.instance.public_values[name]

    def _prepare_secret(self, name: str) -> None:
        """Say of a secret whether it is there already: then it need not be entered again."""
        if self.is_new:
            return
        field = self.fields[VALUE + name]
        field.required = False
        names = [known.partition(".")[2] for known in self.instance.secret_names if "." in known]
        if names:
            told = f"Set: {', '.join(names)}. A line replaces one, “name=” alone takes it away."
        else:
            told = "Not set."
            if name in self.instance.secret_names:
                told = "Set. Left empty, it stays."
        field.help_text = f"{told} {field.help_text}".strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self.change = self._change(cleaned)
        try:
            if self.is_new:
                require_good(self.kind.id, self.change)
            else:
                values_after(self.instance, self.change)
        except FaultsError as error:
            for fault in error.faults:
                self.add_error(self._place(fault), fault.message)
        return cleaned

    def _change(self, cleaned: dict[str, Any]) -> dict[str, Json]:
        """What of the values is new, as `change_credential` takes it."""
        change: dict[str, Json] = {}
        for name, info in self.kind.model.model_fields.items():
            value = cleaned.get(VALUE + name)
            if name in self.kind.secret_fields:
                if cleaned.get(TAKE_AWAY + name):
                    change[name] = None
                elif value:
                    change[name] = value
                continue
            default = None if info.is_required() else _default(info)
            value = value or default if value in ("", None) else value
            before = default if self.is_new else self.instance.public_values.get(name, default)
            if value != before:
                change[name] = value
        return change

    def _place(self, fault: Fault) -> str | None:
        field = VALUE + fault.path.removeprefix("values.").partition(".")[0].partition("[")[0]
        return field if field in self.fields else None


def form_of(kind: CredentialType, credential: Credential | None) -> type[CredentialForm]:
    """The form of a new credential of a type, or of one that there is."""
    secrets = credential.secret_names if credential else []
    members: dict[str, Any] = {"kind": kind, "__module__": __name__}
    for name, info in kind.model.model_fields.items():
        members[VALUE + name] = _field(info, name in kind.secret_fields)
        if name in secrets and not info.is_required():
            members[TAKE_AWAY + name] = forms.BooleanField(
                label=f"Remove: {info.title}", required=False, widget=UnfoldBooleanSwitchWidget
            )
    return type("CredentialForm", (CredentialForm,), members)


def value_fields(form: type[forms.ModelForm]) -> list[str]:
    """The form's fields of values, in their order."""
    return [name for name in form.base_fields if name.startswith((VALUE, TAKE_AWAY))]


def _default(info: FieldInfo) -> Any:
    return info.get_default(call_default_factory=True)


def _field(info: FieldInfo, is_secret: bool) -> forms.Field:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    widget = extra.get("x-widget")
    told = info.description or (f"Such as {info.examples[0]}" if info.examples else "")
    common: dict[str, Any] = {
        "label": info.title,
        "required": info.is_required(),
        "help_text": f"{told} {ADVICE}".strip() if is_secret else told,
        "initial": None if is_secret or info.is_required() else _default(info),
    }
    if choices := [each for each in get_args(info.annotation) if isinstance(each, str)]:
        words = [(choice, choice.replace("_", " ")) for choice in choices]
        return forms.ChoiceField(choices=words, widget=UnfoldAdminSelectWidget, **common)
    if info.annotation is int:
        return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **common)
    if widget == "key-values":
        return PairsField(**common | {"help_text": f"One name=value a line. {common['help_text']}"})
    if widget == "secret-text":
        attrs = {"rows": 6, **NOT_REMEMBERED}
        return forms.CharField(widget=SecretTextarea(attrs=attrs), strip=False, **common)
    if widget == "text":
        return forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}), **common)
    if is_secret:
        secret = UnfoldAdminPasswordWidget(attrs=NOT_REMEMBERED, render_value=False)
        return forms.CharField(widget=secret, strip=False, **common)
    if str(info.annotation).startswith("list"):
        return LinesField(**common)
    return forms.CharField(widget=UnfoldAdminTextInputWidget, **common)
