"""XML read as JSON and written of it, each in one pass. Entities are refused, depth is bounded."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.values.field_types import describe, to_text

MAX_DEPTH = 150
MAX_CHARACTERS = 16 * 1024 * 1024
Attributes = Literal["prefix", "merge", "object", "drop"]

_NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
_START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*+"|'[^']*+')*+>""")
_ENTITY = re.compile(rb"&([^#;&][^;&]*+);")
_OWN_ENTITIES = {b"amp", b"lt", b"gt", b"quot", b"apos"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Form:
    """How attributes, text and repetition stand in JSON."""

    attributes: Attributes = "prefix"
    attribute_prefix: str = "@"
    attributes_key: str = "$"
    text_key: str = "#text"
    always_lists: bool = False
    trim: bool = True
    lower_case: bool = False


@dataclass
class _Element:
    name: str
    values: dict[str, Json]
    text: list[str] = field(default_factory=list)


class _Reader:
    """Builds JSON while expat reads: no tree stands beside it."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._open = [_Element("", {})]
        self._has_entities_elsewhere = False

    def read(self, text: str) -> dict[str, Json]:
        self._content = text.encode(errors="replace")
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = _refuse_entities
        parser.StartDoctypeDeclHandler = self._document_type
        parser.SkippedEntityHandler = _refuse_entity
        try:
            parser.Parse(self._content, True)
        except expat.ExpatError as error:
            told = expat.ErrorString(error.code)
            raise NodeError(
                "invalid_xml",
                f"The text is no XML: {told} (line {error.lineno}, column {error.offset + 1}).",
            ) from None
        finally:
            del self._parser  # which holds this reader
        return self._open[0].values

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise NodeError("too_deep", f"The XML is nested deeper than {MAX_DEPTH} levels.")
        if attributes and self._has_entities_elsewhere:
            self._check_attributes()
        form = self._form
        values: dict[str, Json] = {}
        if attributes and form.attributes == "object":
            values[form.attributes_key] = {self._name(n): v for n, v in attributes.items()}
        elif form.attributes in ("prefix", "merge"):
            prefix = form.attribute_prefix if form.attributes == "prefix" else ""
            for attribute, value in attributes.items():
                self._add(values, prefix + self._name(attribute), value)
        self._open.append(_Element(self._name(name), values))

    def _document_type(self, name: str, system: str | None, public: str | None, _: bool) -> None:
        self._has_entities_elsewhere = system is not None

    def _check_attributes(self) -> None:
        """Entities that may be declared elsewhere: expat leaves them out, and in texts alone it
        tells of it."""
        tag = _START_TAG.match(self._content, self._parser.CurrentByteIndex)
        for name in _ENTITY.findall(tag[0]) if tag else ():
            if name not in _OWN_ENTITIES:
                _refuse_entity(name.decode(), False)

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        text = "".join(element.text)
        if self._form.trim or element.values:
            text = text.strip()
        value: Json = element.values or text
        if element.values and text:
            self._add(element.values, self._form.text_key, text)
        self._add(self._open[-1].values, element.name, value, len(self._open) > 1)

    def _add(self, values: dict[str, Json], name: str, value: Json, listed: bool = False) -> None:
        """A name that comes again makes a list of its values. No value is a list by itself."""
        if name not in values:
            values[name] = [value] if listed and self._form.always_lists else value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]

    def _name(self, name: str) -> str:
        return name.lower() if self._form.lower_case else name


def _refuse_entities(*declared: Any) -> None:
    raise NodeError("xml_entities", "The XML declares entities, which are not read.")


def _refuse_entity(name: str, _: bool) -> None:
    told = f"The XML uses the entity “{name[:80]}”, which is declared elsewhere and is not read."
    raise NodeError("xml_entities", told)


def read_xml(text: str, form: Form) -> dict[str, Json]:
    """The document as JSON: `{root: …}`. Raises NodeError `invalid_xml`, `xml_entities`,
    `too_deep`, `too_large`."""
    if len(text) > MAX_CHARACTERS:
        raise NodeError("too_large", "The XML is longer than 16 million characters.")
    return _Reader(form).read(text)


def write_xml(
    value: Json, form: Form, *, root: str | None = None, header: bool = True, pretty: bool = True
) -> str:
    """XML of a value. Without `root` an object with a single field names the root itself.

    Raises NodeError `invalid_xml_name`, `too_deep`, `too_large`.
    """
    if root is None and isinstance(value, dict) and len(value) == 1:
        root, inner = next(iter(value.items()))
        if not isinstance(inner, list) and _NAME.fullmatch(root):
            value = inner
        else:
            root = None
    writer = _Writer(form, pretty)
    if header:
        writer.line('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', 0)
    if isinstance(value, list):
        value = {"item": value}
    writer.element(root or "root", value, 0)
    return "\n".join(writer.lines) if pretty else "".join(writer.lines)


class _Writer:
    def __init__(self, form: Form, pretty: bool) -> None:
        self.lines: list[str] = []
        self._form = form
        self._pretty = pretty
        self._left = MAX_CHARACTERS

    def line(self, text: str, depth: int) -> None:
        line = "  " * depth + text if self._pretty else text
        self._left -= len(line)
        if self._left < 0:
            raise NodeError("too_large", "The XML would be longer than 16 million characters.")
        self.lines.append(line)

    def element(self, name: str, value: Json, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise NodeError("too_deep", f"The value is nested deeper than {MAX_DEPTH} levels.")
        _check_name(name)
        if isinstance(value, list):
            for each in value:
                self.element(name, {"item": each} if isinstance(each, list) else each, depth)
            return
        attributes, text, children = self._parts(value)
        start = name + "".join(f" {key}={quoteattr(_text(v))}" for key, v in attributes.items())
        if children:
            self.line(f"<{start}>{escape(text)}", depth)
            for key, child in children.items():
                self.element(key, child, depth + 1)
            self.line(f"</{name}>", depth)
        else:
            self.line(f"<{start}>{escape(text)}</{name}>" if text else f"<{start}/>", depth)

    def _parts(self, value: Json) -> tuple[dict[str, Json], str, dict[str, Json]]:
        """Attributes, text, and the elements inside of a value."""
        if not isinstance(value, dict):
            return {}, "" if value is None else _text(value), {}
        form, attributes, text, children = self._form, {}, "", {}
        prefix = form.attribute_prefix if form.attributes == "prefix" else ""
        for key, inner in value.items():
            if key == form.text_key:
                text = "" if inner is None else _text(inner)
            elif form.attributes == "object" and key == form.attributes_key:
                if not isinstance(inner, dict):
                    told = f"“{key[:80]}” must be an object of attributes, not {describe(inner)}."
                    raise NodeError("invalid_attributes", told)
                attributes.update(inner)
            elif prefix and key.startswith(prefix):
                attributes[key.removeprefix(prefix)] = inner
            else:
                children[key] = inner
        for key in attributes:
            _check_name(key)
        return attributes, text, children


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise NodeError("invalid_xml_name", f"“{name[:80]}” cannot be a name in XML.")


def _text(value: Json) -> str:
    """What XML 1.0 cannot hold, such as NUL, becomes U+FFFD."""
    return _NOT_XML.sub("\ufffd", to_text(value))
