"""References to files: what they say, and what they open."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes.files import Files, file_name, plain_media_type
from tests.nodes.twins import RUN, MemoryFiles


def files(most_bytes: int = 1_000) -> Files:
    return Files(RUN, MemoryFiles(), most_bytes)


def test_a_reference_says_what_is_behind_it() -> None:
    reference = files().keep(b"a,b", name="Report.CSV")
    assert reference == {
        "id": "file-0",
        "mimeType": "text/csv",
        "fileName": "Report.CSV",
        "fileExtension": "csv",
        "fileSize": 3,
    }


def test_a_file_without_a_name_has_the_extension_of_its_type() -> None:
    reference = files().keep(b"{}", media_type="application/json; charset=utf-8")
    assert (reference["mimeType"], reference["fileExtension"]) == ("application/json", "json")


def test_what_was_kept_is_read_back() -> None:
    run = files()
    item = Item({}, {"data": run.keep(b"\x00\xff", name="x.bin")})
    content, reference = run.of(item, "data")
    assert content == b"\x00\xff"
    assert reference["fileName"] == "x.bin"


def test_a_file_over_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(NodeError, match=r"4 bytes; at most 3") as failure:
        files(3).keep(b"1234")
    assert failure.value.code == "file_too_large"


@pytest.mark.parametrize("reference", [{"id": "file-9"}, {"id": 7}, {}, None, "file-0", ["x"]])
def test_a_reference_that_opens_nothing_is_a_named_error(reference: Any) -> None:
    with pytest.raises(NodeError) as failure:
        files().read(reference)
    assert failure.value.code == "file_not_found"


def test_a_missing_file_names_those_that_there_are() -> None:
    item = Item({}, {"photo": {"id": "x"}})
    with pytest.raises(NodeError, match=r"no file “data”\. It has “photo”"):
        files().of(item, "data")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\cv.pdf", "cv.pdf"),
        ("a\r\nb.txt", "a_b.txt"),
        (" .. ", ""),
        ("ä" * 300 + ".txt", "ä" * 125 + ".txt"),
        ("ä" * 300, "ä" * 127),
        ("a" * 300 + "." + "b" * 20, "a" * 255),
    ],
)
def test_names_lead_nowhere_else(name: str, plain: str) -> None:
    assert file_name(name) == plain


@pytest.mark.timeout(10)  # to shorten them bit by bit would take more
@pytest.mark.parametrize("name", ["x" * 100_000, "ä" * 100_000 + ".pdf", "x." * 50_000 + "y" * 30])
def test_a_long_name_is_cut_at_once(name: str) -> None:
    for _ in range(100):
        cut = file_name(name)
    assert 250 < len(cut.encode()) <= 255
    assert cut.endswith(".pdf") == name.endswith(".pdf")


def test_a_media_type_that_is_none_is_left_out() -> None:
    assert plain_media_type("Text/HTML; charset=x") == "text/html"
    assert plain_media_type("text/html\r\nX: y") == ""
