"""Maps that need Keras, from a child process of their own: on request, bounded, cancelable."""

import time
from importlib.util import find_spec
from threading import Lock

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.errors import EngineError
from lesionviewer.engine.explain.gradient_methods import METHODS, MISSING
from lesionviewer.engine.explain.hiding import Floats, Pixels
from lesionviewer.engine.explain.occlusion import occlusion
from lesionviewer.engine.keras_classifier import KerasClassifier

OCCLUSION = "occlusion"
EXPLANATIONS = (*METHODS, OCCLUSION)
_CANCELLED = "The explanation was cancelled."
_NO_SUCH = "There is no method {!r}; choose of {}."
_TOO_LONG = (
    "The explanation took longer than {:.0f} s, or memory ran out. Close other programs, or choose "
    "Grad-CAM or the fine map."
)


class KerasExplainer:
    """Explains a bundle's float network with tf-keras-vis, and by occlusion.

    The child starts with the first explanation (ten seconds and more) and stays for the next ones.
    It is not the one of the Keras engine: ending it, to cancel, disturbs nobody.
    """

    def __init__(self, bundle: ModelBundle, *, seconds: float = 120.0) -> None:
        """Take note of what to explain; nothing is started yet.

        Args:
            bundle: The bundle, opened and so checked; it needs float weights.
            seconds: What one explanation may take, without the start.
        """
        self._bundle, self._seconds = bundle, seconds
        self._turn = Lock()
        self._child: KerasClassifier | None = None
        self._cancelled = False

    def explain(self, square: Pixels, diagnosis: int, method: str) -> Floats:
        """Return the heat of a diagnosis, (h, w), not scaled; one explanation at a time.

        Grad-CAM++ and Score-CAM give the places of the last feature map, LayerCAM those of the map
        before the last stage (14 × 14 for a ResNet50), occlusion 14 × 14, SmoothGrad every pixel.
        Below 0, which only occlusion gives, hiding helps the diagnosis.

        Args:
            square: What the network saw, (s, s, 3), as `core.preprocess.cut_square` gives it.
            diagnosis: Its place in the card, 0 to k - 1.
            method: One of `EXPLANATIONS`.

        Raises:
            BundleError: The bundle has no float weights.
            EngineError: The extra [train] is missing, the method is unknown, it took too long, or
                `cancel` was called.
        """
        if method not in EXPLANATIONS:
            raise EngineError(_NO_SUCH.format(method, ", ".join(EXPLANATIONS)))
        if not can_explain():
            raise EngineError(MISSING)
        with self._turn:
            self._cancelled = False
            child = self._child = self._child or KerasClassifier(self._bundle, backend="tensorflow")
            try:
                return self._explained(child, square, diagnosis, method)
            except EngineError as error:
                ended = not child.is_open
                self._end()
                if self._cancelled:
                    raise EngineError(_CANCELLED) from error
                if ended:
                    raise EngineError(_TOO_LONG.format(self._seconds)) from error
                raise

    def cancel(self) -> None:
        """End the explanation that another thread waits for, if there is one."""
        self._cancelled = True
        child = self._child
        if child is not None and self._turn.locked():
            child.kill()

    def close(self) -> None:
        """End the child, and an explanation under way. May be called twice."""
        self._cancelled = True
        if (child := self._child) is not None:
            # It keeps nothing, and to end by itself takes it seconds.
            child.kill()
        with self._turn:
            self._end()

    def _explained(
        self, child: KerasClassifier, square: Pixels, diagnosis: int, method: str
    ) -> Floats:
        self._check_cancelled()
        if method != OCCLUSION:
            return child.explain(square, diagnosis, method, seconds=self._seconds)
        ends = time.monotonic() + self._seconds

        def check(done: int, total: int) -> None:
            self._check_cancelled()
            if time.monotonic() > ends:
                raise EngineError(_TOO_LONG.format(self._seconds))

        return occlusion(child, square, diagnosis, progress=check)

    def _check_cancelled(self) -> None:
        if self._cancelled:
            raise EngineError(_CANCELLED)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()


def can_explain() -> bool:
    """Return whether tf-keras-vis and TensorFlow are installed, without importing them."""
    return all(find_spec(name) is not None for name in ("tf_keras_vis", "tensorflow"))
