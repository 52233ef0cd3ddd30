"""How a session is looked at: as the store keeps it, and as the window shows it."""

from typing import Any

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.store.view_state import ViewState
from lesionviewer.ui.review_page import ReviewPage


def view_of(page: ReviewPage) -> ViewState:
    """Return how `page` shows its images now."""
    images, image, wanted = page.service.images, page.open_image.image, page.list.model.wanted
    return ViewState(
        image=str(images.path(image).absolute()) if image >= 0 else "",
        position=max(0, page.list.position()[0] - 1),
        sort=wanted.key.name,
        filters={
            "show": wanted.show.name,
            "text": wanted.text,
            "flag": wanted.flag,
            "diagnosis": wanted.diagnosis,
        },
        operating_point=images.threshold,
    )


def arrangement_of(view: ViewState, *, sort: str) -> Arrangement:
    """Return order and filter of a view; what is not understood counts as not chosen.

    Args:
        view: As the store kept it.
        sort: Name of the order where the view has none.
    """
    filters = view.filters if isinstance(view.filters, dict) else {}
    keys, shows = SortKey.__members__, Show.__members__
    show = shows.get(_word(filters.get("show")), Show.ALL)
    flag = _word(filters.get("flag"))
    return Arrangement(
        keys.get(_word(view.sort)) or keys.get(sort, SortKey.NAME),
        Show.ALL if show is Show.QUALITY and not flag else show,
        _word(filters.get("text")),
        flag if show is Show.QUALITY else "",
        _word(filters.get("diagnosis")),
    )


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
