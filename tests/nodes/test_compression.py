"""Archives packed and unpacked, and those that are made to fill a disk."""

import gzip
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Items
from apps.engine.outcomes import Done
from apps.nodes.context import bound, services
from apps.nodes.contract import ExampleFile
from apps.nodes.formats.archives import MAX_ENTRIES, MAX_MEMBERS, Member, unpack, write_zip
from apps.nodes.library import compression as module
from apps.nodes.library.compression import compression
from tests.nodes.made_files import zipped
from tests.nodes.twins import MemoryAttempt, MemoryFiles, ReadFiles, make_call


def run(
    store: MemoryFiles, *takes: Mapping[str, ExampleFile], on_error: Any = "stop", **params: Any
) -> Items:
    items = [
        Item({"n": n}, {name: store.reference(file) for name, file in own.items()})
        for n, own in enumerate(takes)
    ]
    node = Node("n1", "compression", "Step", params, on_error=on_error)
    with bound(replace(services(), files=store)):
        call = make_call(compression, params, items, node=node)
        outcome = compression.prepare(call).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def contents(files: MemoryFiles, item: Item) -> dict[str, tuple[str, bytes]]:
    told = files.told(item, {name: ExampleFile(b"", "x") for name in item.binary or {}})
    return {name: (file.name, file.content) for name, file in told.items()}


def failure(content: bytes) -> str:
    with pytest.raises(NodeError) as failed:
        unpack(content, "a")
    return failed.value.code


def test_what_is_packed_is_unpacked() -> None:
    files = MemoryFiles()
    own = {"a": ExampleFile(b"1", "x.txt"), "b": ExampleFile(b"2", "x.txt"), "c": ExampleFile(b"3")}
    [packed] = run(files, own, name="all.zip")
    assert packed.binary is not None
    [item] = run(files, {"data": ExampleFile(contents(files, packed)["data"][1])},
                 operation="decompress", prefix="f")  # fmt: skip
    told = contents(files, item)
    assert (told["f0"], told["f1"], told["f2"]) == (
        ("x.txt", b"1"), ("x (2).txt", b"2"), ("c", b"3"),
    )  # fmt: skip


def test_the_files_of_all_items_go_into_one_archive() -> None:
    files = MemoryFiles()
    [item] = run(files, {"a": ExampleFile(b"1", "x")}, {"a": ExampleFile(b"2", "y")}, pack="all")
    assert [pair.item for pair in item.paired or ()] == [0, 1]
    archive = zipfile.ZipFile(io.BytesIO(contents(files, item)["data"][1]))
    assert {name: archive.read(name) for name in archive.namelist()} == {"x": b"1", "y": b"2"}


def test_each_item_gets_an_archive_of_its_own() -> None:
    files = MemoryFiles()
    own = [{"a": ExampleFile(b"1", "x")}, {"a": ExampleFile(b"2", "y")}]
    items = run(files, *own, pack="each", name="=n{{ $json.n }}.zip")
    assert [[pair.item for pair in item.paired or ()] for item in items] == [[0], [1]]
    told = [contents(files, item)["data"] for item in items]
    assert [name for name, _ in told] == ["n0.zip", "n1.zip"]
    archives = [zipfile.ZipFile(io.BytesIO(content)) for _, content in told]
    assert [archive.namelist() for archive in archives] == [["x"], ["y"]]


@pytest.mark.parametrize("pack", ["each", "all"])
def test_an_item_that_fails_is_told_by_its_place(pack: str) -> None:
    with pytest.raises(NodeError, match=r"^Item 1: ") as failed:
        run(MemoryFiles(), {"a": ExampleFile(b"1")}, {}, {"a": ExampleFile(b"2")}, pack=pack)
    assert failed.value.code == "no_file"


def test_the_same_files_make_the_same_archive() -> None:
    members = [Member("a", b"1"), Member("b", b"2")]
    assert write_zip(members) == write_zip(members)


def test_gzip_is_unpacked_under_its_own_name() -> None:
    for name, plain in (("a.csv.gz", "a.csv"), ("a.tgz", "a.tar"), ("a", "a")):
        assert unpack(gzip.compress(b"x"), name) == [Member(plain, b"x")]
    assert unpack(gzip.compress(b"x") + gzip.compress(b"y"), "a")[0].content == b"xy"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\passwd", "a/b/passwd", "C:\\passwd"]
)
def test_a_path_in_an_archive_becomes_a_plain_name(name: str) -> None:
    files = MemoryFiles()
    [item] = run(files, {"data": ExampleFile(zipped({name: b"x"}))}, operation="decompress")
    assert contents(files, item)["file_0"] == ("passwd", b"x")


def encrypted() -> bytes:
    """An archive whose member says that it is encrypted, in both of its headers."""
    content = bytearray(zipped({"a": b"x"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def of_version(version: int) -> bytes:
    """An archive that says which version is needed to read it."""
    content = bytearray(zipped({"a": b"x"}))
    content[content.index(b"PK\x01\x02") + 6] = version
    return bytes(content)


def packed_by(method: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("a", b"x" * 100)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_archive"),
        (b"text", "no_archive"),
        (b"PK\x03\x04", "broken_archive"),
        (zipped({"a": b"x" * 1000})[:60], "broken_archive"),
        (zipped({"a": b"x"}).replace(b"PK\x01\x02", b"PK\x01\x09"), "broken_archive"),
        (gzip.compress(b"x" * 1000)[:-9], "broken_archive"),
        (b"\x1f\x8b\x08", "broken_archive"),
        (gzip.compress(b"x")[:-8] + bytes(8), "broken_archive"),
        (encrypted(), "encrypted_archive"),
        (packed_by(zipfile.ZIP_LZMA), "unsupported_archive"),
        (packed_by(zipfile.ZIP_BZIP2), "unsupported_archive"),
        (of_version(99), "unsupported_archive"),
        (gzip.compress(bytes(11 << 20)), "too_large"),
        (zipped({"a": bytes(11 << 20)}), "too_large"),
        (zipped({str(n): bytes(1 << 20) for n in range(11)}), "too_large"),
        (zipped({str(n): b"" for n in range(MAX_MEMBERS + 1)}), "too_many_members"),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_what_cannot_be_unpacked_is_a_named_error(content: bytes, code: str) -> None:
    assert failure(content) == code


def test_an_archive_of_far_too_many_entries_is_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = b"PK\x01\x02" + bytes(42)
    size = len(entry) * (MAX_ENTRIES + 1)
    end = b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + size.to_bytes(4, "little") + bytes(6)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert failure(b"PK\x03\x04" + entry * (MAX_ENTRIES + 1) + end) == "too_many_members"


def test_a_member_that_lies_about_its_size_is_broken_or_bounded() -> None:
    content = zipped({"a": bytes(20 << 20)})
    size = (20 << 20).to_bytes(4, "little")
    assert failure(content.replace(size, (5).to_bytes(4, "little"))) == "broken_archive"


def test_what_packs_well_is_unpacked_up_to_the_free_size() -> None:
    assert len(unpack(gzip.compress(bytes(10 << 20)), "a")[0].content) == 10 << 20


def test_an_empty_archive_adds_no_file() -> None:
    files = MemoryFiles()
    [item] = run(files, {"data": ExampleFile(zipped({}))}, operation="decompress")
    assert list(item.binary or {}) == ["data"]


def test_an_item_that_fails_leaves_the_others_their_files() -> None:
    files = MemoryFiles()
    items = run(
        files,
        {},
        {"data": ExampleFile(b"no")},
        {"data": ExampleFile(zipped({"a": b"x"}))},
        operation="decompress",
        on_error="continue",
    )
    codes = [item.json.get("error", {}).get("code") for item in items]
    assert codes == ["no_file", "no_archive", None]
    assert contents(files, items[2])["file_0"] == ("a", b"x")
    assert [pair.item for item in items for pair in item.paired or ()] == [0, 1, 2]


def test_a_file_that_is_not_there_is_a_named_error() -> None:
    for params in ({"format": "zip"}, {"format": "gzip"}, {"pack": "all"}):
        with pytest.raises(NodeError) as failed:
            run(MemoryFiles(), {"a": ExampleFile(b"")}, files=["b"], **params)
        assert failed.value.code == "no_file"


def test_an_item_without_files_leaves_the_others_their_archive() -> None:
    files = MemoryFiles()
    own = [{}, {"a": ExampleFile(b"1", "x")}, {}, {"a": ExampleFile(b"2", "y")}]
    items = run(files, *own, pack="all", on_error="continue")
    codes = [item.json.get("error", {}).get("code") for item in items]
    assert codes == ["no_file", None, "no_file"]
    assert [pair.item for pair in items[1].paired or ()] == [1, 3]
    archive = zipfile.ZipFile(io.BytesIO(contents(files, items[1])["data"][1]))
    assert archive.namelist() == ["x", "y"]


@pytest.mark.parametrize("params", [{}, {"pack": "all"}])
def test_files_are_read_only_as_far_as_an_archive_has_room(
    params: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PACKED", 100)
    files = ReadFiles()
    own = {str(place): ExampleFile(bytes(60)) for place in range(40)}
    with pytest.raises(NodeError) as failed:
        run(files, own, **params)
    assert failed.value.code == "too_large"
    assert files.reads == 1


def test_no_items_give_no_items() -> None:
    for params in ({}, {"pack": "all"}, {"operation": "decompress"}):
        assert run(MemoryFiles(), **params) == []
