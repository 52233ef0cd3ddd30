"""`lesionviewer doctor`: what this machine computes with, why, and whether it computes right."""

import dataclasses
import json
import platform
from collections.abc import Sequence
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

from lesionviewer import __version__
from lesionviewer.cli.arguments import Parser, UsageError, fail
from lesionviewer.core.assets import default_bundle_dir, samples_dir
from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.decode_pool import DecodePool
from lesionviewer.core.errors import BundleError, LesionViewerError
from lesionviewer.core.intended_use import FULL
from lesionviewer.engine import devices
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.golden import GoldenReport, check_golden
from lesionviewer.engine.openvino_classifier import openvino_devices
from lesionviewer.engine.selection import ENGINES, UNTRIED, choose_engine

ALL_WELL, OTHER_VALUES = 0, 1
_PACKAGES = {
    "openvino": "Runs models on processors and Intel GPUs. Install lesionviewer again.",
    "keras": "Runs the float model and trains. Install lesionviewer with its extra [train].",
    "tensorflow": "The backend Keras trains with. Install lesionviewer with its extra [train].",
}


def main(arguments: Sequence[str]) -> int:
    """Examine the machine. Returns 0 if all is well, 1 if values differ, 2 if nothing works."""
    try:
        words = _parser().parse_args(arguments)
    except UsageError as error:
        return fail("doctor", error)
    report = examine(words.bundle, words.engine)
    print(json.dumps(report, indent=1, ensure_ascii=False) if words.json else as_text(report))
    if report["problem"]:
        return fail("doctor", report["problem"])
    return ALL_WELL if report["golden"]["reproduced"] else OTHER_VALUES


def _parser() -> Parser:
    parser = Parser(
        prog="lesionviewer doctor",
        description="Say what this machine computes with, why, and whether it computes right.",
        epilog="Exit status: 0 all is well, 1 the values differ, 2 nothing works.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--bundle", type=Path, metavar="DIR", help="default: the shipped model")
    parser.add_argument("--engine", choices=ENGINES, default="auto", help="default: auto")
    return parser


def examine(folder: Path | None = None, wanted: str = "auto") -> dict[str, Any]:
    """Return what there is to say about this machine, as JSON has it.

    Args:
        folder: The model to try; None for the one that ships.
        wanted: The engine to try.
    """
    report: dict[str, Any] = {
        "version": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": dataclasses.asdict(devices.processor()),
        "nvidia_gpus": devices.nvidia_gpus(),
        "openvino_devices": _openvino_devices(),
        "keras_backends": [dataclasses.asdict(item) for item in devices.keras_backends()],
        "packages": {name: _version(name) for name in _PACKAGES},
        "missing": {name: use for name, use in _PACKAGES.items() if not _version(name)},
        "untried": list(UNTRIED.values()),
        "intended_use": FULL,
        "problem": "",
    }
    try:
        bundle = open_bundle(folder or default_bundle_dir())
        report["model"] = {"id": bundle.card.id, "card_sha256": bundle.digest}
        chosen = choose_engine(bundle, wanted)
        report["not_taken"] = [dataclasses.asdict(item) for item in chosen.not_taken]
        with closing(chosen.classifier) as classifier:
            report["chosen"] = {"name": classifier.name, "engine": classifier.engine}
            report["golden"] = _golden(bundle, classifier)
    except LesionViewerError as error:
        report["problem"] = str(error)
    return report


def _golden(bundle: ModelBundle, classifier: Classifier) -> dict[str, Any]:
    try:
        with DecodePool() as pool:
            golden = check_golden(bundle, classifier, pool, samples_dir())
    except BundleError as error:
        golden = GoldenReport(images=0, largest=0.0, tolerance=0.0, problems=(str(error),))
    return {"reproduced": golden.reproduced, **dataclasses.asdict(golden)}


def _openvino_devices() -> dict[str, str]:
    try:
        return openvino_devices()
    except ImportError:
        return {}


def _version(package: str) -> str:
    """Return the installed version, empty if it is missing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def as_text(report: dict[str, Any]) -> str:
    """Return the report for people."""
    processor = report["processor"]
    fast = {True: "fast int8", False: "no fast int8", None: "fast int8 not known"}
    lines = [
        f"lesionviewer {report['version']}, Python {report['python']}, {report['system']}",
        f"Processor   {processor['name']}, {processor['cores']} threads, "
        f"{processor['instruction_set']} ({fast[processor['fast_int8']]})",
        f"NVIDIA GPU  {', '.join(report['nvidia_gpus']) or 'none'}",
        *(f"OpenVINO on {key}: {name}" for key, name in report["openvino_devices"].items()),
        *(
            f"Package     {name} {version or 'missing. ' + report['missing'][name]}"
            for name, version in report["packages"].items()
        ),
        *(
            f"Keras on    {backend['name']} ({'GPU' if backend['gpu'] else 'CPU'} build)"
            for backend in report["keras_backends"]
        ),
    ]
    if "model" in report:
        lines.append(f"Model       {report['model']['id']} {report['model']['card_sha256'][:12]}")
    if "chosen" in report:
        lines.append(f"Chosen      {report['chosen']['name']}")
    for item in report.get("not_taken", []):
        words = f"{item['name']}: {item['reason']} {item['remedy']}"
        lines.append(f"Not taken   {words.strip()}")
    lines += [f"Untried     {text}" for text in report["untried"]]
    if "golden" in report:
        lines += _golden_lines(report["golden"])
    return "\n".join([*lines, report["intended_use"]])


def _golden_lines(golden: dict[str, Any]) -> list[str]:
    verdict = "reproduced" if golden["reproduced"] else "NOT REPRODUCED: do not trust the figures"
    return [
        f"Self-test   {golden['images']} images {verdict} (largest difference of a probability "
        f"{golden['largest']:.4f}, {golden['tolerance']:g} is fine)",
        *(f"            {problem}" for problem in golden["problems"]),
    ]
