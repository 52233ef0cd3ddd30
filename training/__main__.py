"""`python -m training COMMAND`: the command line, without a window."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from lesionviewer.core.errors import ConfigError, LesionViewerError
from lesionviewer.engine.backbones import BACKBONES
from training.bundle_command import add_bundle
from training.commands import add_compare, add_document, add_evaluate
from training.config import (
    BUNDLES,
    CUTS,
    DEFAULT_BACKBONE,
    TrainingConfig,
    parse_config,
    read_settings,
)
from training.datasets import as_code
from training.diagnoses import diagnoses_of
from training.doubt.command import add_doubt_command, add_outliers
from training.explain.command import add_explain_command
from training.inspect_command import add_inspect
from training.quality_command import add_quality
from training.ranges import RANGES
from training.runs_command import add_report, add_runs
from training.starting import find_init, usual_init

_INTERRUPTED = 130
_DATA = ("data", "images", "extra_data")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line; the usage stands in `--help`."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m training") -> int:
    """Run a command and return its exit status: 0, 2 for unusable input, 130 after Ctrl-C.

    Args:
        arguments: The words after the program's name; those of this process if None.
        program: What the usage calls the program.
    """
    options = _parser(program).parse_args(arguments)
    try:
        return int(options.command(options))
    except LesionViewerError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parser(program: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=program, description=__doc__)
    commands = parser.add_subparsers(
        required=True,
        metavar="inspect|train|runs|report|export|evaluate|compare|bundle|doubt|explain|quality|document",
    )
    _add_train(commands)
    evaluate = add_evaluate(commands)
    _add_data(evaluate, evaluate, required=True)
    compare = add_compare(commands)
    _add_data(compare, compare)
    doubt = add_doubt_command(commands)
    _add_data(doubt, doubt)
    explain = add_explain_command(commands)
    _add_data(explain, explain)
    inspect = add_inspect(commands)
    _add_data(inspect, inspect, required=True)
    add_bundle(commands)
    add_document(commands)
    add_quality(commands)
    add_report(commands)
    add_runs(commands)
    _add_export(commands)
    return parser


def _add_train(commands: Any) -> None:
    train = commands.add_parser("train", help="train a classifier, or go on with a run")
    train.set_defaults(command=_train)
    what = train.add_mutually_exclusive_group()
    what.add_argument("--resume", type=Path, metavar="RUN", help="go on with this run")
    _add_data(train, what)
    train.add_argument("--out", type=Path, metavar="RUN", help="a new run folder")
    train.add_argument("--bound", action="store_true", help="stop when standard input ends")
    train.add_argument(
        "--estimate", action="store_true", help="say what the run RUN will take, do not train"
    )
    train.add_argument(
        "--checkpoint-minutes", type=float, help="between checkpoints within an epoch; 0 for none"
    )
    train.add_argument("--bundle", choices=BUNDLES, help="what the finished run writes")
    train.add_argument("--extra-data", type=Path, action="append", metavar="CSV")
    train.add_argument("--config", type=Path, metavar="FILE", help="settings, as in config.json")
    train.add_argument("--init", metavar="bundle|imagenet|FILE|none")
    train.add_argument("--malignant", metavar="CODE,…", help="codes of malignant diagnoses")
    train.add_argument("--backbone", choices=sorted(CUTS))
    train.add_argument("--head", type=_sizes, metavar="N,…", help="dense layers before the last")
    train.add_argument("--dtype", help="float32, or mixed_bfloat16 where the processor has it")
    for name in (
        "epochs",
        "until",
        "frozen-epochs",
        "seed",
        "split-seed",
        "views",
        "batch-size",
        "threads",
        "input-px",
    ):
        train.add_argument(f"--{name}", type=int)
    train.add_argument("--augmentation", choices=sorted(RANGES), help="how far views differ")
    train.add_argument("--fine-cut", metavar="LAYER", help="stage 2 trains what follows; or image")
    for name in ("frozen-rate", "fine-rate", "fine-decay", "selection"):
        train.add_argument(f"--{name}", type=float)


def _add_export(commands: Any) -> None:
    export = commands.add_parser("export", help="make a bundle of a run's best epoch")
    export.set_defaults(command=_export)
    export.add_argument(
        "--run",
        type=Path,
        nargs="+",
        action="extend",
        required=True,
        metavar="RUN",
        help="of several runs from the same start, the bundle holds the average",
    )
    export.add_argument("--out", type=Path, required=True, metavar="BUNDLE")
    export.add_argument("--epoch", type=int, help="one of the last two instead of the best")
    export.add_argument("--precision", choices=("int8", "float"), default="int8")
    export.add_argument("--licence", default="not stated", help="of the weights, for the card")
    export.add_argument("--licence-file", type=Path, metavar="FILE", help="goes into the bundle")
    export.add_argument("--replace", action="store_true", help="a bundle that is there already")
    add_outliers(export)


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected sizes as in 512,256, got {text!r}") from None


def _add_data(
    parser: argparse.ArgumentParser,
    group: argparse._ActionsContainer,
    *,
    required: bool = False,
) -> None:
    needed = {"required": True} if required else {}
    group.add_argument(
        "--data",
        type=Path,
        metavar="CSV_OR_FOLDER",
        help="CSV as HAM10000's, or a folder per diagnosis",
        **needed,  # type: ignore[arg-type]
    )
    parser.add_argument(
        "--images", type=Path, nargs="+", action="extend", metavar="DIR", default=[]
    )


def _train(options: argparse.Namespace) -> int:
    from training.control import StopRequestedError
    from training.known import note_run
    from training.run import TrainingRun

    if not (options.resume or options.data or options.config):
        text = "one of the arguments --config, --data and --resume is required"
        raise ConfigError({"train": text})
    folder: Path = options.resume or _new_run(options)
    if not (folder / "config.json").is_file():
        raise ConfigError({"resume": f"{folder} is no run folder: it has no config.json"})
    if options.estimate:
        from training.estimate import print_estimate

        return print_estimate(folder)
    note_run(folder)
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        sys.stderr.write("Stopping after this batch.\n")

    before = signal.signal(signal.SIGINT, stop)
    run = TrainingRun(folder, lambda: stopping, bound=options.bound)
    try:
        run.work()
    except StopRequestedError:
        sys.stderr.write(f"Stopped. Go on with: python -m training train --resume {folder}\n")
        return _INTERRUPTED
    finally:
        run.close()
        signal.signal(signal.SIGINT, before)
    return 0


def _new_run(options: argparse.Namespace) -> Path:
    """Make the run folder with its config, before anything slow is imported."""
    from training.gathering import gather_images

    if options.out is None:
        raise ConfigError({"out": "say where the run is written: --out RUN"})
    chosen = read_settings(options.config) if options.config else {}
    chosen |= {
        field.name: value
        for field in fields(TrainingConfig)
        if field.name not in _DATA and (value := getattr(options, field.name, None)) is not None
    }
    if options.data:
        # The folders and further sets of a file belong to the file's own data.
        chosen |= {"data": options.data.resolve(), "images": (), "extra_data": ()}
    elif "data" not in chosen:
        raise ConfigError({"data": f"{options.config} names none; say what is trained on: --data"})
    for name in ("images", "extra_data"):
        if places := getattr(options, name):
            chosen[name] = tuple(place.resolve() for place in places)
    if options.malignant is not None:
        given = (as_code(code) for code in options.malignant.split(","))
        chosen["malignant"] = tuple(code for code in given if code)
    if "init" not in chosen:
        chosen["init"] = usual_init(chosen.get("backbone", DEFAULT_BACKBONE))
    if (backbone := BACKBONES.get(str(chosen.get("backbone")))) is not None:
        chosen.setdefault("input_px", backbone.input_px)
    config = parse_config(json.dumps(chosen, default=str))
    init = find_init(config.init, config.backbone)
    images, _ = gather_images(config, group=False)
    diagnoses_of(sorted({image.code for image in images}), config.malignant)
    if init is not None and config.init not in ("bundle", "imagenet"):
        config = parse_config(config.to_json().replace(config.init, str(init.resolve())))
    return _make_folder(options.out, config)


def _make_folder(folder: Path, config: TrainingConfig) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            text = f"{folder} is not empty; go on with --resume {folder}, or choose another folder"
            raise ConfigError({"out": text})
        (folder / "config.json").write_text(config.to_json(), "utf-8")
    except OSError as error:
        raise ConfigError({"out": f"{folder} cannot be written ({error.strerror})"}) from error
    return folder


def _export(options: argparse.Namespace) -> int:
    from training.export import ExportOptions, export_bundle
    from training.figures import in_words

    card = export_bundle(
        options.run,
        options.out,
        ExportOptions(
            precision=options.precision,
            licence=options.licence,
            licence_file=options.licence_file,
            replace=options.replace,
            epoch=options.epoch,
            outliers=dict(options.outliers),
        ),
    )
    for split in ("val", "test"):
        if split in card.metrics:
            sys.stdout.write(f"{split}: {in_words(card.metrics[split])}\n")
    sys.stdout.write(f"Wrote {options.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
