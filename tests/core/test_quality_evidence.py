"""Figures, thresholds and page say the same; what is not proven is not shown."""

import re
from pathlib import Path

import numpy as np
import pytest

from lesionviewer.core.quality import evidence
from lesionviewer.core.quality.evidence import EVIDENCE, EXACT, LEAST_AUC, Evidence, is_shown
from lesionviewer.core.quality.measure import measure_values
from lesionviewer.core.quality.rules import RULES, Rule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quality.md"


def rows_of_page() -> dict[str, list[str]]:
    """Return the cells of the page's widest table by the key in its first column."""
    lines = PAGE.read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        row[0].strip("`"): row[1:]
        for row in rows
        if re.fullmatch(r"`\w+`", row[0]) and len(row) == 9
    }


def test_every_measured_figure_has_evidence_or_is_exact() -> None:
    keys = {rule.key for rule in RULES}
    assert len(keys) == len(RULES)
    assert keys - EXACT <= set(EVIDENCE)
    assert set(EVIDENCE) - keys == {"bubbles"}


@pytest.mark.parametrize("found", EVIDENCE.values(), ids=EVIDENCE)
def test_evidence_is_an_area_in_its_interval(found: Evidence) -> None:
    assert 0 <= found.low <= found.auc <= found.high <= 1
    assert found.positives >= 20
    assert found.negatives >= 100


def test_what_does_not_reach_the_least_area_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LEAST_AUC == 0.8
    assert not is_shown("bubbles")
    assert not is_shown("no such figure")
    assert is_shown("few_pixels")
    assert is_shown("blur")
    weak = Evidence("a truth", 0.799, 0.7, 0.9, 100, 100)
    monkeypatch.setattr(evidence, "EVIDENCE", EVIDENCE | {"blur": weak})
    assert not is_shown("blur")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_the_page_gives_threshold_and_evidence_as_the_code_does(rule: Rule) -> None:
    name, unit, flagged, truth, area, counts = rows_of_page()[rule.key][:6]
    assert name == rule.name
    assert unit == rule.unit
    assert flagged == f"{rule.side} {rule.threshold:g}"
    if rule.key in EXACT:
        assert (truth, area, counts) == ("counted", "exact", "–")
        return
    assert (truth, area, counts) == cells_of(EVIDENCE[rule.key])


def test_the_page_tells_what_was_given_up() -> None:
    name, *cells = rows_of_page()["bubbles"]
    assert name == "Gel bubbles"
    assert tuple(cells[2:5]) == cells_of(EVIDENCE["bubbles"])
    assert cells[1] == "not shown"


def cells_of(found: Evidence) -> tuple[str, str, str]:
    area = f"{found.auc:.3f} ({found.low:.3f} to {found.high:.3f})"
    return found.truth, area, f"{found.positives} / {found.negatives}"


def test_every_rule_is_measured_and_its_sentence_filled() -> None:
    values = measure_values(np.zeros((224, 224, 3), np.uint8), 224)
    assert list(values) == [rule.key for rule in RULES]
    for rule in RULES:
        assert "{value" in rule.sentence
        rule.sentence.format(value=values[rule.key], threshold=rule.threshold)


def test_a_value_at_the_threshold_is_not_flagged() -> None:
    for rule in RULES:
        beyond = rule.threshold + (1e-6 if rule.side == "above" else -1e-6)
        assert not rule.flags(rule.threshold)
        assert rule.flags(beyond)
