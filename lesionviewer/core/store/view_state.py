"""How a session was looked at last: restored when it is opened again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from lesionviewer.core.store.canonical import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """What the window shows of a session.

    Attributes:
        image: Path of the open image; empty for none.
        position: Its place in the list as it was sorted and filtered, from 0.
        sort: Name of the order; empty for the window's own.
        filters: What the list is filtered by, as JSON has it.
        operating_point: Malignant probability from which on an image counts as malignant, 0.0 to
            1.0; None for the window's own.
        reader_first: Whether the model stays hidden until the reader has committed.
        more: Whatever else the window wants back, as JSON has it.
    """

    image: str = ""
    position: int = 0
    sort: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    operating_point: float | None = None
    reader_first: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_text(self) -> str:
        """Return JSON.

        Raises:
            TypeError: `filters` or `more` hold what JSON does not have.
            ValueError: They hold a number that is not finite.
        """
        return canonical(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what `as_text` gave; what a newer program added is left out."""
        try:
            values = json.loads(text)
        except ValueError:  # not worth a closed session
            return cls()
        return cls(**{item.name: values[item.name] for item in fields(cls) if item.name in values})
