"""What data sets say of images, by file name: kept with the session, apart from decisions."""

import json
import sqlite3
from collections.abc import Mapping

from lesionviewer.core.store.canonical import canonical, plain_text

Fields = Mapping[str, str]


def keep_metadata(connection: sqlite3.Connection, session: int, rows: Mapping[str, Fields]) -> None:
    """Keep the fields of images; those of an image that had some are replaced.

    Args:
        connection: In a transaction.
        session: Its row in the table of sessions.
        rows: By `core.metadata.image_key`.
    """
    connection.executemany(
        "INSERT OR REPLACE INTO metadata (session, image, fields) VALUES (?, ?, ?)",
        ((session, plain_text(image), canonical(dict(fields))) for image, fields in rows.items()),
    )


def read_metadata(connection: sqlite3.Connection, session: int) -> dict[str, dict[str, str]]:
    """Return the fields of all images that have some, by `core.metadata.image_key`."""
    found = connection.execute("SELECT image, fields FROM metadata WHERE session = ?", (session,))
    return {image: json.loads(fields) for image, fields in found}
