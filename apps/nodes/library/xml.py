"""XML: makes JSON of XML, or XML of JSON."""

from typing import Any, Literal

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.formats.xml_json import Attributes, Form, read_xml, write_xml
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import describe
from apps.nodes.values.fields import with_result


class Params(ParamsModel):
    operation: Literal["to_json", "to_xml"] = Field("to_json", title="Operation")
    value: Any = Field(
        title="Value",
        examples=["={{ $json.data }}"],
        description="The XML as text; or the JSON to write as XML.",
    )
    attributes: Attributes = Field(
        "prefix",
        title="Attributes",
        description="With a prefix before their names, among the elements, "
        "as an object of their own, or dropped.",
    )
    attribute_prefix: str = Field(
        "@",
        title="Prefix of attributes",
        min_length=1,
        max_length=20,
        json_schema_extra=when(attributes="prefix"),
    )
    attributes_key: str = Field(
        "$",
        title="Object of attributes",
        min_length=1,
        max_length=100,
        json_schema_extra=when(attributes="object"),
    )
    text_key: str = Field(
        "#text",
        title="Text beside attributes or elements",
        min_length=1,
        max_length=100,
    )
    always_lists: bool = Field(
        False,
        title="Elements are always lists",
        description="Also what stands there only once.",
        json_schema_extra=when(operation="to_json"),
    )
    trim: bool = Field(True, title="Trim texts", json_schema_extra=when(operation="to_json"))
    lower_case: bool = Field(
        False, title="Names in lower case", json_schema_extra=when(operation="to_json")
    )
    root: str | None = Field(
        None,
        title="Root element",
        max_length=200,
        description="Where none is given, an object with a single field names it; else “root”.",
        json_schema_extra=when(operation="to_xml"),
    )
    header: bool = Field(True, title="XML declaration", json_schema_extra=when(operation="to_xml"))
    pretty: bool = Field(True, title="Indented", json_schema_extra=when(operation="to_xml"))
    result: str = Field(
        "data",
        title="Result field",
        max_length=500,
        description="Empty: what is read of XML stands in the item itself, by its root element.",
    )
    keep_fields: bool = Field(True, title="Keep the other fields")

    @model_validator(mode="after")
    def _placed(self) -> "Params":
        if self.operation == "to_xml" and not self.result:
            raise ValueError("result: XML is text, which needs a field.")
        return self


@node(
    type="xml",
    label="XML",
    group="transformations",
    icon="file-code",
    each="item",
    examples=[
        Example(
            title="XML to JSON",
            params={"value": "={{ $json.answer }}", "keep_fields": False},
            takes=[{"answer": '<order id="7"><line>Tea</line><line>Milk</line></order>'}],
            gives=[{"data": {"order": {"@id": "7", "line": ["Tea", "Milk"]}}}],
        ),
        Example(
            title="Attributes among the elements, every element a list",
            params={
                "value": "={{ $json.answer }}",
                "attributes": "merge",
                "always_lists": True,
                "result": "read",
                "keep_fields": False,
            },
            takes=[{"answer": '<a b="1"><c>2</c></a>'}],
            gives=[{"read": {"a": {"b": "1", "c": ["2"]}}}],
        ),
        Example(
            title="What is read, as the item itself",
            params={"value": "={{ $json.data }}", "result": "", "keep_fields": False},
            takes=[{"data": "<tea><name>Oolong</name></tea>"}],
            gives=[{"tea": {"name": "Oolong"}}],
        ),
        Example(
            title="JSON to XML",
            params={
                "operation": "to_xml",
                "value": "={{ $json }}",
                "root": "order",
                "header": False,
                "keep_fields": False,
            },
            takes=[{"@id": 7, "line": ["Tea", "Milk & more"], "note": None}],
            gives=[
                {
                    "data": '<order id="7">\n  <line>Tea</line>\n  <line>Milk &amp; more</line>'
                    "\n  <note/>\n</order>"
                }
            ],
        ),
        Example(
            title="Entities are refused",
            params={"value": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'},
            fails="xml_entities",
        ),
    ],
)
def xml(item: Item, params: Params, ctx: StepContext) -> Item:
    """Makes JSON of XML, or XML of JSON.

    An element with nothing but text is that text; one with attributes or elements is an object, in
    which its own text stands by the name of *Text beside attributes or elements*. What stands there
    several times is a list. Names keep their prefixes (`soap:Body`).

    Entities of the document are refused and nothing is fetched. The limits are 16 million
    characters and 150 levels.
    """
    form = Form(
        attributes=params.attributes,
        attribute_prefix=params.attribute_prefix,
        attributes_key=params.attributes_key,
        text_key=params.text_key,
        always_lists=params.always_lists,
        trim=params.trim,
        lower_case=params.lower_case,
    )
    if params.operation == "to_xml":
        made: Any = write_xml(
            params.value, form, root=params.root, header=params.header, pretty=params.pretty
        )
    elif isinstance(params.value, str):
        made = read_xml(params.value, form)
    else:
        raise NodeError("invalid_xml", f"XML is text, not {describe(params.value)}.")
    if not params.result:
        return item.with_json({**item.json, **made} if params.keep_fields else made)
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))
