"""Decides whether two squares are cut from one photograph, by the places they have in common."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]

EDGE = 224
"""Squares are compared at this size."""
LEAST_PLACES, LEAST_CORRELATION = 12, 0.6
"""No two different lesions had over 8 places among 2,000 look-alikes of HAM10000 and MILK10k."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well one square lies on another.

    Attributes:
        places: Keypoints that agree on one shift, turn and scale.
        correlation: Of the grey values where the squares overlap, -1.0 to 1.0.
    """

    places: int
    correlation: float

    @property
    def decisive(self) -> bool:
        """Whether this does not happen by chance."""
        return self.places >= LEAST_PLACES and self.correlation >= LEAST_CORRELATION


def match(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Match:
    """Return the best match of two squares, (edge, edge, 3), the second perhaps mirrored."""
    one, other = _grey(first), _grey(second)
    known = _keypoints(one)
    found = (_lay(one, known, np.ascontiguousarray(o)) for o in (other, other[:, ::-1]))
    return max(found, key=lambda m: m.places * max(m.correlation, 0.0))


def _grey(square: NDArray[np.uint8]) -> Grey:
    import cv2

    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)
    shrinks = grey.shape[0] > EDGE
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (EDGE, EDGE), interpolation=way), np.uint8)


def _keypoints(grey: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the places (n, 2) of a picture's keypoints and what they look like, (n, 128)."""
    import cv2

    # Skin has little contrast: OpenCV's usual threshold finds hardly a keypoint in it.
    sift: Any = cv2.SIFT.create(nfeatures=400, contrastThreshold=0.01)
    points, looks = sift.detectAndCompute(grey, None)
    if looks is None:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    share = looks / np.maximum(looks.sum(axis=1, keepdims=True), 1e-6)
    return np.array([p.pt for p in points], np.float32), np.sqrt(share).astype(np.float32)


def _lay(one: Grey, known: tuple[Any, Any], other: Grey) -> Match:
    """Return how well `other` lies on `one` after the best shift, turn and scale."""
    import cv2

    nothing = Match(0, 0.0)
    (places, looks), (to_lay, to_lay_looks) = known, _keypoints(other)
    if min(len(places), len(to_lay)) < LEAST_PLACES:
        return nothing
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(to_lay_looks, looks, 2)
    clear = [best for best, second in pairs if best.distance < 0.8 * second.distance]
    if len(clear) < 4:
        return nothing
    move, agree = cv2.estimateAffinePartial2D(
        to_lay[[m.queryIdx for m in clear]],
        places[[m.trainIdx for m in clear]],
        method=cv2.RANSAC,
        ransacReprojThreshold=3,
        maxIters=500,
    )
    if move is None or not 0.4 < np.hypot(move[0, 0], move[1, 0]) < 2.5:
        return nothing
    shape = (EDGE, EDGE)
    covered = cv2.warpAffine(np.full(shape, 255, np.uint8), move, shape) == 255
    if covered.mean() < 0.1:
        return nothing
    laid = cv2.GaussianBlur(cv2.warpAffine(other, move, shape), (0, 0), 1.5)[covered]
    below = cv2.GaussianBlur(one, (0, 0), 1.5)[covered]
    if not laid.std() or not below.std():
        return nothing
    return Match(int(agree.sum()), float(np.corrcoef(laid, below)[0, 1]))
