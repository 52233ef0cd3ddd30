"""What is exported: a session's images and decisions, or the images of a folder without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lesionviewer.core.errors import StoreError
from lesionviewer.core.export.contents import ExportedImage
from lesionviewer.core.files import FoundImage, find_images
from lesionviewer.core.metadata import LESION, image_key
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.problems import SessionStoreError
from lesionviewer.core.store.session import Session
from lesionviewer.core.store.store import SessionStore
from lesionviewer.engine.gathering import Gathered

MARKS = ("decided", "flagged", "starred")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported.

    Attributes:
        roots: Files and folders, absolute where they are of a session.
        uid: Of the session; empty if there is none.
        reader: Whose decisions; empty if there is no session.
        decisions: By image digest.
        lesions: By path of the file.
        metadata: By `core.metadata.image_key`.
    """

    roots: tuple[str, ...]
    uid: str = ""
    reader: str = ""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    lesions: Mapping[Path, str] = field(default_factory=dict)
    metadata: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def images(self) -> list[tuple[str, FoundImage]]:
        """Return the files that there are now with their names in the export.

        Raises:
            StoreError: A folder is gone, or there is no image.
        """
        if gone := [root for root in self.roots if not Path(root).exists()]:
            raise StoreError(f"{gone[0]} is no longer there. Open it where it lies now first.")
        found = [
            (self._name(Path(root), image), image)
            for root in self.roots
            for image in find_images([root])
        ]
        if not found:
            raise StoreError(f"No image found in {', '.join(self.roots)}.")
        return found

    def exported(self, name: str, known: Gathered) -> ExportedImage:
        """Return all that there is to tell of one file."""
        path = known.found.path
        fields = self.metadata.get(image_key(path), {})
        return ExportedImage(
            name=name,
            path=path,
            sha256=known.sha256,
            error=known.error,
            prediction=known.prediction,
            decision=self.decisions.get(known.sha256),
            lesion=self.lesions.get(path.absolute(), fields.get(LESION, "")),
            metadata=fields,
        )

    def _name(self, root: Path, image: FoundImage) -> str:
        below = Path(image.relative).as_posix()
        return f"{root.name}/{below}" if len(self.roots) > 1 and root.is_dir() else below


def subject_of(word: str, *, reader: str = "") -> Subject:
    """Return what `word` names: a session, or a file or folder that may have none.

    Args:
        word: As `lesionviewer sessions` names it, or a path.
        reader: Whose decisions; empty for who read last.

    Raises:
        StoreError: Nothing of that name, the sessions cannot be read, or nobody of that name reads.
    """
    store = SessionStore.look_into()
    if store is not None:
        with store:
            try:
                info = store.find(word)
            except SessionStoreError:
                raise
            except StoreError:
                if not Path(word).exists():
                    raise
            else:
                return _of_session(store.read(info.row), reader)
    if not Path(word).exists():
        raise StoreError(f"There is no session, file or folder {word}.")
    if reader:
        raise StoreError(f"{word} belongs to no session, so that {reader} has decided nothing.")
    return Subject((word,))


def has_mark(decision: Decision | None, marks: Sequence[str]) -> bool:
    """Return whether a decision has one of `marks`, which are of `MARKS`."""
    if decision is None:
        return False
    held = {"decided": decision.decided, "flagged": decision.flag, "starred": decision.star}
    return any(held[mark] for mark in marks)


def _of_session(session: Session, reader: str) -> Subject:
    info, readers = session.info, session.readers()
    if reader and reader not in (*readers, info.reader):
        known = ", ".join(readers) or "nobody"
        raise StoreError(f"{reader} does not read this session; {known} does.")
    return Subject(
        roots=info.roots,
        uid=info.uid,
        reader=reader or info.reader,
        decisions=session.decisions(reader or info.reader),
        lesions={image.path: image.lesion for image in session.images() if image.lesion},
        metadata=session.metadata(),
    )
