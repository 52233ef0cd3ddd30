"""`lesionviewer sessions`: what was opened before, and how far its readers are."""

import json
from collections.abc import Sequence

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.store.session_rows import SessionInfo
from lesionviewer.core.store.store import SessionStore

_UID_DIGITS = 8


def main(arguments: Sequence[str]) -> int:
    """List the sessions, the one opened last first. Returns 0, or 2 if they cannot be read."""
    try:
        words = _parser().parse_args(arguments)
        sessions = _sessions()
    except (UsageError, LesionViewerError) as error:
        return fail("sessions", error)
    if words.json:
        print(json.dumps([_as_json(info) for info in sessions], indent=1))
    else:
        print("\n".join(map(_as_text, sessions)) or "There are no sessions yet.")
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="lesionviewer sessions",
        description="List the sessions, the one opened last first.",
        epilog="Exit status: 0 listed, 2 the sessions cannot be read.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _sessions() -> tuple[SessionInfo, ...]:
    store = SessionStore.look_into()
    if store is None:
        return ()
    with store:
        return store.sessions()


def _as_json(info: SessionInfo) -> dict[str, object]:
    return {
        "session": info.uid,
        "name": info.name,
        "roots": list(info.roots),
        "created_utc": info.created_utc,
        "opened_utc": info.opened_utc,
        "reader": info.reader,
        "images": info.images,
        "decided": info.decided,
    }


def _as_text(info: SessionInfo) -> str:
    opened = info.opened_utc[:16].replace("T", " ")
    done = f"{info.decided} of {info.images} decided"
    line = "  ".join((info.uid[:_UID_DIGITS], f"{opened} UTC", done, info.reader, *info.roots))
    # A file name may hold bytes that are no text.
    return line.encode("utf-8", "backslashreplace").decode("utf-8")
