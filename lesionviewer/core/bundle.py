"""Model bundles on disk: opened by digest, read only as what the card says they are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.core.assets import bundles_dir
from lesionviewer.core.card import ModelCard, parse_card
from lesionviewer.core.errors import BundleError
from lesionviewer.core.pinned import PINNED

CARD = "card.json"
CARD_BYTES = 4 << 20
"""No card is larger."""
_REMEDY = "Copy the bundle again, or install lesionviewer again."


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A folder whose files were all found to be what its card says.

    Attributes:
        folder: Where the bundle lies.
        card: What the model is.
        digest: SHA-256 of `card.json`, which names those of all other files.
    """

    folder: Path
    card: ModelCard
    digest: str

    def has(self, name: str) -> bool:
        """Return whether the card lists a file of that name."""
        return name in self.card.files

    def read(self, name: str) -> bytes:
        """Return a file's bytes, checked after they were read: what is checked is what is used.

        Raises:
            BundleError: The card lists no such file, or the bytes are not those it names.
        """
        if name not in self.card.files:
            raise BundleError(f"The model {self.card.id} has no {name}, which is needed here.")
        expected = self.card.files[name]
        content = _read_inside(self.folder, name, expected.bytes)
        if len(content) != expected.bytes or _sha256(content) != expected.sha256:
            raise BundleError(
                f"The model {self.card.id} is damaged: {name} is not the file that its card "
                f"names (SHA-256 differs). {_REMEDY}"
            )
        return content


def open_bundle(folder: Path) -> ModelBundle:
    """Return the bundle in `folder` after every file was checked against the card.

    Raises:
        BundleError: The folder is no bundle, or a file is missing, damaged or lies elsewhere.
    """
    content = _read_inside(folder, CARD, CARD_BYTES)
    digest = _sha256(content)
    _check_pin(folder, digest)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError(f"The model's {CARD} is damaged: it is not UTF-8. {_REMEDY}") from error
    bundle = ModelBundle(folder, parse_card(text), digest)
    for name in bundle.card.files:
        bundle.read(name)
    return bundle


def _check_pin(folder: Path, digest: str) -> None:
    """Hold a bundle that ships with the program against the digest in the program's code."""
    pinned = PINNED.get(folder.name)
    if pinned is None or pinned == digest or folder.resolve().parent != bundles_dir().resolve():
        return
    raise BundleError(
        f"The card of the bundled model {folder.name} is not the one this program was made with "
        "(SHA-256 differs). Install lesionviewer again."
    )


def _read_inside(folder: Path, name: str, limit: int) -> bytes:
    """Return at most `limit` + 1 bytes of a plain file that lies in `folder` itself."""
    path = folder / name
    try:
        real = path.resolve(strict=True)
        if real.parent != folder.resolve(strict=True) or not real.is_file():
            raise BundleError(
                f"The model's {name} is a link to another place or no plain file. {_REMEDY}"
            )
        with real.open("rb") as file:
            return file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        if name == CARD:
            raise BundleError(
                f"{folder.name or folder} is not a model bundle: it has no {CARD}. Choose the "
                "folder that holds it."
            ) from error
        raise BundleError(f"The model lacks its file {name}. {_REMEDY}") from error
    except (OSError, RuntimeError) as error:
        raise BundleError(f"The model's {name} cannot be read. Check its permissions.") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
