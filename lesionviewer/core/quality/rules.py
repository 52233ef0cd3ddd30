"""When a quality figure is flagged, and what it says then."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """The threshold of a figure, and its words.

    Attributes:
        key: Of the figure.
        name: Of the flag, in words.
        unit: Of value and threshold.
        side: Whether values above or below the threshold are flagged; the threshold is not.
        threshold: At most about 5 % of good training images lie beyond it, see `docs/quality.md`.
        sentence: Takes `value` and `threshold`; true on both sides of the threshold.
    """

    key: str
    name: str
    unit: str
    side: Literal["above", "below"]
    threshold: float
    sentence: str

    def flags(self, value: float) -> bool:
        """Return whether `value` lies beyond the threshold."""
        return value > self.threshold if self.side == "above" else value < self.threshold


_SHARE = "% of the square"

RULES = (
    Rule(
        "few_pixels",
        "Too few pixels",
        "pixels",
        "below",
        112,
        "The square is {value:.0f} pixels wide in the picture; {threshold:.0f} are the least.",
    ),
    Rule(
        "blur",
        "Blurred",
        "0 to 1",
        "above",
        0.775,
        "The blur is {value:.2f} of 1; sharp pictures mostly stay below {threshold:.2f}.",
    ),
    Rule(
        "too_dark",
        "Too dark",
        "0 to 255",
        "below",
        115,
        "The light parts have a brightness of {value:.0f} of 255; well-lit pictures exceed "
        "{threshold:.0f}.",
    ),
    Rule(
        "too_bright",
        "Too bright",
        _SHARE,
        "above",
        12.0,
        "In about {value:.0f} % of the square a colour is at the end of its range.",
    ),
    Rule(
        "glare",
        "Glare",
        _SHARE,
        "above",
        0.06,
        "Small white patches, as reflections make them, cover about {value:.1f} % of the square.",
    ),
    Rule(
        "vignette",
        "Dark corners",
        "%",
        "above",
        23.0,
        "At least three corners are {value:.0f} % darker than the lighter skin.",
    ),
    Rule(
        "hair",
        "Hair",
        _SHARE,
        "above",
        1.4,
        "Hair, or other long dark lines, cover about {value:.1f} % of the square.",
    ),
    Rule(
        "ink",
        "Pen marks",
        "0 to 255",
        "above",
        14,
        "Beside the lesion, colour comes as near to blue ink as {value:.0f} of 255.",
    ),
    Rule(
        "ruler",
        "Ruler",
        "marks",
        "above",
        4,
        "Up to {value:.0f} short dark marks stand in a row.",
    ),
    Rule(
        "cut",
        "Lesion cut by the frame",
        "% of the frame",
        "above",
        1.5,
        "What looks like the lesion takes about {value:.0f} % of the frame's length.",
    ),
    Rule(
        "small_lesion",
        "Lesion small in the frame",
        _SHARE,
        "below",
        4.5,
        "What looks like the lesion covers about {value:.0f} % of the square.",
    ),
)
"""All figures that are measured, in the order in which they are shown."""
