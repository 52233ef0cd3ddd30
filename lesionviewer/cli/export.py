"""`lesionviewer export`: what model and reader say of images, for other people and programs."""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.cli.export_subject import MARKS, Subject, has_mark, subject_of
from lesionviewer.cli.progress import Progress
from lesionviewer.cli.stopping import stoppable
from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.export.contents import Contents
from lesionviewer.core.export.dicom_sr import check_highdicom, write_dicom_sr
from lesionviewer.core.export.document import write_document
from lesionviewer.core.export.folders import write_folders
from lesionviewer.core.export.isic2018 import write_isic2018
from lesionviewer.core.export.pixels import PixelSource, pixels_from
from lesionviewer.core.export.table import write_table
from lesionviewer.core.files import FoundImage
from lesionviewer.core.intended_use import FULL
from lesionviewer.core.store.cache import Cache
from lesionviewer.core.store.canonical import utc_text
from lesionviewer.engine.gathering import file_digest, gather
from lesionviewer.engine.report.report import write_report
from lesionviewer.engine.selection import ENGINES, choose_engine

ALL_EXPORTED, SOME_FAILED = 0, 1
FORMATS = ("csv", "json", "isic2018", "pdf", "folders", "dicom-sr")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    subject: str
    format: str
    out: Path
    bundle: Path
    engine: str
    reader: str
    only: tuple[str, ...]
    links: bool
    patient_data: bool


def main(arguments: Sequence[str]) -> int:
    """Export what `arguments` name. Returns the exit status."""

    def work() -> int:
        try:
            return _export(_parse(arguments))
        except (UsageError, LesionViewerError) as error:
            return fail("export", error)

    return stoppable("export", work)


def _parse(arguments: Sequence[str]) -> _Wish:
    parser = Parser(
        prog="lesionviewer export",
        description="Export predictions and decisions. What is known is not predicted again.",
        epilog=f"{FULL} Exit status: 0 all exported, 1 some images could not be read, 2 nothing "
        "done.",
    )
    parser.add_argument("subject", metavar="FOLDER_OR_SESSION", help="a folder, or a session")
    parser.add_argument("--format", required=True, choices=FORMATS)
    parser.add_argument("--out", required=True, type=Path, metavar="PATH", help="file or folder")
    parser.add_argument("--reader", default="", help="whose decisions; default: who read last")
    parser.add_argument("--only", default="", metavar="MARK,…", help=f"of {', '.join(MARKS)}")
    parser.add_argument("--links", action="store_true", help="folders: links instead of copies")
    parser.add_argument(
        "--with-patient-data", action="store_true", help="lesions and all that metadata say, too"
    )
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="default: the shipped model")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="default: auto")
    words = parser.parse_args(arguments)
    only = tuple(filter(None, words.only.split(",")))
    if unknown := [mark for mark in only if mark not in MARKS]:
        parser.error(f"--only names {unknown[0]}; expected one of {', '.join(MARKS)}")
    if words.links and words.format != "folders":
        parser.error("--links goes with --format folders")
    return _Wish(
        subject=words.subject,
        format=words.format,
        out=words.out,
        bundle=words.bundle or default_bundle_dir(),
        engine=words.engine,
        reader=words.reader,
        only=only,
        links=words.links,
        patient_data=words.with_patient_data,
    )


def _export(wish: _Wish) -> int:
    if wish.format == "dicom-sr":
        check_highdicom()
    subject = subject_of(wish.subject, reader=wish.reader)
    named = _chosen(subject, wish.only)
    _check_out(wish.out, named)
    with DecodePool() as pool:
        pool.warm_up()
        contents = _contents(wish, subject, named, pool)
        if not wish.patient_data:
            contents = contents.without_patient_data()
        lost = _write(wish, contents, pixels_from(pool.submit))
    unread = {image.name for image in contents.images if image.error} | set(lost)
    if unread:
        print(f"lesionviewer export: {len(unread)} images could not be read", file=sys.stderr)
    return SOME_FAILED if unread else ALL_EXPORTED


def _chosen(subject: Subject, only: Sequence[str]) -> list[tuple[str, FoundImage]]:
    named = subject.images()
    if not only:
        return named
    held = subject.decisions
    chosen = [
        (name, image) for name, image in named if has_mark(held.get(file_digest(image.path)), only)
    ]
    if not chosen:
        raise UsageError(f"no image is {' or '.join(only)}")
    return chosen


def _check_out(out: Path, named: Sequence[tuple[str, FoundImage]]) -> None:
    if out.is_file() and any(
        image.path.exists() and out.samefile(image.path) for _, image in named
    ):
        raise UsageError(f"--out {out} would overwrite an image that is to be exported")


def _contents(
    wish: _Wish, subject: Subject, named: Sequence[tuple[str, FoundImage]], pool: DecodePool
) -> Contents:
    bundle = open_bundle(wish.bundle)
    progress = Progress(len(named))
    with ExitStack() as stack:
        stack.callback(progress.close)
        cache = stack.enter_context(closing(Cache()))
        classifier = stack.enter_context(closing(choose_engine(bundle, wish.engine).classifier))
        images = []
        found = (image for _, image in named)
        known = gather(found, pool, classifier, bundle=bundle.digest, cache=cache)
        for (name, _), item in zip(named, known, strict=True):
            images.append(subject.exported(name, item))
            progress.advance()
        return Contents(
            images=tuple(images),
            card=bundle.card,
            bundle=bundle.digest,
            engine=classifier.engine,
            session=subject.uid,
            reader=subject.reader,
            made_utc=utc_text(datetime.now(UTC)),
            patient_data=True,
        )


def _write(wish: _Wish, contents: Contents, pixels: PixelSource) -> tuple[str, ...]:
    """Write the export. Returns names of images whose pictures could not be read."""
    tables: dict[str, Callable[[Contents, Path], None]] = {
        "csv": write_table,
        "json": write_document,
        "isic2018": write_isic2018,
    }
    if wish.format in tables:
        tables[wish.format](contents, wish.out)
        return ()
    if wish.format == "pdf":
        progress = Progress(len(contents.images))
        try:
            return write_report(contents, wish.out, pixels, on_page=lambda _: progress.advance())
        finally:
            progress.close()
    if wish.format == "dicom-sr":
        return write_dicom_sr(contents, wish.out, pixels)
    return write_folders(contents, wish.out, pixels, links=wish.links)
