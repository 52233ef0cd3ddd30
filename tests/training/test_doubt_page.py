"""docs/doubt.md says what the card of the shipped model says."""

from pathlib import Path

import pytest

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import ConfigError
from training.doubt.page import BEGIN, END, NOTHING, read_tables, tables, write_tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "doubt.md"


def test_the_page_has_the_figures_of_the_shipped_model() -> None:
    """A shipped bundle that was made without these parts had a copy fitted for the page."""
    card = open_bundle(default_bundle_dir()).card
    written, expected = read_tables(PAGE), tables(card)
    if card.similar_cases:
        assert written == expected
    assert written.splitlines()[0] == expected.splitlines()[0]
    assert NOTHING not in written


def test_tables_take_the_place_of_older_ones(tmp_path: Path) -> None:
    card = open_bundle(default_bundle_dir()).card
    page = tmp_path / "page.md"
    page.write_text(f"Before\n{BEGIN}\nolder\n{END}\nAfter\n", "utf-8")
    write_tables(page, card)
    assert read_tables(page) == tables(card)
    assert page.read_text("utf-8") == f"Before\n{BEGIN}\n{tables(card)}{END}\nAfter\n"


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing\n", "utf-8")
    with pytest.raises(ConfigError, match="has no lines"):
        write_tables(page, open_bundle(default_bundle_dir()).card)
    assert page.read_text("utf-8") == "Nothing\n"
