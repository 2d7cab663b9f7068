"""The page on credentials names every type with its values."""

from pathlib import Path

from apps.nodes.credential_types import CREDENTIAL_TYPES

PAGE = Path(__file__).parents[2] / "docs" / "credentials.md"


def test_the_page_has_every_type_with_its_values_and_its_secrets_in_bold() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    written = {row[0].strip("| `"): row[1] for row in rows}
    assert written.keys() == CREDENTIAL_TYPES.keys()
    for type in CREDENTIAL_TYPES.values():
        for name in type.model.model_fields:
            shown = f"**{name}**" if name in type.secret_fields else name
            assert name == "allowed_hosts" or shown in written[type.id], (type.id, name)
