"""Compression: packs files of items, and unpacks archives."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json, paired_with_all
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.files import FileRoom
from apps.nodes.formats.archives import MAX_MEMBERS, Member, unpack, write_gzip, write_zip
from apps.nodes.params import Literally, ParamsModel, when

MAX_PACKED = 256 * 1024 * 1024


class Params(ParamsModel):
    operation: Annotated[Literal["compress", "decompress"], Literally()] = Field(
        "compress", title="Operation"
    )
    files: list[str] = Field(
        default_factory=list,
        title="Files",
        max_length=100,
        description="Names of files of the item. Empty: all.",
    )
    format: Literal["zip", "gzip"] = Field(
        "zip", title="Format", json_schema_extra=when(operation="compress", pack="each")
    )
    pack: Annotated[Literal["each", "all"], Literally()] = Field(
        "each",
        title="One archive for",
        description="Each item, or all of them together.",
        json_schema_extra=when(operation="compress"),
    )
    name: str = Field(
        "archive.zip",
        title="Name of the archive",
        min_length=1,
        max_length=255,
        json_schema_extra=when(operation="compress"),
    )
    result: str = Field(
        "data",
        title="File of the archive",
        min_length=1,
        max_length=200,
        json_schema_extra=when(operation="compress"),
    )
    prefix: str = Field(
        "file_",
        title="Names of unpacked files begin with",
        max_length=100,
        description="A number follows, from 0.",
        json_schema_extra=when(operation="decompress"),
    )


BILL, NOTE = ExampleFile(b"two teas", "bill.txt"), ExampleFile(b"thanks", "note.txt")
ZIP = write_zip([Member("../teas/bill.txt", BILL.content), Member("note.txt", NOTE.content)])


@node(
    type="compression",
    label="Compression",
    group="transformations",
    icon="file-archive",
    keywords=("zip", "gzip"),
    each="results",
    examples=[
        Example(
            title="Files of an item in one archive",
            params={"files": ["bill", "note"], "name": "=order {{ $json.id }}.zip"},
            takes=[{"id": 7}],
            takes_files=[{"bill": BILL, "note": NOTE}],
            gives=[{"id": 7}],
            gives_files=[
                {
                    "bill": BILL,
                    "note": NOTE,
                    "data": ExampleFile(
                        write_zip([Member("bill.txt", b"two teas"), Member("note.txt", b"thanks")]),
                        "order 7.zip",
                        "application/zip",
                    ),
                }
            ],
        ),
        Example(
            title="A file packed by gzip",
            params={"format": "gzip", "files": ["data"]},
            takes_files=[{"data": BILL}],
            gives=[{}],
            gives_files=[
                {"data": ExampleFile(write_gzip(b"two teas"), "bill.txt.gz", "application/gzip")}
            ],
        ),
        Example(
            title="An archive unpacked; folders in it are left out",
            params={"operation": "decompress", "files": ["data"]},
            takes_files=[{"data": ExampleFile(ZIP, "a.zip")}],
            gives=[{}],
            gives_files=[{"data": ExampleFile(ZIP), "file_0": BILL, "file_1": NOTE}],
        ),
        Example(
            title="No archive",
            params={"operation": "decompress"},
            takes_files=[{"data": BILL}],
            fails="no_archive",
        ),
    ],
)
def compression(
    items: Items, params: list[Params], ctx: StepContext
) -> Iterator[Items | NodeError]:
    """Packs files of items into archives, and unpacks archives.

    **Compress** packs the files of each item into one ZIP archive, or those of all items into one;
    gzip packs each file by itself, in its place. **Decompress** takes ZIP and gzip, and puts each
    file of the archive beside the files of the item, with the name it had there without folders.

    The limits: 1,000 files in an archive, 256 MB unpacked, and 200 times the size of the archive
    where that is over 10 MB. Encrypted archives are not opened.
    """
    if items and params[0].operation == "compress" and params[0].pack == "all":
        yield from _packed_together(items, params, ctx)
        return
    for item, of_item in zip(items, params, strict=True):
        try:
            binary = _packed(item, of_item, ctx)
        except NodeError as error:
            yield error
        else:
            yield [Item(item.json, {**(item.binary or {}), **binary}, item.paired)]


def _packed_together(
    items: Items, params: list[Params], ctx: StepContext
) -> Iterator[Items | NodeError]:
    """One archive for all items whose files can be read; it stands in the place of the first."""
    room = _room(ctx)
    members: list[Member] = []
    errors: list[NodeError | None] = []
    for item, of_item in zip(items, params, strict=True):
        try:
            members += _members(item, of_item, room)
            errors.append(None)
        except NodeError as error:
            errors.append(error)
    given: Items = []
    if members:
        packed = [item for item, error in zip(items, errors, strict=True) if error is None]
        binary = {params[0].result: _archive(members, params[0], ctx)}
        given = [Item({}, binary, paired_with_all(packed))]
    for failed in errors:
        yield failed or given
        given = given if failed else []


def _packed(item: Item, params: Params, ctx: StepContext) -> dict[str, Json]:
    if params.operation == "decompress":
        return _unpacked(item, params, ctx)
    if params.format == "zip":
        return {params.result: _archive(_members(item, params, _room(ctx)), params, ctx)}
    made = {}
    for field in _fields(item, params):
        content, reference = ctx.files.of(item, field)
        name = f"{reference.get('fileName') or field}.gz"
        made[field] = ctx.files.keep(write_gzip(content), name=name, media_type="application/gzip")
    return made


def _fields(item: Item, params: Params) -> list[str]:
    fields = params.files or list(item.binary or {})
    if not fields:
        raise NodeError("no_file", "The item has no files.")
    return fields


def _room(ctx: StepContext) -> FileRoom:
    told = f"The files have more than {MAX_PACKED:,} bytes in all."
    return FileRoom(ctx.files, MAX_PACKED, NodeError("too_large", told))


def _members(item: Item, params: Params, room: FileRoom) -> list[Member]:
    members = []
    for field in _fields(item, params):
        content, reference = room.of(item, field)
        members.append(Member(str(reference.get("fileName") or field), content))
    return members


def _archive(members: Sequence[Member], params: Params, ctx: StepContext) -> dict[str, Json]:
    if len(members) > MAX_MEMBERS:
        raise NodeError("too_many_members", f"An archive takes at most {MAX_MEMBERS:,} files.")
    return ctx.files.keep(write_zip(members), name=params.name, media_type="application/zip")


def _unpacked(item: Item, params: Params, ctx: StepContext) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for field in _fields(item, params):
        content, reference = ctx.files.of(item, field)
        for member in unpack(content, str(reference.get("fileName") or "")):
            made[f"{params.prefix}{len(made)}"] = ctx.files.keep(member.content, name=member.name)
    return made
