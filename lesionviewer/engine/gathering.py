"""Predictions of many files: those that the cache has are not made again."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from lesionviewer.core.decoded import DecodeFailure
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.store.cache import Cache, Model
from lesionviewer.core.store.cache_codec import CachedPrediction
from lesionviewer.engine.classifier import Classifier
from lesionviewer.engine.pipeline import Decoder, Outcome, classify_files

_AT_ONCE = 512


class Gathered(NamedTuple):
    """What is known of one file.

    Attributes:
        found: The file.
        sha256: Of it, 64 hexadecimal digits; empty if it could not be read.
        error: Why there is no prediction, one line; empty if there is one.
        prediction: Of the centre square; None if there is an error.
    """

    found: FoundImage
    sha256: str
    error: str
    prediction: Prediction | None


def gather(
    found: Iterable[FoundImage],
    pool: Decoder,
    classifier: Classifier,
    *,
    bundle: str,
    cache: Cache | None = None,
) -> Iterator[Gathered]:
    """Yield what the model says of each file, in the order of `found`.

    Every file is read, so that the digest is the one that it has now.

    Args:
        found: The files.
        pool: Decodes those that are not in the cache.
        classifier: Predicts those.
        bundle: Digest of the classifier's model bundle.
        cache: Where predictions are looked up and kept; None for nowhere.

    Raises:
        EngineError: The engine failed.
    """
    model, files = Model(bundle, classifier.engine), iter(found)
    while chunk := list(islice(files, _AT_ONCE)):
        digests = [file_digest(item.path) if cache else "" for item in chunk]
        known = cache.predictions(model, filter(None, digests)) if cache else {}
        missing = [item for item, sha256 in zip(chunk, digests, strict=True) if sha256 not in known]
        with closing(classify_files(missing, pool, classifier)) as outcomes:
            for item, sha256 in zip(chunk, digests, strict=True):
                if sha256 in known:
                    yield Gathered(item, sha256, "", known[sha256].prediction)
                    continue
                made = _gathered(next(outcomes))
                if cache and made.prediction is not None:
                    cache.keep_predictions(model, {made.sha256: CachedPrediction(made.prediction)})
                yield made


def file_digest(path: Path) -> str:
    """Return SHA-256 of an ordinary file, 64 hexadecimal digits; empty if it cannot be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _gathered(outcome: Outcome) -> Gathered:
    decoded = outcome.decoded
    error = " ".join(decoded.reason.split()) if isinstance(decoded, DecodeFailure) else ""
    return Gathered(outcome.found, decoded.sha256, error, outcome.prediction)
