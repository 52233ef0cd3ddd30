"""`lesionviewer replay`: whether an export's predictions come out the same here."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.cli.progress import Progress
from lesionviewer.cli.stopping import stoppable
from lesionviewer.cli.words import shown
from lesionviewer.core.assets import bundles_dir, default_bundle_dir
from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import BundleError, LesionViewerError, StoreError
from lesionviewer.core.export.document import Recorded, read_document
from lesionviewer.core.intended_use import FULL
from lesionviewer.engine.replay import Replayed, Tolerance, replay, tolerance_for, unknown_codes
from lesionviewer.engine.selection import ENGINES, choose_engine

SAME, DIFFERS, CANNOT_RUN = 0, 1, 2
_MOST_LINES = 20


def main(arguments: Sequence[str]) -> int:
    """Replay an export. Returns 0 if all is the same, 1 if not, 2 if that cannot be told."""

    def work() -> int:
        try:
            words = _parser().parse_args(arguments)
            return _replay(read_document(words.file), words.bundle, words.engine)
        except (UsageError, LesionViewerError) as error:
            return fail("replay", error)

    return stoppable("replay", work)


def _parser() -> Parser:
    parser = Parser(
        prog="lesionviewer replay",
        description="Predict the images of a JSON export again and compare.",
        epilog=f"{FULL} Exit status: 0 same, 1 differs, 2 cannot run.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.json", help="of export --format json")
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="default: the one of the export")
    parser.add_argument(
        "--engine", choices=ENGINES, help="default: the one of the export, else the fastest"
    )
    return parser


def _replay(recorded: Recorded, folder: Path | None, engine: str | None) -> int:
    if not recorded.images:
        raise StoreError("The export holds no prediction, so that there is nothing to compare.")
    bundle = _bundle(recorded, folder)
    if unknown_codes(recorded.images, bundle.card.codes):
        raise StoreError("The export names other diagnoses than its model. Export it again.")
    wanted = engine or ("openvino" if recorded.engine.startswith("openvino") else "auto")
    progress = Progress(len(recorded.images))
    with ExitStack() as stack:
        stack.callback(progress.close)
        pool = stack.enter_context(DecodePool())
        classifier = stack.enter_context(closing(choose_engine(bundle, wanted).classifier))
        tolerance = tolerance_for(recorded, classifier, bundle)
        results = []
        for item in replay(recorded, pool, classifier):
            results.append(item)
            progress.advance()
    return _tell(results, tolerance)


def _bundle(recorded: Recorded, folder: Path | None) -> ModelBundle:
    """Return the bundle that made the export.

    Raises:
        BundleError: It is not here.
    """
    if folder is None:
        shipped = sorted(bundles_dir().iterdir()) if bundles_dir().is_dir() else []
        folders = [default_bundle_dir(), *(path for path in shipped if path.is_dir())]
    else:
        folders = [folder]
    for place in dict.fromkeys(folders):
        if (bundle := open_bundle(place)).digest == recorded.bundle:
            return bundle
    raise BundleError(
        f"The export was made with the model {recorded.model} ({recorded.bundle[:12]}), which is "
        "not here. Name its folder with --bundle."
    )


def _tell(results: Sequence[Replayed], tolerance: Tolerance) -> int:
    off = [item for item in results if _is_off(item, tolerance)]
    lost = [item for item in results if item.problem and not item.changed]
    largest = max((item.difference for item in results if item.difference is not None), default=0.0)
    bound = f"tolerance {tolerance.value:g}: {tolerance.why}"
    if off:
        print(f"differs: {len(off)} of {len(results)} images; {bound}")
        for item in off[:_MOST_LINES]:
            print(f"  {shown(item.image.name)}: {item.problem or f'{item.difference:.6f} off'}")
        return DIFFERS
    if lost:
        first = lost[0]
        why = f"{shown(first.image.name)}: {first.problem}"
        return fail("replay", f"{len(lost)} of {len(results)} images cannot be read. {why}")
    print(f"same: {len(results)} images, largest difference {largest:.6f}; {bound}")
    return SAME


def _is_off(item: Replayed, tolerance: Tolerance) -> bool:
    if item.difference is None:
        return item.changed
    return not item.difference <= tolerance.value
