"""What the reader decided of an image, as its tile or row shows it."""

from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from lesionviewer.core.review_images import ReviewImages
from lesionviewer.core.store.decision import Decision
from lesionviewer.ui.icons import icon_pixmap
from lesionviewer.ui.theme import current_tokens

_SIGN_PX = 14
_PAD_PX = 3
_RADIUS_PX = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign over a picture.

    Attributes:
        icon: Its name.
        tone: Name of a colour of the theme.
    """

    icon: str
    tone: str


def marks_of(decision: Decision | None) -> list[Mark]:
    """Return the signs of a decision: a tick (quiet where no diagnosis was given), flag, star."""
    if decision is None:
        return []
    marks = []
    if decision.decided:
        marks.append(Mark("check", "ok" if decision.diagnosis else "quiet"))
    if decision.flag:
        marks.append(Mark("flag", "danger"))
    if decision.star:
        marks.append(Mark("star", "warning"))
    return marks


def decision_words(decision: Decision | None, images: ReviewImages) -> list[str]:
    """Return a decision for tooltips and screen readers, a phrase each."""
    if decision is None:
        return []
    words = []
    if held := held_words(decision, images):
        words.append(f"decided: {held}")
    words += ["flagged"] if decision.flag else []
    words += ["starred"] if decision.star else []
    words += [f"note: {decision.note}"] if decision.note else []
    return words


def held_words(decision: Decision, images: ReviewImages) -> str:
    """Return what the reader decided in words, empty while nothing was."""
    names = {diagnosis.code: diagnosis.name for diagnosis in images.diagnoses}
    if decision.diagnosis is not None:
        return names.get(decision.diagnosis, decision.diagnosis)
    if decision.unsure:
        return "unsure"
    return "poor image" if decision.poor_image else ""


def against_model(decision: Decision | None, images: ReviewImages, image: int) -> str:
    """Return the reader's code where it is not the model's diagnosis, else an empty text."""
    top = images.top(image)
    code = decision.diagnosis if decision is not None else None
    return code if code and top is not None and top[0].code != code else ""


def paint_marks(
    painter: QPainter, picture: QRect, decision: Decision | None, *, ratio: float
) -> None:
    """Paint the signs of a decision over the picture, from its lower left corner on."""
    tokens = current_tokens()
    edge = _SIGN_PX + 2 * _PAD_PX
    badge = QRect(picture.left() + 3, picture.bottom() - edge - 2, edge, edge)
    for mark in marks_of(decision):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(badge, _RADIUS_PX, _RADIUS_PX)
        sign = _sign(mark.icon, getattr(tokens, mark.tone), ratio)
        painter.drawPixmap(badge.topLeft() + QPoint(_PAD_PX, _PAD_PX), sign)
        badge.translate(edge + 2, 0)


@cache
def _sign(name: str, colour: str, ratio: float) -> QPixmap:
    return icon_pixmap(name, colour, size=_SIGN_PX, ratio=ratio)
