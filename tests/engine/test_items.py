"""Items as they are stored, and read again."""

import pytest

from apps.engine.items import Item, Json

FILE = {"id": "f", "mimeType": "text/plain"}


@pytest.mark.parametrize("binary", [1, "x", [FILE], True, None])
def test_what_is_no_object_bears_no_files(binary: Json) -> None:
    assert Item.from_json({"json": {}, "binary": binary}).binary is None


def test_what_is_no_reference_is_left_out_of_the_files() -> None:
    item = Item.from_json({"json": {}, "binary": {"a": FILE, "b": 1, "c": None, "d": [FILE]}})
    assert item.binary == {"a": FILE}
