import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_wheel_holds_every_package():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    there = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in ("lesionviewer", "training")
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert set(listed["tool"]["setuptools"]["packages"]) == there | {"lesionviewer.assets"}
