"""Parts to doubt by for the made-up engine, whose embedding is six mean colours."""

from pathlib import Path

import numpy as np

from lesionviewer.engine.doubt.conformal import ConformalSets
from lesionviewer.engine.doubt.doubts import Doubts
from lesionviewer.engine.doubt.library import ReferenceImage, ReferenceLibrary
from lesionviewer.engine.doubt.operating import OperatingCurve
from lesionviewer.engine.doubt.reduction import Reduction, to_length_1

WIDTH = 6


class BrightIsUnlike:
    """An outlier rule that knows dark pictures only."""

    def outlyingness(self, logits: np.ndarray, embedding: np.ndarray) -> np.ndarray:
        return np.where(embedding[:, :3].sum(1) > 1.2, 3.0, 0.5)


def made_doubts(*, picture: Path | None = None) -> Doubts:
    """Every part; the first reference image has its picture at `picture`."""
    dice = np.random.default_rng(3)
    images = [
        ReferenceImage(
            f"case{i}", ("mel", "nv")[i % 2], "histo", "made-up", picture if not i else None
        )
        for i in range(8)
    ]
    vectors = to_length_1(dice.normal(size=(8, WIDTH)).astype(np.float32))
    curve = OperatingCurve(
        np.linspace(0.2, 0.98, 40, dtype=np.float32), np.linspace(0.01, 0.7, 60, dtype=np.float32)
    )
    return Doubts(
        sets=ConformalSets({90: np.full(7, 0.3), 95: np.full(7, 0.05)}),
        rule=BrightIsUnlike(),
        reduction=Reduction(np.zeros(WIDTH, np.float32), np.eye(WIDTH, dtype=np.float32)),
        library=ReferenceLibrary(images, vectors),
        operating=curve,
    )
