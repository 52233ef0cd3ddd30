"""The self-test: does this machine give the values that the bundle's makers saw?"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.bundle import ModelBundle
from lesionviewer.core.decoded import DecodeFailure, DecodeRequest
from lesionviewer.core.errors import BundleError
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.pipeline import Decoder

GOLDEN = "golden.json"
INT8, FLOAT = "openvino-int8", "float"


@dataclass(frozen=True, slots=True)
class GoldenReport:
    """What the self-test found.

    Attributes:
        images: How many pictures were compared.
        largest: The largest difference of a probability, 0.0 to 1.0.
        tolerance: The largest one that is fine.
        problems: What went wrong, one sentence each; empty if all is well.
    """

    images: int
    largest: float
    tolerance: float
    problems: tuple[str, ...]

    @property
    def reproduced(self) -> bool:
        """Whether the machine gives the recorded values."""
        return self.images > 0 and not self.problems


def check_golden(
    bundle: ModelBundle, classifier: Classifier, pool: Decoder, samples: Path
) -> GoldenReport:
    """Run the pictures that `golden.json` names, and compare.

    Args:
        bundle: The bundle that `classifier` runs.
        classifier: The engine to test.
        pool: Decodes the pictures.
        samples: The folder they lie in.

    Raises:
        BundleError: The bundle has no usable `golden.json`.
    """
    key = key_of(classifier)
    try:
        document = json.loads(bundle.read(GOLDEN))
        tolerance = float(document["tolerance"][key])
        recorded = [
            (str(entry["file"]), str(entry["sha256"]), np.array(entry[key]["logits"], np.float32))
            for entry in document["images"]
        ]
        if any(logits.shape != (len(bundle.card.codes),) for _, _, logits in recorded):
            raise ValueError
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(
            f"The model's {GOLDEN} has no values for {key}. Export the model again."
        ) from error
    largest, problems = 0.0, []
    for name, sha256, logits in recorded:
        try:
            got = _probabilities(classifier, samples / Path(name).name, sha256, pool)
        except BundleError as error:
            problems.append(str(error))
            continue
        expected = calibrated(logits, bundle.card.temperature)
        difference = float(np.abs(got - expected).max())
        largest = max(largest, difference)
        if not difference <= tolerance:
            problems.append(f"{name}: a probability is {difference:.4f} off.")
    return GoldenReport(len(recorded), largest, tolerance, tuple(problems))


def key_of(classifier: Classifier) -> str:
    """Return the name under which an engine's values are recorded."""
    return INT8 if classifier.engine == INT8 else FLOAT


def _probabilities(
    classifier: Classifier, picture: Path, sha256: str, pool: Decoder
) -> NDArray[np.float32]:
    card = classifier.card
    decoded = pool.submit(DecodeRequest(path=picture, input_px=card.input_px)).result()
    if isinstance(decoded, DecodeFailure) or decoded.model_input is None:
        raise BundleError(f"The sample picture {picture.name} cannot be read.")
    if decoded.sha256 != sha256:
        raise BundleError(f"The sample picture {picture.name} is not the one that was recorded.")
    return calibrated(classifier.predict(decoded.model_input[None]).logits[0], card.temperature)
