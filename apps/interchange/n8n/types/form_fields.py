"""The fields of n8n's forms."""

from apps.engine.items import Json
from apps.interchange.n8n.given import Given, UnsupportedError
from apps.interchange.n8n.source import Made, Source

_PLAIN = ("text", "textarea", "password", "email", "number", "date")
_CHOSEN = {"dropdown": "dropdown", "radio": "radio", "checkbox": "checkboxes"}


def fields_of(source: Source) -> list[Json]:
    """Fields by the names that n8n's items have: the labels, where no name is given."""
    fields: list[Json] = []
    taken: set[str] = set()
    for written in source.given.rows("formFields", "values")[:100]:
        field = _field(written, source)
        if field is None:
            continue
        name = field.get("name")
        if isinstance(name, str):
            if name in taken:
                source.warn(f"The field “{name}” is there twice; the second is left out.")
                continue
            taken.add(name)
        fields.append(field)
    return fields


def _field(written: Given, source: Source) -> dict[str, Json] | None:
    kind = written.text("fieldType", "text")
    label = written.text("fieldLabel")
    if kind == "html":
        return {"type": "note", "text": written.text("html", " ")[:5_000] or " "}
    name = (written.text("fieldName") or label).strip()[:100]
    if not name or not (name[0].isalnum()):
        source.warn(f"The field “{name or '?'}” needs a name that begins with a letter; left out.")
        return None
    if kind == "hiddenField":
        return {"type": "hidden", "name": name, "default": written.text("fieldValue")[:2_000]}
    field: dict[str, Json] = {
        "name": name,
        "label": label[:200],
        "required": written.flag("requiredField"),
    }
    if kind in _PLAIN:
        return field | {"type": kind} | _placeholder(written, kind)
    if kind == "file":
        accept = [part.strip() for part in written.text("acceptFileTypes").split(",")]
        return field | {
            "type": "file",
            "accept": [part for part in accept if part],
            "multiple": written.flag("multipleFiles", True),
        }
    if kind in _CHOSEN:
        return field | _choices(written, kind)
    source.warn(f"The field “{name}” becomes a text: “{kind[:40]}” is not known.")
    return field | {"type": "text"}


def _placeholder(written: Given, kind: str) -> dict[str, Json]:
    text = written.text("placeholder")[:200]
    return {"placeholder": text} if text and kind != "date" else {}


def _choices(written: Given, kind: str) -> dict[str, Json]:
    options = [row.text("option")[:200] for row in written.rows("fieldOptions", "values")]
    choices: list[Json] = [*dict.fromkeys(option for option in options if option)]
    field: dict[str, Json] = {"type": _CHOSEN[kind], "choices": choices[:200]}
    if kind == "dropdown" and written.flag("multiselect"):
        field["multiple"] = True
    return field


def page(source: Source) -> Made:
    """A further page, or the end, of a form."""
    given = source.given
    if given.text("operation") == "completion":
        if given.text("respondWith") == "redirect":
            return Made("form_ending", {"redirect": given.text("redirectUrl")})
        text = given.text("responseText") or given.text("completionMessage")
        params: dict[str, Json] = {"text": text}
        if title := given.text("completionTitle"):
            params["title"] = title
        return Made("form_ending", params)
    if given.text("defineForm") == "json":
        raise UnsupportedError("Its fields are given as JSON, and must be a list of fields here.")
    return Made("form_page", page_params(source))


def page_params(source: Source) -> dict[str, Json]:
    given, options = source.given, source.given.inner("options")
    title = given.text("formTitle") or options.text("formTitle") or source.name
    description = given.text("formDescription") or options.text("formDescription")
    params: dict[str, Json] = {
        "title": title[:200],
        "description": description[:10_000],
        "fields": fields_of(source),
    }
    if button := options.text("buttonLabel")[:50]:
        params["button"] = button
    return params
