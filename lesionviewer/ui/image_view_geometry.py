"""Where a picture lies in its view: arithmetic on device pixels, without widgets."""

from dataclasses import dataclass, replace

MAX_ZOOM = 32.0
"""Device pixels to one pixel of the picture."""
MAX_FIT = 8.0
"""A small picture is enlarged this far to fill the view."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What has to fit into what.

    Attributes:
        picture_w: Width of the upright picture in its own pixels.
        picture_h: Height of the upright picture in its own pixels.
        view_w: Width of the view in device pixels.
        view_h: Height of the view in device pixels.
        margin: Free space around a picture that is fitted, in device pixels.
    """

    picture_w: int
    picture_h: int
    view_w: float
    view_h: float
    margin: float = 0.0

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows the whole picture as large as possible."""
        room_w = max(1.0, self.view_w - 2 * self.margin)
        room_h = max(1.0, self.view_h - 2 * self.margin)
        return min(room_w / self.picture_w, room_h / self.picture_h, MAX_FIT)

    @property
    def min_zoom(self) -> float:
        """The smallest zoom that makes sense: the whole picture, or 1:1 of a small one."""
        return min(self.fit_zoom, 1.0)


@dataclass(frozen=True, slots=True)
class Viewport:
    """A zoom and where the picture's upper left corner lies, in device pixels.

    Attributes:
        zoom: Device pixels to one pixel of the picture.
        x: From the view's left edge to the picture's.
        y: From the view's upper edge to the picture's.
    """

    zoom: float
    x: float
    y: float

    @property
    def origin(self) -> tuple[int, int]:
        """The picture's corner on whole device pixels, so that 1:1 is crisp."""
        return round(self.x), round(self.y)

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """Return what part of the picture shows at a device pixel of the view."""
        left, top = self.origin
        return (x - left) / self.zoom, (y - top) / self.zoom

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """Return the device pixel of the view where a part of the picture shows."""
        left, top = self.origin
        return left + x * self.zoom, top + y * self.zoom

    def moved(self, dx: float, dy: float) -> "Viewport":
        """Return this viewport with the picture shifted by device pixels."""
        return replace(self, x=self.x + dx, y=self.y + dy)


def fitted(frame: Frame, zoom: float | None = None) -> Viewport:
    """Return the viewport that shows the picture in the middle, whole unless `zoom` is given."""
    zoom = frame.fit_zoom if zoom is None else zoom
    x = (frame.view_w - frame.picture_w * zoom) / 2
    y = (frame.view_h - frame.picture_h * zoom) / 2
    return Viewport(zoom, x, y)


def zoomed(viewport: Viewport, frame: Frame, zoom: float, at: tuple[float, float]) -> Viewport:
    """Return a viewport of another zoom in which `at` still shows the same part of the picture.

    Args:
        viewport: The present one.
        frame: The sizes.
        zoom: The wished zoom, cut to what makes sense.
        at: Device pixel of the view that stays, such as the pointer's.
    """
    zoom = min(max(zoom, frame.min_zoom), max(MAX_ZOOM, frame.fit_zoom))
    ratio = zoom / viewport.zoom
    x = at[0] - (at[0] - viewport.x) * ratio
    y = at[1] - (at[1] - viewport.y) * ratio
    return kept_in_view(Viewport(zoom, x, y), frame)


def kept_in_view(viewport: Viewport, frame: Frame) -> Viewport:
    """Return the viewport nearest to this one that does not lose the picture.

    A picture no larger than fitted stays in the middle; a larger one covers the view's middle.
    """
    if viewport.zoom <= frame.fit_zoom * 1.0001:
        return fitted(frame, viewport.zoom)
    width, height = frame.picture_w * viewport.zoom, frame.picture_h * viewport.zoom
    x = min(max(viewport.x, frame.view_w / 2 - width), frame.view_w / 2)
    y = min(max(viewport.y, frame.view_h / 2 - height), frame.view_h / 2)
    return replace(viewport, x=x, y=y)


def between(start: Viewport, end: Viewport, share: float) -> Viewport:
    """Return the viewport on the way from `start` to `end`; what stays fixed at the end stays so.

    Args:
        start: Viewport at share 0.0.
        end: Viewport at share 1.0.
        share: Of the way in steps of equal ratio, 0.0 to 1.0.
    """
    if start.zoom == end.zoom:
        part = share
    else:
        zoom = start.zoom * (end.zoom / start.zoom) ** share
        part = (zoom - start.zoom) / (end.zoom - start.zoom)
    return Viewport(
        start.zoom + (end.zoom - start.zoom) * part,
        start.x + (end.x - start.x) * part,
        start.y + (end.y - start.y) * part,
    )
