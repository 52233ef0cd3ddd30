from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionviewer.core.intended_use import FULL

MELANOMA = 4


def maps_of(folder: Path, name: str) -> np.ndarray:
    return np.load(folder / f"{name}.npy", allow_pickle=False)


def overlay_of(folder: Path, name: str) -> np.ndarray:
    with Image.open(folder / f"{name}.png") as picture:
        assert picture.mode == "RGB"
        return np.asarray(picture)


def warmest(folder: Path, name: str, original: np.ndarray) -> tuple[float, float]:
    """Return column and row around which the overlay is most yellow (viridis' hot end)."""
    overlay = overlay_of(folder, name).astype(int)
    yellow = np.clip(overlay[..., 0] - overlay[..., 2], 0, None) * (original[..., 0] < 250)
    rows, columns = np.indices(yellow.shape)
    total = yellow.sum()
    return (columns * yellow).sum() / total, (rows * yellow).sum() / total


def test_maps_keep_the_path_below_the_argument_and_the_suffix(
    classify, picture, tmp_path: Path
) -> None:
    picture(tmp_path / "in" / "sub" / "x.jpg", spot=(40, 30))
    picture(tmp_path / "in" / "x.png")
    maps = tmp_path / "maps"
    assert classify(tmp_path / "in", "--maps", maps).status == 0
    written = sorted(str(path.relative_to(maps)) for path in maps.rglob("*") if path.is_file())
    assert written == ["sub/x.jpg.npy", "sub/x.jpg.png", "x.png.npy", "x.png.png"]


def test_the_numbers_are_grad_cam_of_every_diagnosis(classify, picture, tmp_path: Path) -> None:
    picture(tmp_path / "x.png", spot=(40, 30))
    classify(tmp_path / "x.png", "--maps", tmp_path / "maps")
    maps = maps_of(tmp_path / "maps", "x.png")
    assert maps.shape == (7, 7, 7)
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert np.unravel_index(maps[MELANOMA].argmax(), (7, 7)) == (3, 3)


@pytest.mark.parametrize(
    ("width", "height", "spot"),
    [(700, 350, (350, 60)), (700, 350, (230, 290)), (350, 700, (60, 350)), (350, 350, (300, 50))],
)
def test_the_heat_lies_where_the_spot_is(
    classify, picture, tmp_path: Path, width: int, height: int, spot: tuple[int, int]
) -> None:
    path = picture(tmp_path / "x.png", width=width, height=height, spot=spot, spot_px=30)
    result = classify(path, "--maps", tmp_path / "maps")
    assert result.rows[0]["diagnosis"] == "mel"
    original = np.asarray(Image.open(path))
    assert overlay_of(tmp_path / "maps", "x.png").shape == original.shape
    assert warmest(tmp_path / "maps", "x.png", original) == pytest.approx(spot, abs=40)


def test_the_heat_follows_the_exif_rotation(classify, picture, tmp_path: Path) -> None:
    stored = picture(tmp_path / "raw.png", width=700, height=350, spot=(520, 60), spot_px=30)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    path = tmp_path / "x.jpg"
    Image.open(stored).save(path, exif=exif, quality=95)
    # Upright, the square covers rows 175 to 525 of 700; the spot is at column 290, row 520.
    classify(path, "--maps", tmp_path / "maps")
    upright = np.asarray(Image.open(stored).transpose(Image.Transpose.ROTATE_270))
    assert overlay_of(tmp_path / "maps", "x.jpg").shape == (700, 350, 3)
    assert warmest(tmp_path / "maps", "x.jpg", upright) == pytest.approx((290, 500), abs=45)


def test_what_the_network_did_not_see_is_dimmed(classify, picture, tmp_path: Path) -> None:
    path = picture(tmp_path / "x.png", width=100, height=40, spot=(8, 20))
    assert classify(path, "--maps", tmp_path / "maps").rows[0]["diagnosis"] == "nv"
    overlay = overlay_of(tmp_path / "maps", "x.png")
    assert overlay[20, 8].tolist() == [89, 89, 89]
    assert overlay[20, 95].tolist() == [7, 7, 7]


def test_an_overlay_carries_the_intended_use(classify, picture, tmp_path: Path) -> None:
    classify(picture(tmp_path / "x.png"), "--maps", tmp_path / "maps")
    with Image.open(tmp_path / "maps" / "x.png.png") as overlay:
        assert overlay.text == {"Disclaimer": FULL}


def test_a_broken_file_has_no_maps(classify, picture, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.png").write_bytes(b"broken")
    assert classify(tmp_path / "in", "--maps", tmp_path / "maps").status == 1
    assert list((tmp_path / "maps").iterdir()) == []


def test_two_images_that_would_share_their_maps_are_refused(
    classify, picture, tmp_path: Path
) -> None:
    picture(tmp_path / "a" / "x.png")
    picture(tmp_path / "b" / "x.png")
    result = classify(tmp_path / "a", tmp_path / "b", "--maps", tmp_path / "maps")
    assert result.status == 2
    assert "would both write" in result.err
    assert result.rows == []


def test_maps_never_replace_an_image(classify, picture, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "x.png")
    picture(tmp_path / "in" / "x.png.png")
    result = classify(tmp_path / "in", "--maps", tmp_path / "in")
    assert result.status == 2
    assert "would overwrite the image" in result.err


def test_maps_that_cannot_be_written_are_an_error_of_their_image(
    classify, picture, tmp_path: Path
) -> None:
    picture(tmp_path / "in" / "sub" / "x.png")
    picture(tmp_path / "in" / "y.png")
    maps = tmp_path / "maps"
    maps.mkdir()
    (maps / "sub").write_text("in the way", encoding="utf-8")
    result = classify(tmp_path / "in", "--maps", maps)
    assert result.status == 1
    assert [row["status"] for row in result.rows] == ["error", "ok"]
    assert "maps could not be written" in result.rows[0]["error"]


def test_a_second_run_replaces_the_maps_of_the_first(classify, picture, tmp_path: Path) -> None:
    path = picture(tmp_path / "x.png", spot=(40, 30))
    for _ in range(2):
        assert classify(path, "--maps", tmp_path / "maps").status == 0
    assert len(list((tmp_path / "maps").iterdir())) == 2
