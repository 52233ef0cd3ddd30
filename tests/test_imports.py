"""Imports point one way only: app and cli → ui → jobs → training → engine → core."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
HEAVY = {
    "tensorflow", "keras", "tf_keras_vis", "openvino", "nncf", "pandas", "matplotlib", "sklearn",
    "scipy", "cv2", "jax",
}  # fmt: skip
LAYERS = ("core", "engine", "training", "jobs", "ui", "top")
FORBIDDEN = {
    "core": {"PySide6", *HEAVY - {"cv2"}},
    "engine": {"PySide6"},
    "training": {"PySide6"},
    "jobs": {"PySide6.QtWidgets", "PySide6.QtGui"},
}
UI_MAY_TAKE = {"training.config", "training.events"}


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "training":
        return "training"
    if parts[0] != "lesionviewer":
        return None
    if parts[1:] in ([], ["__version__"]):
        return "core"
    return parts[1] if len(parts) > 1 and parts[1] in LAYERS else "top"


def python_files() -> list[Path]:
    return [
        file
        for package in ("lesionviewer", "training")
        for file in sorted((REPOSITORY / package).rglob("*.py"))
        if file.name != "resources_rc.py"
    ]


def module_name(file: Path) -> str:
    parts = file.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_at_start(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(ast.Module(body=[node], type_ignores=[]))


def rules_broken(source: str, module: str) -> list[str]:
    tree = ast.parse(source)
    layer = layer_of(module) or "top"
    broken = []
    for name in imported(tree):
        other = layer_of(name)
        if other and LAYERS.index(other) > LAYERS.index(layer):
            broken.append(f"{module} ({layer}) imports {name} ({other})")
        if (
            layer == "ui"
            and other == "training"
            and ".".join(name.split(".")[:2]) not in UI_MAY_TAKE
        ):
            broken.append(f"{module} takes {name} from training")
        if any(name == ban or name.startswith(f"{ban}.") for ban in FORBIDDEN.get(layer, ())):
            broken.append(f"{module} ({layer}) imports {name}")
    broken += [
        f"{module} imports {name} when it is loaded"
        for name in imported_at_start(tree)
        if name.split(".")[0] in HEAVY
    ]
    return broken


@pytest.mark.parametrize("file", python_files(), ids=module_name)
def test_a_module_imports_only_what_lies_below_it(file: Path) -> None:
    assert rules_broken(file.read_text(encoding="utf-8"), module_name(file)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lesionviewer.core.x", "from lesionviewer.engine import classifier"),
        ("lesionviewer.engine.x", "import training.config"),
        ("lesionviewer.engine.x", "def f():\n    from PySide6 import QtCore"),
        ("lesionviewer.jobs.x", "from PySide6.QtWidgets import QWidget"),
        ("lesionviewer.ui.x", "from training import fitting"),
        ("training.x", "import tensorflow"),
    ],
)
def test_the_rules_catch_a_wrong_import(module: str, source: str) -> None:
    assert rules_broken(source, module)


def test_the_window_starts_without_heavy_libraries() -> None:
    code = (
        "import sys, lesionviewer.app\n"
        f"print(*sorted({HEAVY!r} & {{name.split('.')[0] for name in sys.modules}}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert loaded.stdout.split() == []


def test_openvino_is_started_in_one_place_only_that_keeps_it_from_sending_usage_reports() -> None:
    root = Path(__file__).parents[1]
    started = {
        str(file.relative_to(root))
        for top in ("lesionviewer", "training", "benchmarks")
        for file in (root / top).rglob("*.py")
        if "openvino.Core(" in file.read_text("utf-8")
    }
    assert {Path(name).name for name in started} == {"openvino_classifier.py"}
