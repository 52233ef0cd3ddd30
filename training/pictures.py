"""Pictures of an evaluation: confusion matrix, ROC curves, reliability, malignant probability."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from training.operating import curve

Place = Path | BinaryIO
"""A file to write to: by its name, or open."""


def draw_confusion(path: Place, matrix: NDArray[np.intp], codes: Sequence[str]) -> None:
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
    path: Place,
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


def draw_precision_recall(
    path: Place,
    truth: NDArray[np.intp],
    probabilities: NDArray[np.floating[Any]],
    codes: Sequence[str],
) -> None:
    """Draw precision over recall of each diagnosis against the rest, with its average precision."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    figure, axes = _figure()
    for number, code in enumerate(codes):
        mark = truth == number
        if mark.any() and not mark.all():
            precision, recall, _ = precision_recall_curve(mark, probabilities[:, number])
            mean = average_precision_score(mark, probabilities[:, number])
            axes.step(recall, precision, where="post", label=f"{code} {mean:.3f}")
    axes.set_xlabel("recall")
    axes.set_ylabel("precision")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(title="average precision", loc="lower left")
    figure.savefig(path)


def draw_curves(path: Place, epochs: Sequence[int], lines: Mapping[str, Sequence[float]]) -> None:
    """Draw figures over the epochs of a run; NaN leaves a gap.

    Args:
        path: Of the picture.
        epochs: Counted from 1.
        lines: The figures of each epoch by what they are called.
    """
    from matplotlib.ticker import MaxNLocator

    figure, axes = _figure()
    for name, values in lines.items():
        axes.plot(epochs, values, marker=".", label=name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch")
    axes.legend()
    figure.savefig(path)


def draw_reliability(path: Place, report: Mapping[str, Any]) -> None:
    """Draw accuracy over confidence, and how many images each bin has.

    Args:
        path: Of the picture.
        report: As `figures` makes it.
    """
    bins = report["reliability"]
    some = [place for place, count in enumerate(bins["images"]) if count]
    confidence, accuracy, count = (
        [bins[name][place] for place in some] for name in ("confidence", "accuracy", "images")
    )
    figure, axes = _figure()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot(confidence, accuracy, marker="o")
    for x, y, n in zip(confidence, accuracy, count, strict=True):
        axes.annotate(str(n), (x, y), (4, -10), textcoords="offset points", fontsize=8)
    axes.set_title(
        f"expected calibration error {report['expected_calibration_error']:.3f}, "
        f"{report['calibration_error_if_perfect']:.3f} by chance alone"
    )
    axes.set_xlabel("confidence, mean of the bin (with its number of images)")
    axes.set_ylabel("accuracy")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    figure.savefig(path)


def draw_malignant(
    path: Place,
    marks: NDArray[np.bool_],
    scores: NDArray[np.float64],
    points: Sequence[Mapping[str, float]],
) -> None:
    """Draw sensitivity and specificity over the threshold on the malignant probability.

    Args:
        path: Of the picture.
        marks: Which images are malignant, (n,).
        scores: Their malignant probability, (n,).
        points: Operating points: threshold, sensitivity, specificity.
    """
    thresholds = np.unique(np.concatenate([[0.0], scores, [1.0]]))
    sensitivity, specificity = curve(marks, scores, thresholds)
    figure, axes = _figure()
    axes.plot(thresholds, sensitivity, label="sensitivity")
    axes.plot(thresholds, specificity, label="specificity")
    for point in points:
        axes.axvline(point["threshold"], color="grey", linewidth=0.8, linestyle="--")
        for name in ("sensitivity", "specificity"):
            axes.plot(point["threshold"], point[name], "o", color="black", markersize=4)
    axes.set_xlabel("threshold on the malignant probability")
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="lower center")
    figure.savefig(path)


def _figure() -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()
