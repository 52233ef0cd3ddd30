"""What an export tells: images, what the model says of them, and what a reader decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lesionviewer.core.card import ModelCard
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.store.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportedImage:
    """One image file.

    Attributes:
        name: Path below the folder that was opened, with `/`, and with that folder's name before it
            if several were opened; its own name if it was opened itself.
        path: The file.
        sha256: Of the file, 64 hexadecimal digits; empty if it could not be read.
        error: Why there is no prediction, one line; empty if there is one.
        prediction: What the model says; None if there is an error.
        decision: What the reader holds; None for nothing.
        lesion: Name of the lesion that it shows; empty if unknown, or not to be told.
        metadata: Fields of `core.metadata.FIELDS`; empty if unknown, or not to be told.
    """

    name: str
    path: Path
    sha256: str
    error: str = ""
    prediction: Prediction | None = None
    decision: Decision | None = None
    lesion: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """All that an export tells.

    Attributes:
        images: In order.
        card: Of the model.
        bundle: Digest of the model bundle.
        engine: What predicted, such as `openvino-int8`.
        session: Uid of the session; empty if there is none.
        reader: Whose decisions these are; empty if there is no session.
        made_utc: When the export was made.
        patient_data: Whether lesions and metadata are in it.
    """

    images: tuple[ExportedImage, ...]
    card: ModelCard
    bundle: str
    engine: str
    session: str
    reader: str
    made_utc: str
    patient_data: bool = False

    def without_patient_data(self) -> "Contents":
        """Return the same without what lesions and metadata say."""
        images = tuple(replace(image, lesion="", metadata={}) for image in self.images)
        return replace(self, images=images, patient_data=False)


def label_of(decision: Decision | None) -> str:
    """Return what a decision comes to: a diagnosis' code, `poor_image`, `unsure` or `undecided`."""
    if decision is None or not decision.decided:
        return "undecided"
    return decision.diagnosis or ("poor_image" if decision.poor_image else "unsure")
