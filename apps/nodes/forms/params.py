"""The parameters of forms: a page with fields, who may open it, and what is shown at the end."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from apps.engine.items import Json
from apps.nodes.forms.fields import FormField, check_names
from apps.nodes.params import ParamsModel, when
from apps.nodes.webhooks.paths import plain_path


def _web_address(url: str) -> str:
    if url:
        try:
            parts = urlsplit(url)
            is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            is_whole = False
        if not is_whole or not url.isprintable() or " " in url:
            raise ValueError("An address begins with http:// or https://.")
    return url


class FormPage(ParamsModel):
    """A page that asks."""

    title: str = Field(title="Title", min_length=1, max_length=200, examples=["Contact us"])
    description: str = Field(
        "", title="Description", max_length=10_000, json_schema_extra={"x-widget": "textarea"}
    )
    fields: list[FormField] = Field(default_factory=list, title="Fields", max_length=100)
    button: str = Field("Submit", title="Button", min_length=1, max_length=50)

    @model_validator(mode="after")
    def _names_once(self) -> "FormPage":
        check_names(self.fields)
        return self


class Ending(ParamsModel):
    """What is shown at the end: a text, or another page."""

    title: str = Field("Thank you.", title="Title", min_length=1, max_length=200)
    text: str = Field(
        "", title="Text", max_length=10_000, json_schema_extra={"x-widget": "textarea"}
    )
    redirect: Annotated[str, AfterValidator(_web_address)] = Field(
        "",
        title="Redirect to",
        max_length=2_000,
        examples=["https://shop.example/thanks"],
        description="The address of a page that the browser is led to.",
    )


class FormParams(FormPage):
    """A form that starts runs."""

    path: Annotated[str, AfterValidator(plain_path)] = Field(
        "",
        title="Path",
        max_length=200,
        examples=["contact"],
        description="Behind /forms/. Empty: one that nobody can guess, made when the workflow is "
        "first activated, and kept.",
    )
    authentication: Literal["none", "basic"] = Field(
        "none",
        title="Visitors are known by",
        description="None: anybody may open it. Basic: who knows a password.",
    )
    credential: str = Field(
        "",
        title="Credential",
        json_schema_extra={"x-widget": "credential"} | when(authentication="basic"),
    )
    ending: Ending = Field(
        default_factory=Ending,
        title="Ending",
        description="Shown when the run has completed; a Form Ending node may say otherwise.",
    )

    @model_validator(mode="after")
    def _complete(self) -> "FormParams":
        if (self.authentication == "basic") != bool(self.credential):
            raise ValueError("credential: it goes with the authentication “basic”.")
        return self


def page_document(page: FormPage) -> dict[str, Json]:
    """A page as JSON, which `FormPage` reads again."""
    shown = set(FormPage.model_fields)
    document: dict[str, Json] = page.model_dump(mode="json", include=shown, exclude_defaults=True)
    return document


def form_address(params: Mapping[str, Json]) -> list[str]:
    """The address that a form of these params, be they sound or not, takes for itself alone."""
    path = params.get("path")
    return [f"POST /forms/{path}"] if path and isinstance(path, str) else []
