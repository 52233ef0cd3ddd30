import json
import zipfile
from pathlib import Path

import pytest
from bundles import seal, tiny_card

from lesionviewer.core.bundle import CARD, open_bundle
from lesionviewer.core.bundle_zip import pack_bundle, unpack_bundle, verify_bundle
from lesionviewer.core.errors import BundleError, LesionViewerError, StoreError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "openvino.xml").write_bytes(b"<net/>")
    (folder / "openvino.bin").write_bytes(b"\0" * 3_000_000)
    seal(folder, tiny_card())
    return folder


@pytest.fixture
def packed(folder: Path, tmp_path: Path) -> Path:
    pack_bundle(folder, tmp_path / "model.zip")
    return tmp_path / "model.zip"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rebuilt(path: Path, change) -> Path:
    """Write a zip again with other contents: `change` works on the list of names and bytes."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    change(entries)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def replace(name: str, data: bytes):
    def change(entries: list[tuple[str, bytes]]) -> None:
        entries[:] = [(n, data if n == name else d) for n, d in entries]

    return change


def test_a_packed_bundle_unpacks_to_the_same_files(folder: Path, packed: Path, tmp_path: Path):
    card = unpack_bundle(packed, tmp_path / "again")
    assert card == open_bundle(folder).card == verify_bundle(packed) == verify_bundle(folder)
    assert content(tmp_path / "again") == content(folder)


def test_the_same_bundle_gives_the_same_zip(folder: Path, packed: Path, tmp_path: Path):
    pack_bundle(folder, tmp_path / "other.zip")
    assert (tmp_path / "other.zip").read_bytes() == packed.read_bytes()


def test_what_the_card_does_not_name_is_not_packed(folder: Path, tmp_path: Path):
    (folder / "notes.txt").write_text("mine", "utf-8")
    pack_bundle(folder, tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert archive.namelist() == [CARD, "openvino.bin", "openvino.xml"]


def test_a_damaged_bundle_is_not_packed(folder: Path, tmp_path: Path):
    (folder / "openvino.xml").write_bytes(b"<evil>")
    with pytest.raises(BundleError, match="damaged"):
        pack_bundle(folder, tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


def test_nothing_is_overwritten(folder: Path, packed: Path, tmp_path: Path):
    before = packed.read_bytes()
    with pytest.raises(StoreError, match="is there already"):
        pack_bundle(folder, packed)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(StoreError, match="is there already"):
        unpack_bundle(packed, tmp_path / "taken")
    assert packed.read_bytes() == before
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: e.append(("../evil.txt", b"x")), r"'\.\./evil\.txt', which the model's card"),
        (lambda e: e.append(("/etc/evil.txt", b"x")), r"which the model's card does not name"),
        (lambda e: e.append(("sub/openvino.bin", b"x")), r"which the model's card does not name"),
        (lambda e: e.append(("..\\evil.txt", b"x")), r"which the model's card does not name"),
        (lambda e: e.pop(1), r"lacks the model's file openvino\.bin"),
        (lambda e: e.pop(0), r"has no card\.json at its top"),
        (replace("openvino.bin", b"\0" * 3_000_001), r"openvino\.bin has not the size"),
        (replace("openvino.xml", b"<evil>"), r"openvino\.xml is not the file .*SHA-256"),
        (replace(CARD, b"{}"), r"card\.json is damaged or not a card"),
        (replace(CARD, b"\xff"), "not UTF-8"),
        (replace(CARD, b" " * (5 << 20)), r"card\.json is too large"),
    ],
)
def test_a_zip_that_is_not_what_its_card_says_is_refused(
    packed: Path, tmp_path: Path, change, message: str
):
    rebuilt(packed, change)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BundleError, match=message):
        verify_bundle(packed)
    with pytest.raises(BundleError, match=message):
        unpack_bundle(packed, tmp_path / "again")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_there_twice_is_refused(packed: Path, tmp_path: Path):
    rebuilt(packed, lambda entries: entries.append(("openvino.xml", b"<evil>")))
    with pytest.raises(BundleError, match="names a file twice"):
        unpack_bundle(packed, tmp_path / "again")


def test_a_card_that_names_another_folder_is_refused(folder: Path, packed: Path, tmp_path: Path):
    card = json.loads((folder / CARD).read_text("utf-8"))
    card["files"]["../evil.txt"] = card["files"]["openvino.xml"]
    rebuilt(packed, replace(CARD, json.dumps(card).encode()))
    with pytest.raises(BundleError, match="no usable files"):
        unpack_bundle(packed, tmp_path / "again")


def test_a_size_that_the_zip_lies_about_is_found_out(packed: Path, tmp_path: Path):
    """A header may say less than is packed: reading ends where the header says."""
    data = packed.read_bytes()
    wrong = data.replace((3_000_000).to_bytes(4, "little"), (6).to_bytes(4, "little"))
    packed.write_bytes(wrong)
    with pytest.raises(BundleError, match="has not the size"):
        unpack_bundle(packed, tmp_path / "again")


@pytest.mark.parametrize("damage", ["cut", "flipped", "nothing", "text"])
def test_a_torn_zip_is_refused(packed: Path, tmp_path: Path, damage: str):
    data = bytearray(packed.read_bytes())
    middle = data.index(b"openvino.bin") + 200
    data[middle] ^= 0xFF
    packed.write_bytes(
        {"cut": bytes(data[:-50]), "flipped": bytes(data), "nothing": b"", "text": b"no zip"}[
            damage
        ]
    )
    with pytest.raises(BundleError):
        unpack_bundle(packed, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_zip_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(BundleError, match="cannot be read"):
        verify_bundle(tmp_path / "none.zip")


def test_a_disk_that_fills_leaves_nothing_behind(packed: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(LesionViewerError, match="full"):
        unpack_bundle(packed, tmp_path / "again")
    assert not list(tmp_path.glob(".again*"))
