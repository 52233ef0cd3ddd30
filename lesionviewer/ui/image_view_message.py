"""What stands in the image view where no picture can be shown."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from lesionviewer.ui.icons import icon_pixmap
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.tokens import HEADING_PT, STRONG, Tokens

_TEXT_WIDTH = 440
_ICON_PX = 32


class MessageKind(StrEnum):
    """Why there is no picture."""

    EMPTY = "empty"
    WAIT = "wait"
    ERROR = "error"


_ICONS = {MessageKind.EMPTY: "image", MessageKind.WAIT: "wait", MessageKind.ERROR: "warning"}


@dataclass(frozen=True, slots=True)
class Message:
    """A title, a sentence or two, and why."""

    title: str
    text: str
    kind: MessageKind


def paint_message(
    painter: QPainter, message: Message, view: QRectF, tokens: Tokens, ratio: float
) -> None:
    """Paint the message in the middle of the view.

    Args:
        painter: Counts logical pixels.
        message: What to say.
        view: The view in logical pixels.
        tokens: Colours.
        ratio: Device pixels to a logical one.
    """
    width = min(_TEXT_WIDTH, view.width() - 32)
    if width < 80:
        return
    wrapped = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
    room = QRectF(view.center().x() - width / 2, 0, width, 4000)
    title_font, text_font = type_font(HEADING_PT, STRONG), type_font()
    painter.setFont(title_font)
    title = painter.boundingRect(room, wrapped, message.title)
    painter.setFont(text_font)
    text = painter.boundingRect(room, wrapped, message.text) if message.text else QRectF()
    total = _ICON_PX + 12 + title.height() + (8 + text.height() if message.text else 0)
    y = max(16.0, view.center().y() - total / 2)
    colour = "#ffb4ab" if message.kind is MessageKind.ERROR else tokens.on_image_quiet
    pixmap = icon_pixmap(_ICONS[message.kind], colour, size=_ICON_PX, ratio=ratio)
    painter.drawPixmap(round(view.center().x() - _ICON_PX / 2), round(y), pixmap)
    painter.setFont(title_font)
    painter.setPen(QColor(tokens.on_image))
    painter.drawText(room.translated(0, y + _ICON_PX + 12), wrapped, message.title)
    painter.setFont(text_font)
    painter.setPen(QColor(tokens.on_image_quiet))
    painter.drawText(room.translated(0, y + _ICON_PX + 20 + title.height()), wrapped, message.text)
