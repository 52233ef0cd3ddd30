"""Chooses the score of unlike images by figures, and measures it."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.engine.doubt.nearest import NearestRows
from lesionviewer.engine.doubt.outlier import SCORES, OutlierRule, Spread
from lesionviewer.engine.doubt.reading import read_spread
from lesionviewer.engine.doubt.reduction import to_unit
from training.doubt.measured import Measured
from training.doubt.reference import fit_spread

Score = Callable[[Measured], NDArray[np.float64]]
KEPT_SHARE = 0.95
"""Of the val images, at least, stays below or at the threshold."""
UNKNOWN = ", other diagnoses"
"""Ends the name of a data set's images of diagnoses that the model does not know."""


class Candidates:
    """Every score, ready to be compared.

    Args:
        spread: Where the training images lie.
        library: The training images.
        train: The training images once more, for the scores that are only compared.
    """

    def __init__(self, spread: Spread, library: NearestRows, train: Measured) -> None:
        self.rule = OutlierRule("mahalanobis", 1.0, spread, library)
        everything = fit_spread(train.embedding, np.zeros(len(train), np.intp), 1)
        self._whole = read_spread(everything)
        self.eligible: Mapping[str, Score] = {name: self._eligible(name) for name in SCORES}
        self.compared: Mapping[str, Score] = {
            "relative mahalanobis": self._relative,
            "mahalanobis × knn": self._product,
        }

    @property
    def all(self) -> Mapping[str, Score]:
        """Those that can be chosen, then those that are only compared."""
        return {**self.eligible, **self.compared}

    def _eligible(self, name: str) -> Score:
        return lambda some: SCORES[name](self.rule, some.logits, some.embedding)

    def _relative(self, some: Measured) -> NDArray[np.float64]:
        """Less the distance to all training images as one (Ren et al. 2021)."""
        unit = to_unit(some.embedding)
        whole = self._whole.distances(unit)
        return self.eligible["mahalanobis"](some) - whole

    def _product(self, some: Measured) -> NDArray[np.float64]:
        """Order by the product of both, the mean of their logarithms."""
        return self.eligible["mahalanobis"](some) * np.maximum(self.eligible["knn"](some), 1e-9)


def choose_score(
    candidates: Candidates,
    val: Measured,
    choosing: Mapping[str, Measured],
    *,
    own_val: NDArray[np.bool_] | None = None,
) -> tuple[OutlierRule, dict[str, Any]]:
    """Return the score whose least AUROC over the kinds of outliers is largest, with its scale.

    Args:
        candidates: The scores.
        val: Images that the model was not trained on, of the kind that it is for.
        choosing: Outliers by kind.
        own_val: Which of `val` the data set itself has in val: the threshold keeps its share of
            these too, not only of all.
    """
    found = {
        name: {kind: auroc(score(val), score(some)) for kind, some in choosing.items()}
        for name, score in candidates.all.items()
    }
    chosen = max(candidates.eligible, key=lambda name: min(found[name].values(), default=0.0))
    usual = candidates.eligible[chosen](val)
    threshold = kept_below(usual)
    if own_val is not None and own_val.any():
        threshold = max(threshold, kept_below(usual[own_val]))
    # Upwards, at six figures: the image that it was taken from stays below it.
    limit = ceil_to_six(threshold)
    plain = candidates.rule
    rule = OutlierRule(chosen, limit, plain.spread, plain.library)
    return rule, {
        "score": chosen,
        "threshold": limit,
        "fitted_on": "val",
        "images": len(val),
        "kept": round(float((usual <= threshold).mean()), 6),
        "chosen_by": "largest of the smallest AUROC over the kinds of outliers, choosing halves",
        "choosing_auroc": found,
    }


def report_scores(
    candidates: Candidates,
    rule: OutlierRule,
    usual: Mapping[str, Measured],
    outliers: Mapping[str, Measured],
) -> dict[str, Any]:
    """Return the figures of all scores on outliers that nothing was chosen by, fit for JSON.

    Args:
        candidates: The scores.
        rule: The chosen one.
        usual: Sides of the data sets, `val` among them.
        outliers: By kind.
    """
    scores = candidates.all
    report = {
        "auroc": {
            name: {kind: auroc(score(usual["val"]), score(some)) for kind, some in outliers.items()}
            for name, score in scores.items()
        },
        "flagged": {
            name: round(float((_outlying(rule, some) > 1).mean()), 6)
            for name, some in {**usual, **outliers}.items()
        },
        "auroc_within_data_set": _within_sets(rule, usual, outliers),
    }
    if "test" in usual:
        score = scores[rule.score]
        report["auroc_against_test"] = {
            kind: auroc(score(usual["test"]), score(some)) for kind, some in outliers.items()
        }
    return report


def _within_sets(
    rule: OutlierRule, usual: Mapping[str, Measured], outliers: Mapping[str, Measured]
) -> dict[str, float]:
    """Set unknown diagnoses against the known ones of their own data set.

    A data set differs from the run's own by more than its diagnoses.
    """
    found = {}
    for kind in outliers:
        own = f"{kind.removesuffix(UNKNOWN)}_"
        known = [_outlying(rule, side) for name, side in usual.items() if name.startswith(own)]
        if kind.endswith(UNKNOWN) and known:
            found[kind] = auroc(np.concatenate(known), _outlying(rule, outliers[kind]))
    return found


def auroc(usual: NDArray[np.float64], unusual: NDArray[np.float64]) -> float:
    """Return the share of pairs in which the unusual image has the higher score; ties half."""
    from sklearn.metrics import roc_auc_score

    marks = np.repeat([0, 1], [len(usual), len(unusual)])
    return round(float(roc_auc_score(marks, np.concatenate([usual, unusual]))), 6)


def kept_below(scores: NDArray[np.float64]) -> float:
    """Return the lowest score that at least 95 % of the images do not exceed."""
    return float(np.quantile(scores, KEPT_SHARE, method="inverted_cdf"))


def ceil_to_six(value: float) -> float:
    """Return the least number of six significant digits that is not below `value`, above 0."""
    value = max(value, 1e-300)
    digits = 5 - math.floor(math.log10(value))
    return math.ceil(value * 10.0**digits) / 10.0**digits


def _outlying(rule: OutlierRule, some: Measured) -> NDArray[np.float64]:
    return rule.outlyingness(some.logits, some.embedding)
