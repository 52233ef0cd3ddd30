"""From any older form of the file of sessions to today's, each step whole or not at all."""

import sqlite3
from collections.abc import Callable, Sequence

from lesionviewer.core.store.schema import APPLICATION_ID, VERSION_1, VERSION_2

Migration = Callable[[sqlite3.Connection], None]


def _to_version_1(connection: sqlite3.Connection) -> None:
    for statement in VERSION_1:
        connection.execute(statement)


def _to_version_2(connection: sqlite3.Connection) -> None:
    for statement in VERSION_2:
        connection.execute(statement)


MIGRATIONS: tuple[Migration, ...] = (_to_version_1, _to_version_2)
"""The step at place n leads from version n to n + 1. Steps are appended and never changed."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 in an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the tables to the newest version. A step that fails leaves the one before it.

    Args:
        connection: In autocommit mode; its version is not newer than `migrations`.
        migrations: All steps from version 0 on.

    Raises:
        sqlite3.Error: A step failed.
    """
    for number in range(version_of(connection), len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            migrations[number](connection)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
