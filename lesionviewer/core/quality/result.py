"""What the quality figures say of one picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QualityFigure:
    """One measured property of a picture.

    Attributes:
        key: Its name in code and in columns, such as `too_dark`.
        name: Its name in words, such as "Too dark".
        value: What was measured, in `unit`.
        unit: Such as "% of the square".
        flagged: Whether the value lies beyond the figure's threshold.
        explanation: One sentence with the value, true whether flagged or not.
    """

    key: str
    name: str
    value: float
    unit: str
    flagged: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class PictureQuality:
    """All figures of one picture, in the order of `evidence.RULES`."""

    figures: tuple[QualityFigure, ...]

    @property
    def flags(self) -> tuple[QualityFigure, ...]:
        """The figures that are flagged."""
        return tuple(figure for figure in self.figures if figure.flagged)

    def figure(self, key: str) -> QualityFigure:
        """Return the figure named `key`.

        Raises:
            KeyError: There is none.
        """
        for figure in self.figures:
            if figure.key == key:
                return figure
        raise KeyError(key)
