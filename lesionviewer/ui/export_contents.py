"""What the window knows of its images, as exports tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lesionviewer.core.export.contents import Contents, ExportedImage
from lesionviewer.core.metadata import LESION, image_key
from lesionviewer.core.review_images import ReviewImages
from lesionviewer.core.store.canonical import utc_text
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.session_messages import OpenedSession

_WAITS = "not classified yet"
_NO_MAPS = "opened too long ago; open it again to export what the model says"


@dataclass(frozen=True, slots=True)
class Background:
    """What exports tell beside the images.

    Attributes:
        chosen: Model and engine.
        uid: Of the session; empty if there is none.
        reader: Who decides.
        roots: What was opened.
        lesions: By path.
        metadata: By `core.metadata.image_key`.
    """

    chosen: Chosen
    uid: str = ""
    reader: str = ""
    roots: tuple[Path, ...] = ()
    lesions: Mapping[Path, str] = field(default_factory=dict)
    metadata: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, chosen: Chosen, session: OpenedSession | None) -> "Background":
        """Gather what a session brought; None for no session."""
        if session is None:
            return cls(chosen)
        return cls(
            chosen,
            session.info.uid,
            session.reader,
            tuple(map(Path, session.info.roots)),
            {image.path: image.lesion for image in session.images if image.lesion},
            session.metadata,
        )

    @property
    def has_patient_data(self) -> bool:
        """Whether lesions or metadata are known."""
        return bool(self.lesions or self.metadata)


def contents_of(
    images: ReviewImages, wanted: Sequence[int], background: Background, *, patient_data: bool
) -> Contents:
    """Return what an export of some images tells.

    Args:
        images: The set.
        wanted: Positions, in order.
        background: What is told beside.
        patient_data: Whether lesions and metadata go along.
    """
    classifier = background.chosen.classifier
    contents = Contents(
        images=tuple(_exported(images, image, background) for image in wanted),
        card=classifier.card,
        bundle=background.chosen.bundle,
        engine=classifier.engine,
        session=background.uid,
        reader=background.reader,
        made_utc=utc_text(datetime.now(UTC)),
        patient_data=True,
    )
    return contents if patient_data else contents.without_patient_data()


def _exported(images: ReviewImages, image: int, background: Background) -> ExportedImage:
    path, prediction = images.path(image).absolute(), images.prediction(image)
    fields = background.metadata.get(image_key(path), {})
    lacks = _NO_MAPS if images.lacks_maps(image) else _WAITS
    return ExportedImage(
        name=_name(images.name(image), path, background.roots),
        path=path,
        sha256=images.reader.digest(image),
        error="" if prediction is not None else images.reason(image) or lacks,
        prediction=prediction,
        decision=images.reader.get(image),
        lesion=background.lesions.get(path, fields.get(LESION, "")),
        metadata=fields,
    )


def _name(below: str, path: Path, roots: Sequence[Path]) -> str:
    name = Path(below).as_posix()
    root = next((root for root in roots if root != path and path.is_relative_to(root)), None)
    return f"{root.name}/{name}" if root is not None and len(roots) > 1 else name
