"""The list itself: a contact sheet or a column, which tells what is in sight.

All cells are of one size, so every place is computed and none is stored: 100,000 images lay out as
fast as ten, which Qt's own list view does not do.
"""

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from lesionviewer.ui.image_list_delegate import (
    ROW_PX,
    TILE_PX,
    ImageDelegate,
    Layout,
    picture_width,
)
from lesionviewer.ui.image_list_model import ImageListModel, Index
from lesionviewer.ui.image_list_selecting import Selecting
from lesionviewer.ui.image_selection import ImageSelection
from lesionviewer.ui.theme import type_font
from lesionviewer.ui.thumbnails import ThumbnailCache
from lesionviewer.ui.tokens import BODY_PT, GRID

_SETTLE_MS = 40
_ASPECT = 3 / 4
_Action = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


class ImageListView(QAbstractItemView):
    """Shows the rows of an `ImageListModel`."""

    chosen = Signal(int)  # image that the reader went to
    confirmed = Signal()  # Enter
    sight_changed = Signal()  # other rows may be in sight

    def __init__(self, model: ImageListModel, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._delegate = ImageDelegate(thumbnails)
        self._columns = 1
        self._cell = QSize(TILE_PX, TILE_PX)
        self._tile_px = TILE_PX
        self._following = False
        self._hovered = -1
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.sight_changed)
        self._model = model
        self.selection = ImageSelection(model, self)
        self.selection.changed.connect(self.viewport().update)
        self.selecting = Selecting(self, model, self.selection)
        self.setModel(model)
        for signal in (model.rowsInserted, model.modelReset):
            signal.connect(self._on_rows_changed)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Images")
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    @property
    def layout_kind(self) -> Layout:
        """Whether images are tiles or rows."""
        return self._delegate.layout

    def set_layout_kind(self, layout: Layout) -> None:
        """Show the images as tiles or as rows."""
        self._delegate.layout = layout
        self._fit_cells()
        self.scrollTo(self.currentIndex())

    def set_tile_px(self, width: int) -> None:
        """Show tiles of at least that width."""
        self._tile_px = width
        self._fit_cells()

    @property
    def picture_px(self) -> int:
        """Width of the picture in a tile or row, in logical pixels."""
        return picture_width(self._delegate.layout, self._cell)

    def follow(self, image: int) -> None:
        """Mark `image` as the open one and bring it into sight."""
        self._mark(image)
        self.scrollTo(self.currentIndex())

    def mark(self, image: int) -> None:
        """Mark `image` as the open one and leave the list where it stands."""
        place = self.verticalScrollBar().value()
        self._mark(image)
        self.verticalScrollBar().setValue(place)

    def rows_in_sight(self) -> range:
        """Return the rows that can be seen, whole or in part."""
        height, count = self._cell.height(), self._model.rowCount()
        top = self.verticalOffset()
        first = top // height * self._columns
        last = ((top + self.viewport().height() - 1) // height + 1) * self._columns
        return range(min(first, count), min(max(first, last), count))

    def _mark(self, image: int) -> None:
        self._following = True
        self.setCurrentIndex(self._model.index(self._model.row_of(image)))
        self._following = False

    def _fit_cells(self) -> None:
        width, columns = max(TILE_PX, self.viewport().width()), self._columns
        if self._delegate.layout is Layout.LIST:
            self._columns, self._cell = 1, QSize(width, ROW_PX)
        else:
            # Where large tiles make a sheet of one column, small ones it is.
            tile = self._tile_px if width >= 2 * self._tile_px else TILE_PX
            self._columns = max(1, width // tile)
            edge = width // self._columns
            text = 2 * QFontMetrics(type_font(BODY_PT)).height() + GRID
            self._cell = QSize(edge, round((edge - 4 * GRID) * _ASPECT) + 4 * GRID + text)
        self.updateGeometries()
        if self._columns != columns:
            self.scrollTo(self.currentIndex())
        self.viewport().update()

    def _on_rows_changed(self) -> None:
        self.updateGeometries()
        self.viewport().update()

    def _on_moved(self) -> None:
        if not self._settle.isActive():
            self._settle.start()

    def _hover(self, row: int) -> None:
        before, self._hovered = self._hovered, row
        for changed in {before, row} - {-1} if before != row else ():
            self.update(self._model.index(changed))

    # Qt overrides: where things are

    def visualRect(self, index: Index) -> QRect:  # noqa: N802 - Qt's name
        if not index.isValid():
            return QRect()
        line, column = divmod(index.row(), self._columns)
        corner = QPoint(
            column * self._cell.width(), line * self._cell.height() - self.verticalOffset()
        )
        return QRect(corner, self._cell)

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802 - Qt's name
        column = point.x() // self._cell.width()
        line = (point.y() + self.verticalOffset()) // self._cell.height()
        if not 0 <= column < self._columns or line < 0:
            return QModelIndex()
        return self._model.index(line * self._columns + column)

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:  # noqa: N802
        if not index.isValid():
            return
        rect, height = self.visualRect(index), self.viewport().height()
        bar, by = self.verticalScrollBar(), 0
        if hint is _Hint.PositionAtTop or (hint is _Hint.EnsureVisible and rect.top() < 0):
            by = rect.top()
        elif hint is _Hint.PositionAtBottom or (
            hint is _Hint.EnsureVisible and rect.bottom() >= height
        ):
            by = min(rect.bottom() - height + 1, rect.top())
        elif hint is _Hint.PositionAtCenter:
            by = rect.center().y() - height // 2
        bar.setValue(bar.value() + by)

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: _Action, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        count, row = self._model.rowCount(), self.currentIndex().row()
        page = max(1, self.viewport().height() // self._cell.height()) * self._columns
        steps = {
            _Action.MoveLeft: -1,
            _Action.MovePrevious: -1,
            _Action.MoveRight: 1,
            _Action.MoveNext: 1,
            _Action.MoveUp: -self._columns,
            _Action.MoveDown: self._columns,
            _Action.MovePageUp: -page,
            _Action.MovePageDown: page,
            _Action.MoveHome: -count,
            _Action.MoveEnd: count,
        }
        return self._model.index(min(max(row + steps[action], 0), count - 1))

    def horizontalOffset(self) -> int:  # noqa: N802 - Qt's name
        return 0

    def verticalOffset(self) -> int:  # noqa: N802 - Qt's name
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: N802 - Qt's name
        return False

    def setSelection(  # noqa: N802 - Qt's name
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        index = self.indexAt(rect.center())
        self.selectionModel().select(QItemSelection(index, index), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        region = QRegion()
        for index in selection.indexes():
            region += QRegion(self.visualRect(index))
        return region

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's name
        lines = -(-self._model.rowCount() // self._columns)
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, lines * self._cell.height() - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self._cell.height() // 4))
        super().updateGeometries()
        self._on_moved()

    # Qt overrides: what happens

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        chosen, plain = self.currentIndex().row(), option.state
        for row in self.rows_in_sight():
            index = self._model.index(row)
            option.rect = self.visualRect(index)
            if not event.region().intersects(option.rect):
                continue
            option.state = plain
            if row == chosen:
                option.state |= QStyle.StateFlag.State_Selected
            if self._model.image_at(row) in self.selection:
                option.state |= QStyle.StateFlag.State_On
            if row == self._hovered:
                option.state |= QStyle.StateFlag.State_MouseOver
            self._delegate.paint(painter, option, index)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        self.viewport().scroll(dx, dy)
        self._on_moved()

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 - Qt's name
        super().currentChanged(current, previous)
        self.update(previous)
        # Qt has no words for the rows of a view of its own kind; the marked one's stand for them.
        words = current.data(Qt.ItemDataRole.AccessibleTextRole) if current.isValid() else ""
        self.setAccessibleDescription(words or "")
        if current.isValid() and not self._following:
            self.selection.clear()
            self.chosen.emit(self._model.image_at(current.row()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_cells()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            # The window's "next image", not "select".
            event.ignore()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are the window's keys."""

    def minimumSizeHint(self) -> QSize:
        return QSize(TILE_PX + 5 * GRID, TILE_PX)

    def viewportSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QWidget.sizeHint(self)
