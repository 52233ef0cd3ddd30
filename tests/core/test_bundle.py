import json
import shutil
from pathlib import Path

import pytest
from bundles import change_card, make_tiny_bundle, seal, tiny_card

from lesionviewer.core import bundle as bundle_module
from lesionviewer.core.bundle import CARD, open_bundle
from lesionviewer.core.errors import BundleError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "openvino.xml").write_bytes(b"<net/>")
    (folder / "openvino.bin").write_bytes(b"\0" * 100)
    seal(folder, tiny_card())
    return folder


def test_a_sound_bundle_opens_and_gives_its_files(folder: Path) -> None:
    bundle = open_bundle(folder)
    assert bundle.card.codes == ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    assert bundle.read("openvino.xml") == b"<net/>"
    assert bundle.has("openvino.bin")
    assert not bundle.has("weights.safetensors")


def test_one_changed_byte_is_refused(folder: Path) -> None:
    (folder / "openvino.bin").write_bytes(b"\0" * 99 + b"\1")
    with pytest.raises(BundleError, match=r"damaged: openvino\.bin"):
        open_bundle(folder)


@pytest.mark.parametrize("size", [0, 99, 101])
def test_another_size_is_refused(folder: Path, size: int) -> None:
    (folder / "openvino.bin").write_bytes(b"\0" * size)
    with pytest.raises(BundleError, match="damaged"):
        open_bundle(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "openvino.bin").unlink()
    with pytest.raises(BundleError, match=r"lacks its file openvino\.bin"):
        open_bundle(folder)


def test_a_file_that_changes_after_opening_is_refused_when_it_is_read(folder: Path) -> None:
    bundle = open_bundle(folder)
    (folder / "openvino.xml").write_bytes(b"<evil>")
    with pytest.raises(BundleError, match="damaged"):
        bundle.read("openvino.xml")


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    outside = shutil.move(folder / "openvino.bin", tmp_path / "outside.bin")
    (folder / "openvino.bin").symlink_to(outside)
    with pytest.raises(BundleError, match="link to another place"):
        open_bundle(folder)


@pytest.mark.parametrize("name", ["../outside.bin", "/etc/passwd", "..", "a/b", ""])
def test_a_card_that_names_files_elsewhere_is_refused(folder: Path, name: str) -> None:
    change_card(folder, files={name: {"sha256": "0" * 64, "bytes": 1}})
    with pytest.raises(BundleError, match="files"):
        open_bundle(folder)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"schema": 1}', b"[" * 100_000]
)
def test_a_card_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / CARD).write_bytes(content)
    with pytest.raises(BundleError, match=r"card\.json"):
        open_bundle(folder)


def test_a_folder_without_a_card_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not a model bundle"):
        open_bundle(tmp_path)
    with pytest.raises(BundleError, match="not a model bundle"):
        open_bundle(tmp_path / "missing")


def test_a_file_that_the_card_does_not_list_is_never_read(folder: Path) -> None:
    (folder / "extra.bin").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"has no extra\.bin"):
        open_bundle(folder).read("extra.bin")


def test_the_card_of_a_bundled_model_must_be_the_pinned_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = open_bundle(folder).digest
    monkeypatch.setattr(bundle_module, "bundles_dir", lambda: folder.parent)
    monkeypatch.setattr(bundle_module, "PINNED", {"model": digest})
    assert open_bundle(folder).digest == digest
    document = json.loads((folder / CARD).read_text(encoding="utf-8"))
    document["calibration"]["temperature"] = 0.1
    (folder / CARD).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BundleError, match="not the one this program was made with"):
        open_bundle(folder)


def test_a_copy_of_a_bundled_model_elsewhere_is_a_model_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_module, "PINNED", {"model": "0" * 64})
    assert open_bundle(folder).card.id == "tiny"


def test_the_bundle_made_for_tests_is_sound(tmp_path: Path) -> None:
    assert open_bundle(make_tiny_bundle(tmp_path / "tiny")).has("openvino.bin")
