"""`lesionviewer audit verify`: whether the decisions of a session are as they were written."""

from collections.abc import Sequence

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.core.errors import LesionViewerError, StoreError
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.store.verify import AuditReport

WHOLE, ALTERED = 0, 1


def main(arguments: Sequence[str]) -> int:
    """Check a session. Returns 0 if it is whole, 1 if altered, 2 if it cannot be checked."""
    try:
        words = _parser().parse_args(arguments)
        report = _verify(words.session)
    except (UsageError, LesionViewerError) as error:
        return fail("audit", error)
    if report.altered is None:
        print(f"whole: session {report.uid}, {report.rows} rows, last hash {report.head or 'none'}")
        return WHOLE
    print(f"altered: session {report.uid}, row {report.altered.row}: {report.altered.why}")
    return ALTERED


def _parser() -> Parser:
    parser = Parser(
        prog="lesionviewer audit",
        description="Check that no row of a session's audit was changed, taken out or put in, and "
        "that the decisions are those that the rows lead to.",
        epilog="Exit status: 0 whole, 1 altered, 2 it cannot be checked.",
    )
    parser.add_argument("action", choices=["verify"], help="what to do")
    parser.add_argument(
        "session",
        metavar="SESSION",
        help="as `lesionviewer sessions` names it, or the folder that was opened",
    )
    return parser


def _verify(word: str) -> AuditReport:
    store = SessionStore.look_into()
    if store is None:
        raise StoreError("There are no sessions yet.")
    with store:
        return store.verify(store.find(word).row)
