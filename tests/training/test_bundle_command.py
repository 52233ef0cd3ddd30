from pathlib import Path

import pytest
from bundles import seal, tiny_card

from training.__main__ import main


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "openvino.xml").write_bytes(b"<net/>")
    seal(tmp_path / "model", tiny_card())
    return tmp_path / "model"


def test_a_bundle_goes_through_a_zip_and_is_whole_on_the_other_side(
    bundle: Path, tmp_path: Path, capfd
):
    packed, again = str(tmp_path / "model.zip"), str(tmp_path / "again")
    assert main(["bundle", "pack", str(bundle), "--out", packed]) == 0
    assert main(["bundle", "verify", packed]) == 0
    assert main(["bundle", "unpack", packed, "--out", again]) == 0
    assert main(["bundle", "verify", again]) == 0
    assert capfd.readouterr().out.splitlines()[-1] == (
        "tiny is whole: 2 files are what its card says."
    )


def test_verify_ends_with_1_on_a_damaged_bundle_and_2_on_none(bundle: Path, tmp_path: Path, capfd):
    (bundle / "openvino.xml").write_bytes(b"<nut/>")
    assert main(["bundle", "verify", str(bundle)]) == 1
    assert "openvino.xml is not the file that its card names" in capfd.readouterr().out
    assert main(["bundle", "verify", str(tmp_path / "none.zip")]) == 2
    assert capfd.readouterr().err.startswith("There is no ")


def test_what_is_there_already_is_left_alone_with_2(bundle: Path, tmp_path: Path, capfd):
    assert main(["bundle", "pack", str(bundle), "--out", str(tmp_path / "model.zip")]) == 0
    assert main(["bundle", "pack", str(bundle), "--out", str(tmp_path / "model.zip")]) == 2
    assert main(["bundle", "unpack", str(tmp_path / "model.zip"), "--out", str(bundle)]) == 2
    assert capfd.readouterr().err.count("is there already") == 2
