"""What time it is, for everything that is dated."""

from collections.abc import Callable
from datetime import UTC, datetime

from lesionviewer.core.store.canonical import utc_text

Clock = Callable[[], str]
"""Gives the time in UTC as `canonical.utc_text` writes it."""


def system_clock() -> str:
    """Return the time of this machine."""
    return utc_text(datetime.now(UTC))
