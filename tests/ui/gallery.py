"""Render the widgets to PNG for looking at: `python tests/ui/gallery.py OUT [NAME…]`.

Every picture is made at 100 and 200 %, light and dark, each scale in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Render into the folder named first; only the widgets named after it, if any."""
    out = Path(arguments[0])
    if "GALLERY_SCALE" in os.environ:
        return _render(out, os.environ["GALLERY_SCALE"], arguments[1:])
    out.mkdir(parents=True, exist_ok=True)
    for scale in ("1", "2"):
        changed = {"QT_SCALE_FACTOR": scale, "GALLERY_SCALE": scale, "QT_QPA_PLATFORM": "offscreen"}
        environment = {**os.environ, **changed, "PYTHONPATH": str(REPOSITORY)}
        subprocess.run([sys.executable, __file__, *arguments], env=environment, check=True)
    return 0


def _render(out: Path, scale: str, names: list[str]) -> int:
    from gallery_widgets import PIECES
    from PySide6.QtWidgets import QApplication

    from lesionviewer.ui.theme import apply_theme

    app = QApplication([])
    for mode in ("light", "dark"):
        apply_theme(app, mode)
        for name, build in PIECES.items():
            if names and name not in names:
                continue
            widget = build()
            widget.show()
            app.processEvents()
            widget.grab().save(str(out / f"{name}-{mode}-{scale}x.png"))
            widget.close()
            widget.deleteLater()
            app.processEvents()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
