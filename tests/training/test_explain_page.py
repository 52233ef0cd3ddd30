"""The page about explanations has the figures that were measured, and no others."""

import json
from pathlib import Path

from training.explain.page import explanation_blocks
from training.pages import filled

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_tables_of_the_page_are_those_of_the_figures_beside_it() -> None:
    report = json.loads((DOCS / "explanations" / "explanations.json").read_text("utf-8"))
    page = (DOCS / "explanations.md").read_text("utf-8")
    assert filled(page, explanation_blocks(report)) == page
