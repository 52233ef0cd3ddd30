"""`lesionviewer classify`: a folder of images in, a CSV and maps out, without a window."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.cli.details import Columns, detail_columns, detail_row, details_of
from lesionviewer.cli.further_details import Further, FurtherWish
from lesionviewer.cli.maps import check_targets, with_maps
from lesionviewer.cli.progress import Progress
from lesionviewer.cli.rows import STATUS_COLUMN, columns, row
from lesionviewer.cli.stopping import stoppable
from lesionviewer.core.assets import default_bundle_dir
from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.csvfile import CsvFile
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import LesionViewerError
from lesionviewer.core.files import FoundImage, find_images, sorted_images
from lesionviewer.core.intended_use import FULL
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.doubt.doubts import Doubts, read_doubts
from lesionviewer.engine.pipeline import Outcome, classify_files
from lesionviewer.engine.selection import ENGINES, Chosen, choose_engine

ALL_CLASSIFIED, SOME_FAILED = 0, 1
_LARGEST_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    paths: list[str]
    out: Path
    details: Path | None
    bundle: Path | None
    engine: str
    maps: Path | None
    further: FurtherWish
    recursive: bool
    batch_size: int | None


def main(arguments: Sequence[str]) -> int:
    """Classify what `arguments` name. Returns the exit status."""

    def work() -> int:
        try:
            return _classify(_parse(arguments))
        except (UsageError, LesionViewerError) as error:
            return fail("classify", error)

    return stoppable("classify", work, left="no CSV was written")


def _parse(arguments: Sequence[str]) -> _Wish:
    parser = Parser(
        prog="lesionviewer classify",
        description="Classify images and write one CSV row for each.",
        epilog=f"{FULL} Exit status: 0 all classified, 1 some could not be read, 2 nothing done.",
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image file or folder")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.csv", help="CSV to write")
    parser.add_argument(
        "--details",
        type=Path,
        metavar="FILE.csv",
        help="a second CSV: uncertainty, conformal sets, whether the image is unlike the training "
        "images, similar cases, picture quality",
    )
    parser.add_argument(
        "--faithfulness",
        action="store_true",
        help="also test each image's map, in --details (38 further passes an image)",
    )
    parser.add_argument(
        "--spread",
        action="store_true",
        help="also flip and turn each image, in --details (8 further passes an image)",
    )
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="default: the shipped model")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="default: auto")
    parser.add_argument(
        "--maps",
        type=Path,
        metavar="DIR",
        help="write an overlay (.png) and the Grad-CAM maps of all diagnoses (.npy, float32, "
        "diagnosis × row × column, not scaled) of each image",
    )
    parser.add_argument("--no-recursive", action="store_true", help="leave sub-folders out")
    parser.add_argument("--batch-size", type=int, metavar="N", help="images in one forward pass")
    words = parser.parse_args(arguments)
    if words.batch_size is not None and not 1 <= words.batch_size <= _LARGEST_BATCH:
        parser.error(f"--batch-size is {words.batch_size}; expected 1 to {_LARGEST_BATCH}")
    for name, file in (("--out", words.out), ("--details", words.details)):
        if file is not None and any(_same_file(file, Path(path)) for path in words.paths):
            parser.error(f"{name} {file} would overwrite an image that is to be classified")
    if words.details is not None and words.details.absolute() == words.out.absolute():
        parser.error(f"--out and --details both name {words.out}; give each a file of its own")
    if words.details is None and (words.faithfulness or words.spread):
        parser.error("--faithfulness and --spread write into the file of --details; name one")
    return _Wish(
        paths=words.paths,
        out=words.out,
        details=words.details,
        bundle=words.bundle,
        engine=words.engine,
        maps=words.maps,
        further=FurtherWish(faithfulness=words.faithfulness, spread=words.spread),
        recursive=not words.no_recursive,
        batch_size=words.batch_size,
    )


def _same_file(first: Path, second: Path) -> bool:
    try:
        return first.is_file() and second.is_file() and first.samefile(second)
    except OSError:
        return False


def _classify(wish: _Wish) -> int:
    skipped: list[Path] = []
    found, total = _find(wish, skipped)
    bundle = open_bundle(wish.bundle or default_bundle_dir())
    if wish.maps is not None:
        check_targets(found := list(found), wish.maps)
    # The decode processes start while OpenVINO is imported and the graph compiled.
    with ExitStack() as stack:
        file, details = _files(wish, bundle, stack)
        pool = stack.enter_context(DecodePool())
        pool.warm_up()
        chosen = choose_engine(bundle, wish.engine, batch_size=wish.batch_size)
        with closing(chosen.classifier):
            failed = _work(wish, found, total, chosen, pool, file, details)
    for folder in skipped:
        print(f"lesionviewer classify: the folder {folder} cannot be listed", file=sys.stderr)
    return SOME_FAILED if failed or skipped else ALL_CLASSIFIED


@dataclass(frozen=True, slots=True)
class _Details:
    """The second file, and what its rows are made with."""

    file: CsvFile
    doubts: Doubts
    columns: Columns
    wish: FurtherWish

    def write(self, outcome: Outcome, classifier: Classifier, error: str) -> None:
        """Add the row of `outcome`."""
        further = Further() if error else self.wish.find_out(outcome, classifier)
        cells = detail_row(
            outcome,
            classifier.card,
            self.doubts,
            further=further,
            error=error,
            details=self.columns,
        )
        self.file.write(cells)


def _files(wish: _Wish, bundle: ModelBundle, stack: ExitStack) -> tuple[CsvFile, _Details | None]:
    """Begin the CSV and the second one, if that is asked for."""
    doubts = read_doubts(bundle) if wish.details is not None else None
    file = stack.enter_context(CsvFile(wish.out, columns(bundle.card.codes)))
    if wish.details is None or doubts is None:
        return file, None
    names = details_of(bundle.card.codes, wish.further)
    second = stack.enter_context(CsvFile(wish.details, detail_columns(names)))
    return file, _Details(second, doubts, names, wish.further)


def _find(wish: _Wish, skipped: list[Path]) -> tuple[Iterable[FoundImage], int | None]:
    """Return the images, and how many there are unless counting them would only cost time."""
    if len(wish.paths) > 1 or wish.maps is not None:
        images = sorted_images(wish.paths, recursive=wish.recursive, on_skipped=skipped.append)
        found, total = iter(images), len(images)
    else:
        # One folder is found in order as it is walked, so that any number of images fits.
        if sys.stderr.isatty():
            total = sum(1 for _ in find_images(wish.paths, recursive=wish.recursive))
        else:
            total = None
        found = find_images(wish.paths, recursive=wish.recursive, on_skipped=skipped.append)
    first = next(found, None)
    if first is None:
        raise UsageError(f"no image found in {', '.join(wish.paths)}")
    return itertools.chain([first], found), total


def _work(
    wish: _Wish,
    found: Iterable[FoundImage],
    total: int | None,
    chosen: Chosen,
    pool: DecodePool,
    file: CsvFile,
    details: _Details | None,
) -> int:
    """Write a row for each image. Returns how many could not be read."""
    classifier, failed = chosen.classifier, 0
    doubts = details.doubts if details else None
    progress = Progress(total)
    for line in (f"{classifier.name} · {classifier.card.id}", *chosen.reasons):
        progress.say(line)
    try:
        with closing(classify_files(found, pool, classifier, doubts=doubts)) as outcomes:
            for outcome, error in _with_errors(outcomes, pool, wish.maps):
                cells = row(outcome, classifier.card, classifier.engine, error=error)
                file.write(cells)
                if details is not None:
                    details.write(outcome, classifier, error)
                failed += cells[STATUS_COLUMN] != "ok"
                progress.advance()
    finally:
        progress.close()
    return failed


def _with_errors(
    outcomes: Iterable[Outcome], pool: DecodePool, maps: Path | None
) -> Iterator[tuple[Outcome, str]]:
    if maps is None:
        return ((outcome, "") for outcome in outcomes)
    return with_maps(outcomes, pool, maps)
