"""`lesionviewer import-metadata`: what a data set says of images, kept with their session."""

from collections.abc import Sequence
from pathlib import Path

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.cli.words import shown
from lesionviewer.core.errors import LesionViewerError, StoreError
from lesionviewer.core.files import find_images
from lesionviewer.core.metadata import LESION, MetadataTable, image_key, read_metadata
from lesionviewer.core.store.session import Session
from lesionviewer.core.store.store import SessionStore

ALL_KNOWN, SOME_UNKNOWN = 0, 1
_AT_ONCE = 1000


def main(arguments: Sequence[str]) -> int:
    """Import a table. Returns 0 if it tells of every image, 1 of some, 2 if nothing was done."""
    try:
        words = _parser().parse_args(arguments)
        table = read_metadata(words.csv)
        with SessionStore.open() as store:
            return _import(table, _session(store, words.session), words.csv)
    except (UsageError, LesionViewerError) as error:
        return fail("import-metadata", error)


def _parser() -> Parser:
    parser = Parser(
        prog="lesionviewer import-metadata",
        description="Keep what a CSV of HAM10000 or the ISIC archive says of a session's images, "
        "by file name. Images of one lesion are grouped.",
        epilog="Exit status: 0 every image is in the table, 1 some are not, 2 nothing was done.",
    )
    parser.add_argument("csv", type=Path, metavar="CSV", help="table with image_id or isic_id")
    parser.add_argument(
        "--session",
        required=True,
        metavar="SESSION",
        help="as `lesionviewer sessions` names it, or a folder of images",
    )
    return parser


def _session(store: SessionStore, word: str) -> Session:
    """Return the session that is meant, with its images listed; a folder may begin one.

    Raises:
        StoreError: No session is meant, or it has no images.
    """
    try:
        session = store.session(store.find(word).row)
    except StoreError:
        if not Path(word).exists():
            raise
        if next(find_images([word]), None) is None:
            raise StoreError(f"No image found in {word}.") from None
        session = store.session_for([word])
    if all(Path(root).exists() for root in session.info.roots):
        session.begin_scan()
        paths = [image.path for image in find_images(session.info.roots)]
        for start in range(0, len(paths), _AT_ONCE):
            session.add_images(paths[start : start + _AT_ONCE], start=start)
    return session


def _import(table: MetadataTable, session: Session, source: Path) -> int:
    paths = [image.path for image in session.images()]
    if not paths:
        raise StoreError("The session has no images. Open its folder again first.")
    known = {path: table.rows[key] for path in paths if (key := image_key(path)) in table.rows}
    if not known:
        raise StoreError(
            f"{source.name} names none of the session's {len(paths)} images: names must be the "
            "same but for folder, case and suffix. Nothing was changed."
        )
    lesions: dict[str, list[Path]] = {}
    for path, fields in known.items():
        if LESION in fields:
            lesions.setdefault(fields[LESION], []).append(path)
    session.keep_metadata({image_key(path): fields for path, fields in known.items()}, lesions)
    grouped = sum(len(files) > 1 for files in lesions.values())
    print(
        f"{len(known)} of {len(paths)} images found in {shown(source.name)}; "
        f"{len(lesions)} lesions, {grouped} of them with several images"
    )
    if table.repeated:
        print(f"{table.repeated} rows tell of an image once more; the later row counts")
    return ALL_KNOWN if len(known) == len(paths) else SOME_UNKNOWN
