"""Model bundles as one file: a zip whose names, sizes and digests are checked before it is used.

A zip comes from anywhere. Its own words on what it holds are only compared with the card: a file
that the card does not name is never opened, and of one that it names no byte too many is unpacked.
"""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lesionviewer.core.bundle import CARD, CARD_BYTES, open_bundle
from lesionviewer.core.card import FileDigest, ModelCard, parse_card
from lesionviewer.core.errors import BundleError, StoreError
from lesionviewer.core.export.places import new_file, new_folder

_PIECE, _LEVEL = 1 << 20, 1
"""Weights hardly shrink: more effort would only take longer."""
_BAD = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What the library says of a file that is no zip, torn, encrypted or packed in unknown ways."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest one that a zip can name, in all of them: the same bundle gives the same file."""


def pack_bundle(folder: Path, out: Path) -> ModelCard:
    """Write the bundle in `folder` into the zip `out`, whole or not at all, and return its card.

    Raises:
        BundleError: The folder is no bundle, or a damaged one.
        StoreError: `out` exists already or cannot be written.
    """
    bundle = open_bundle(folder)
    if out.exists():
        raise StoreError(f"{out} is there already. Name a new file.")
    card = (folder / CARD).read_bytes()
    if hashlib.sha256(card).hexdigest() != bundle.digest:
        raise BundleError(f"The model's {CARD} has changed while it was read. Try again.")
    with new_file(out) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(CARD), card, compresslevel=_LEVEL)
        for name in sorted(bundle.card.files):
            archive.writestr(_entry(name), bundle.read(name), compresslevel=_LEVEL)
    return bundle.card


def unpack_bundle(path: Path, out: Path) -> ModelCard:
    """Unpack a zip into the new folder `out`, whole or not at all, and return the model's card.

    Raises:
        BundleError: It is no zip of a bundle, or holds anything but what its card names.
        StoreError: `out` holds something already or cannot be written.
    """
    with _opened(path) as archive:
        card, entries = _checked(archive)
        with new_folder(out) as part:
            (part / CARD).write_bytes(_content(archive, entries[CARD], CARD_BYTES))
            for name, digest in card.files.items():
                with (part / name).open("xb") as file:
                    for piece in _pieces(archive, entries[name], digest):
                        file.write(piece)
    return card


def verify_bundle(path: Path) -> ModelCard:
    """Return the card of a bundle, a folder or a zip, after every byte of it was checked.

    Raises:
        BundleError: It is damaged, or no bundle.
    """
    if path.is_dir():
        return open_bundle(path).card
    with _opened(path) as archive:
        card, entries = _checked(archive)
        for name, digest in card.files.items():
            for _ in _pieces(archive, entries[name], digest):
                pass
    return card


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror}).") from error
    try:
        with file, zipfile.ZipFile(file) as archive:
            yield archive
    except _BAD as error:
        raise BundleError(f"{path.name} is damaged, or no zip of a model bundle.") from error


def _checked(archive: zipfile.ZipFile) -> tuple[ModelCard, dict[str, zipfile.ZipInfo]]:
    """Return the card of a zip and its entries by name, which are those that the card names.

    Raises:
        BundleError: Names or sizes differ.
    """
    listed = archive.infolist()
    entries = {entry.filename: entry for entry in listed}
    if len(entries) < len(listed):
        raise BundleError("The zip names a file twice. It was not made by lesionviewer.")
    if CARD not in entries:
        raise BundleError(f"The zip is not a model bundle: it has no {CARD} at its top.")
    try:
        text = _content(archive, entries[CARD], CARD_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError(f"The model's {CARD} is damaged: it is not UTF-8.") from error
    card = parse_card(text)
    if odd := sorted(entries.keys() - card.files.keys() - {CARD}):
        raise BundleError(f"The zip holds {odd[0]!r}, which the model's card does not name.")
    for name, digest in card.files.items():
        if name not in entries:
            raise BundleError(f"The zip lacks the model's file {name}.")
        if name == CARD or entries[name].file_size != digest.bytes:
            raise BundleError(f"In the zip, {name} has not the size that the card names.")
    return card, entries


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    if entry.file_size > limit:
        raise BundleError(f"In the zip, {entry.filename} is too large.")
    with archive.open(entry) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise BundleError(f"In the zip, {entry.filename} is too large.")
    return content


def _pieces(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, expected: FileDigest
) -> Iterator[bytes]:
    """Yield a file piece by piece, and at its end make sure that it is the one expected."""
    digest, left = hashlib.sha256(), expected.bytes
    with archive.open(entry) as file:
        while left >= 0 and (piece := file.read(min(_PIECE, left + 1))):
            left -= len(piece)
            digest.update(piece)
            yield piece
    if left or digest.hexdigest() != expected.sha256:
        raise BundleError(
            f"In the zip, {entry.filename} is not the file that the card names (SHA-256 differs). "
            "Pack the bundle again."
        )
