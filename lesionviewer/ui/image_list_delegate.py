"""Draws an image of the list: as a tile of the contact sheet or as a row with facts."""

from dataclasses import dataclass
from enum import Enum
from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from lesionviewer.core.arranging import SortKey
from lesionviewer.core.review_images import ImageState, ReviewImages
from lesionviewer.ui.doubt_words import SEVERE, widest_set
from lesionviewer.ui.icons import icon_pixmap
from lesionviewer.ui.image_list_marks import against_model, paint_marks
from lesionviewer.ui.image_list_model import ImageListModel, Index
from lesionviewer.ui.theme import current_tokens, type_font
from lesionviewer.ui.thumbnails import ThumbnailCache
from lesionviewer.ui.tile_pictures import PICTURE_RADIUS, TilePictures
from lesionviewer.ui.tokens import (
    BODY_PT,
    GRID,
    RADIUS,
    REGULAR,
    STRONG,
    Tokens,
    diagnosis_colours,
)

ROW_PX = 68
TILE_PX = 124
"""Least width of a tile beside the picture."""
SHEET_TILE_PX = 176
"""Least width of a tile where the list has the picture's room."""
_SIGN_PX = 16
_SIGN_PAD = 2
_DOT_PX = 8


class Layout(Enum):
    """How the list shows its images."""

    GRID = "grid"
    LIST = "list"


def picture_width(layout: Layout, cell: QSize) -> int:
    """Return how wide the picture in a cell is.

    Args:
        layout: Tiles or rows.
        cell: Size of the cell, in the same pixels.
    """
    width, height = cell.width() - 4 * GRID, cell.height() - 4 * GRID
    return width if layout is Layout.GRID else height * 4 // 3


def file_name(path: str, metrics: QFontMetrics, width: int) -> str:
    """Return the name of a file; without its ending where that makes it fit.

    Args:
        path: Its path below what was opened.
        metrics: Of the type it is written in.
        width: Room for it in pixels.
    """
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    stem = name.rpartition(".")[0]
    fits = metrics.horizontalAdvance(name) <= width or not stem
    return name if fits or metrics.horizontalAdvance(stem) > width else stem


@cache
def _sign(name: str, colour: str, ratio: float) -> QPixmap:
    return icon_pixmap(name, colour, size=_SIGN_PX, ratio=ratio)


@cache
def _font(face: str, strong: bool) -> tuple[QFont, QFontMetrics]:
    """`face` names the application's font, so that a change of it is not missed."""
    font = type_font(BODY_PT, STRONG if strong else REGULAR, tabular=True)
    return font, QFontMetrics(font)


@dataclass(slots=True)
class _Brush:
    """What one paint needs: painter, colours, face."""

    painter: QPainter
    tokens: Tokens
    ratio: float
    selected: bool
    face: str

    def sign(self, name: str, colour: str, corner: QRect) -> None:
        self.painter.drawPixmap(corner.topLeft(), _sign(name, colour, self.ratio))

    @property
    def line_px(self) -> int:
        """Height of a line of text."""
        return _font(self.face, False)[1].height()

    def width_of(self, words: str) -> int:
        """Return how wide `words` would be."""
        return _font(self.face, False)[1].horizontalAdvance(words)

    def name(self, box: QRect, path: str, colour: str) -> None:
        """Write the name of a file."""
        self.text(box, file_name(path, _font(self.face, False)[1], box.width()), colour)

    def text(
        self,
        box: QRect,
        words: str,
        colour: str,
        *,
        strong: bool = False,
        right: bool = False,
        end: bool = False,
    ) -> int:
        """Draw one line, elided in its middle or at its end. Returns how wide it became."""
        font, metrics = _font(self.face, strong)
        elide = Qt.TextElideMode.ElideRight if end else Qt.TextElideMode.ElideMiddle
        shown = metrics.elidedText(words, elide, max(0, box.width()))
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        self.painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)


class ImageDelegate(QStyledItemDelegate):
    """Every size is the same for all images, so that a list of 100,000 lays out at once."""

    def __init__(self, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._pictures = TilePictures(thumbnails)
        self._colours: dict[str, str] = {}
        self._codes: tuple[str, ...] = ()
        self._by_malignant = False
        self.layout = Layout.GRID

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        image = index.data(ImageListModel.ImageRole)
        if not isinstance(model, ImageListModel) or image is None:
            return
        state = option.state
        self._by_malignant = model.key is SortKey.MALIGNANT
        tokens = current_tokens()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ratio, face = painter.device().devicePixelRatioF(), QGuiApplication.font().toString()
        brush = _Brush(painter, tokens, ratio, selected, face)
        box = option.rect.adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        self._ground(brush, box, hovered=hovered, among=bool(state & QStyle.StateFlag.State_On))
        inner = box.adjusted(2 * GRID - 2, 2 * GRID - 2, 2 - 2 * GRID, 2 - 2 * GRID)
        if self.layout is Layout.GRID:
            self._tile(brush, inner, model.images, image)
        else:
            self._row(brush, inner, model.images, image)
        painter.restore()

    def _ground(self, brush: _Brush, box: QRect, *, hovered: bool, among: bool) -> None:
        painter, tokens = brush.painter, brush.tokens
        if not (brush.selected or hovered or among):
            return
        painter.setBrush(QColor(tokens.selected if brush.selected or among else tokens.hover))
        painter.setPen(
            QPen(QColor(tokens.accent), 2) if brush.selected else QPen(Qt.PenStyle.NoPen)
        )
        painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _tile(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        line = brush.line_px
        picture = QRect(box.left(), box.top(), box.width(), box.height() - 2 * line - GRID)
        self._picture(brush, picture, images, image)
        verdict = QRect(box.left(), picture.bottom() + 1 + GRID, box.width(), line)
        self._verdict(brush, verdict, images, image)
        name = verdict.translated(0, line)
        brush.name(name, images.name(image), brush.tokens.quiet)

    def _row(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        picture = QRect(box.left(), box.top(), box.height() * 4 // 3, box.height())
        self._picture(brush, picture, images, image)
        left = picture.right() + 1 + 3 * GRID
        line = brush.line_px
        top = box.top() + (box.height() - 2 * line - 2) // 2
        name = QRect(left, top, box.right() - left, line)
        brush.name(name, images.name(image), brush.tokens.text)
        self._verdict(brush, name.translated(0, line + 2), images, image)

    def _picture(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        painter, tokens = brush.painter, brush.tokens
        picture = self._pictures.get(image, box.size(), brush.ratio)
        state = images.state(image)
        outline = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        if picture is not None:
            painter.drawPixmap(box.topLeft(), picture)
            self._badges(brush, box, images, image)
            paint_marks(painter, box, images.reader.get(image), ratio=brush.ratio)
            if state is ImageState.WAITING:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(tokens.edge), 1, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(outline, PICTURE_RADIUS, PICTURE_RADIUS)
            return
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush if brush.selected else QColor(tokens.hover))
        painter.drawRoundedRect(outline, PICTURE_RADIUS, PICTURE_RADIUS)
        if state is ImageState.FAILED:
            sign = QRect(0, 0, _SIGN_PX, _SIGN_PX)
            sign.moveCenter(box.center())
            brush.sign("error", tokens.danger, sign)

    def _badges(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        """Signs over the picture, from its right corner on, for what a reader has to know."""
        tokens = brush.tokens
        signs = [("help", tokens.warning)] if images.unlike(image) else []
        signs += [("warning", tokens.warning)] if images.notices(image) else []
        if any(flag in SEVERE for flag in images.quality_flags(image)):
            signs.append(("eye-off", tokens.text))
        edge = _SIGN_PX + 2 * _SIGN_PAD
        badge = QRect(box.right() - edge - 1, box.top() + 3, edge, edge)
        for name, colour in signs:
            brush.painter.setPen(Qt.PenStyle.NoPen)
            brush.painter.setBrush(QColor(tokens.raised))
            brush.painter.drawRoundedRect(badge, PICTURE_RADIUS, PICTURE_RADIUS)
            brush.sign(name, colour, badge.adjusted(_SIGN_PAD, _SIGN_PAD, 0, 0))
            badge.translate(-edge - _SIGN_PAD, 0)

    def _verdict(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        tokens = brush.tokens
        top = images.top(image)
        if images.state(image) is ImageState.FAILED:
            reason = images.reason(image) if self.layout is Layout.LIST else "cannot be read"
            brush.text(box, reason, tokens.danger, end=True)
            return
        if top is None:
            bar = QRect(box.left(), box.center().y() - 3, box.width() // 2, 7)
            brush.painter.setPen(Qt.PenStyle.NoPen)
            brush.painter.setBrush(QColor(tokens.line))
            brush.painter.drawRoundedRect(bar, 3, 3)
            return
        diagnosis = top[0]
        own = against_model(images.reader.get(image), images, image)
        if own:
            self._disagreement(brush, box, own, diagnosis.code, self._colour(images, own))
            return
        dot = QRectF(box.left(), box.center().y() - _DOT_PX / 2 + 0.5, _DOT_PX, _DOT_PX)
        brush.painter.setPen(Qt.PenStyle.NoPen)
        brush.painter.setBrush(QColor(self._colour(images, diagnosis.code)))
        brush.painter.drawEllipse(dot)
        words = box.adjusted(_DOT_PX + 6, 0, 0, 0)
        words.setRight(self._figure(brush, words, images, image) - GRID)
        code = diagnosis.code if self.layout is Layout.GRID else diagnosis.name
        marked = not self._by_malignant and images.suspicious(image)
        words.adjust(0, 0, -_SIGN_PX - 2 if marked else 0, 0)
        tone = tokens.quiet if images.unlike(image) else tokens.text
        left = words.left() + brush.text(words, code, tone, strong=True, end=True) + GRID
        if marked:
            brush.sign("malignant", tokens.danger, _sign_box(left, box))
            left += _SIGN_PX + 2
            words.adjust(0, 0, _SIGN_PX + 2, 0)
        self._others(
            brush, QRect(left, box.top(), words.right() - left, box.height()), images, image
        )

    def _disagreement(self, brush: _Brush, box: QRect, own: str, model: str, colour: str) -> None:
        """Write two diagnoses: the reader's, and quietly the model's."""
        dot = QRectF(box.left(), box.center().y() - _DOT_PX / 2 + 0.5, _DOT_PX, _DOT_PX)
        brush.painter.setPen(Qt.PenStyle.NoPen)
        brush.painter.setBrush(QColor(colour))
        brush.painter.drawEllipse(dot)
        words = box.adjusted(_DOT_PX + 6, 0, 0, 0)
        used = brush.text(words, own, brush.tokens.text, strong=True, end=True)
        rest = words.adjusted(used + GRID, 0, 0, 0)
        brush.text(rest, f"not {model}", brush.tokens.quiet, end=True)

    def _others(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> None:
        """Say how many further diagnoses cannot be ruled out, where there is room for it."""
        widest = widest_set(images.doubt(image))
        others = len(widest[1]) - 1 if widest is not None else 0
        words = f"+{others}"
        if others and box.width() >= brush.width_of(words):
            brush.text(box, words, brush.tokens.quiet)

    def _figure(self, brush: _Brush, box: QRect, images: ReviewImages, image: int) -> int:
        """Write at the right what the list is sorted by. Returns where it begins.

        That is the probability of the diagnosis, or, with its sign, the malignant probability.
        """
        top, malignant = images.top(image), images.malignant(image)
        marked = self._by_malignant and malignant is not None
        share = malignant if marked else top and top[1]
        colour = brush.tokens.quiet if images.unlike(image) else brush.tokens.text
        used = brush.text(box, f"{100 * (share or 0.0):.0f} %", colour, right=True)
        left = box.right() + 1 - used
        if marked:
            left -= _SIGN_PX + 2
            tone = brush.tokens.danger if images.suspicious(image) else brush.tokens.quiet
            brush.sign("malignant", tone, _sign_box(left, box))
        return left

    def _colour(self, images: ReviewImages, code: str) -> str:
        codes = tuple(d.code for d in images.diagnoses)
        if codes != self._codes:
            self._codes, self._colours = codes, diagnosis_colours(codes)
        # A reader may have decided for a diagnosis that another model knows.
        return self._colours.get(code, current_tokens().quiet)


def _sign_box(left: int, line: QRect) -> QRect:
    return QRect(left, line.center().y() - _SIGN_PX // 2 + 1, _SIGN_PX, _SIGN_PX)
