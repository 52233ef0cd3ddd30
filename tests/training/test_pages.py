"""Tables of the documentation are made from a card."""

from pathlib import Path

import pytest

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import ConfigError
from training.__main__ import main
from training.modelpage import card_blocks
from training.pages import blocks_of, fill_page, filled, number, table, with_ends

MARKED = "# A page\n\n<!-- from the card: {} -->\nwhat stood here\n<!-- end -->\n\nlast words\n"


def test_a_block_is_replaced_and_what_surrounds_it_stays():
    page = MARKED.format("figures")
    once = filled(page, {"figures": "| a |\n"})
    assert once == page.replace("what stood here\n", "| a |\n")
    assert filled(once, {"figures": "| a |\n"}) == once
    assert blocks_of(once) == {"figures": "| a |\n"}


def test_a_block_that_no_card_has_is_refused():
    with pytest.raises(ConfigError, match="marks tides; known are figures"):
        filled(MARKED.format("tides"), {"figures": ""})


def test_a_page_that_marks_nothing_is_left_alone(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("Nothing\n", "utf-8")
    with pytest.raises(ConfigError, match="marks no block"):
        fill_page(page, {"figures": ""})
    assert page.read_text("utf-8") == "Nothing\n"


def test_figures_that_are_not_defined_are_dashes():
    assert number(None) == with_ends(None, (0.1, 0.2)) == "–"
    assert with_ends(0.5, (None, 0.75), 2) == "0.50 (– to 0.75)"
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_the_command_fills_a_page_with_what_the_card_says(
    finished_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    bundle, page = tmp_path / "bundle", tmp_path / "page.md"
    export = ["export", "--run", str(finished_run), "--precision", "float", "--out", str(bundle)]
    assert main(export) == 0
    card = open_bundle(bundle).card
    page.write_text("".join(MARKED.format(name) for name in card_blocks(card)), "utf-8")
    assert main(["document", "--bundle", str(bundle), "--page", str(page)]) == 0
    text = page.read_text("utf-8")
    assert "what stood here" not in text
    test = card.metrics["test"]
    low, high = test["balanced_accuracy_interval"]
    assert f"{test['balanced_accuracy']:.3f} ({low:.3f} to {high:.3f})" in text
    assert f"| test ({test['images']} images, {test['lesions']} lesions) |" in text
    for code, count in test["images_per_diagnosis"].items():
        assert f"| {code} | {count} | {with_ends(*_recall(test, code))} |" in text
    assert f"{card.training['images']['train']} images to train on" in text
    page.write_text(MARKED.format("tides"), "utf-8")
    assert main(["document", "--bundle", str(bundle), "--page", str(page)]) == 2
    assert "marks tides" in capfd.readouterr().err


def _recall(side, code):
    return side["recall"][code], side["recall_interval"][code]
