"""docs/doubt.md says what the card of the shipped model says."""

from pathlib import Path

from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import open_bundle
from training.doubt.page import NOTHING, doubt_blocks
from training.pages import blocks_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "doubt.md"


def test_the_page_has_the_figures_of_the_shipped_model() -> None:
    """A shipped bundle that was made without these parts had a copy fitted for the page."""
    card = open_bundle(default_bundle_dir()).card
    written, expected = blocks_of(PAGE.read_text("utf-8")), doubt_blocks(card)
    if card.similar_cases:
        assert written == expected
    assert written["doubt"].splitlines()[0] == expected["doubt"].splitlines()[0]
    assert NOTHING not in written["doubt"]
