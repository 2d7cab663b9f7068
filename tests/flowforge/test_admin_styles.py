"""How the admin's own pages are drawn."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find

from tests.installation import ROOT

SHEETS = ("unfold/css/styles.css", "flowforge/admin.css")
OURS = [*ROOT.glob("apps/*/templates/*_admin/*.html"), *ROOT.glob("flowforge/templates/admin/*")]
TAG, VALUE = re.compile(r"{%.*?%}"), re.compile(r"{{.*?}}")
NAME = re.compile(r"\.((?:\\.|[\w-])+)")


@pytest.fixture(scope="module")
def drawn() -> set[str]:
    """The classes that the sheets say anything of."""
    sheets = "".join(Path(str(find(sheet))).read_text() for sheet in SHEETS)
    return {name.replace("\\", "") for name in NAME.findall(sheets)}


@pytest.mark.parametrize("template", OURS, ids=lambda template: template.name)
def test_no_template_has_a_class_that_no_sheet_draws(template: Path, drawn: set[str]) -> None:
    """The theme's sheet is made of what its own pages need: any other class does nothing."""
    written = VALUE.sub("?", TAG.sub(" ", template.read_text()))
    names = " ".join(re.findall(r'class="([^"]*)"', written)).split()
    assert {name for name in names if "?" not in name} <= drawn
