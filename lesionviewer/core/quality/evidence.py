"""How well each quality figure finds what it names; only those that find it are shown."""

from dataclasses import dataclass

LEAST_AUC = 0.8
"""A figure below this on held-out images is not shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The area under the ROC curve of one figure on images that no choice was made by.

    Attributes:
        truth: What tells the images with the fault from those without.
        auc: The area, 0 to 1.
        low: Lower end of its 95 % interval (1,000 bootstrap draws of lesions).
        high: Upper end.
        positives: Images with the fault.
        negatives: Images without.
    """

    truth: str
    auc: float
    low: float
    high: float
    positives: int
    negatives: int


EVIDENCE = {
    "blur": Evidence("synthetic damage of HAM10000", 0.967, 0.961, 0.972, 999, 999),
    "too_dark": Evidence("synthetic damage of HAM10000", 1.0, 1.0, 1.0, 999, 999),
    "too_bright": Evidence("synthetic damage of HAM10000", 0.997, 0.995, 0.999, 999, 999),
    "glare": Evidence("synthetic damage of HAM10000", 0.99, 0.985, 0.994, 999, 999),
    "vignette": Evidence("synthetic damage of HAM10000", 0.987, 0.983, 0.991, 999, 999),
    "hair": Evidence("MONET hair score", 0.869, 0.806, 0.923, 54, 163),
    "ink": Evidence("MONET pen ink score", 0.853, 0.797, 0.909, 61, 184),
    "ruler": Evidence("synthetic damage of HAM10000", 0.995, 0.992, 0.997, 999, 999),
    "cut": Evidence("HAM10000 masks", 0.851, 0.827, 0.876, 403, 1303),
    "small_lesion": Evidence("HAM10000 masks", 0.942, 0.905, 0.975, 51, 1830),
    "bubbles": Evidence("MONET gel score", 0.507, 0.475, 0.545, 60, 178),
}
"""By key, from `python -m training quality`; `docs/quality.md` tells how."""
EXACT = frozenset({"few_pixels"})
"""Figures that need no evidence: they are counted, not estimated."""


def is_shown(key: str) -> bool:
    """Return whether the figure named `key` is shown: exact, or with an area of 0.8 or more."""
    return key in EXACT or (key in EVIDENCE and EVIDENCE[key].auc >= LEAST_AUC)
