"""Pictures of an evaluation: confusion matrix and ROC curves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def draw_confusion(path: Path, matrix: NDArray[np.intp], codes: Sequence[str]) -> None:
    """Draw a confusion matrix, counts with shares of the row as colour."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axes = _figure()
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    axes.set_xticks(range(len(codes)), codes, rotation=45, ha="right")
    axes.set_yticks(range(len(codes)), codes)
    axes.set_xlabel("diagnosis of the model")
    axes.set_ylabel("true diagnosis")
    for (row, column), count in np.ndenumerate(matrix):
        ink = "black" if shares[row, column] > 0.5 else "white"
        axes.text(column, row, str(count), ha="center", va="center", color=ink)
    figure.savefig(path)


def draw_roc(
    path: Path,
    truth: NDArray[np.intp],
    probabilities: NDArray[np.floating[Any]],
    codes: Sequence[str],
) -> None:
    """Draw the ROC curve of each diagnosis against the rest."""
    from sklearn.metrics import roc_auc_score, roc_curve

    figure, axes = _figure()
    for number, code in enumerate(codes):
        mark = truth == number
        if mark.any() and not mark.all():
            wrong, right, _ = roc_curve(mark, probabilities[:, number])
            area = roc_auc_score(mark, probabilities[:, number])
            axes.plot(wrong, right, label=f"{code} {area:.3f}")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("sensitivity")
    axes.legend(title="area", loc="lower right")
    figure.savefig(path)


def _figure() -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()
