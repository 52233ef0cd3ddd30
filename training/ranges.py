"""How far random views may differ from their image, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """How far views may differ from the image, and how often they are disturbed.

    Attributes:
        crop: Least edge of a crop as a share of the image's.
        saturation: Most change of the saturation, as a share; so are the following.
        balance: Of each channel's gain.
        contrast: Of the contrast.
        brightness: Most that is added to a channel, of 255.
        gamma: Most change of the exponent, as a logarithm.
        round: Share of views in a round field of view.
        hairs: Share of views with hairs.
    """

    crop: float
    saturation: float
    balance: float
    contrast: float
    brightness: float
    gamma: float = 0.0
    round: float = 0.0
    hairs: float = 0.0


RANGES = {
    "mild": Range(0.72, 0.2, 0.07, 0.15, 18),
    "wide": Range(0.6, 0.35, 0.12, 0.2, 22, gamma=0.3, round=0.25, hairs=0.15),
}
"""By name. `mild` is for pictures from the clinics of the training set; `wide` for those of other
dermatoscopes too, which often show a round field and the lesion small in it."""
