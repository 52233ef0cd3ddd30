"""What a bundle has to doubt it by, read back and applied."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from bundles import change_card, seal
from safetensors.numpy import load_file, save_file

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.card import parse_card
from lesionviewer.core.errors import BundleError
from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.calibration import calibrated
from lesionviewer.engine.doubt.doubts import read_doubts
from lesionviewer.engine.doubt.reading import REFERENCE
from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
from training.pixels import read_pixels


@pytest.fixture
def bundle_copy(doubtful_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(doubtful_bundle, tmp_path / "copy"))


def reseal(folder: Path) -> None:
    seal(folder, parse_card((folder / "card.json").read_text("utf-8")))


def test_a_bundle_without_these_parts_opens_and_has_none(tiny_bundle: Path) -> None:
    doubts = read_doubts(open_bundle(tiny_bundle))
    parts = (doubts.sets, doubts.rule, doubts.reduction, doubts.library, doubts.operating)
    assert parts == (None,) * 5


def test_the_shipped_bundle_opens_whether_it_has_them_or_not() -> None:
    from lesionviewer.core.assets import default_bundle_dir

    bundle = open_bundle(default_bundle_dir())
    doubts = read_doubts(bundle)
    assert (doubts.library is not None) == bundle.has(REFERENCE) == (doubts.rule is not None)


def test_every_image_gets_sets_a_score_and_what_similar_cases_are_found_by(
    doubtful_bundle: Path, samples: list[Path]
) -> None:
    bundle = open_bundle(doubtful_bundle)
    classifier, doubts = OpenVinoClassifier(bundle), read_doubts(bundle)
    raw = classifier.predict(np.stack([cut_square(read_pixels(path)[0]) for path in samples]))
    classifier.close()
    shares = calibrated(raw.logits, bundle.card.temperature)
    found = doubts.of(raw, shares)
    assert len(found) == len(samples)
    assert doubts.library is not None
    for doubt, path, share in zip(found, samples, shares, strict=True):
        assert set(doubt.sets) == {90, 95}
        assert set(doubt.sets[90]) <= set(doubt.sets[95])
        assert doubt.sets[90][0] == share.argmax()
        assert doubt.flagged == (doubt.outlier > 1)
        nearest = doubts.library.nearest(doubt.reduced)
        # The samples are the references too.
        assert nearest[0].image.id == path.stem
        assert nearest[0].similarity == pytest.approx(1, abs=0.01)
    assert sum(doubt.flagged for doubt in found) == 0


def test_the_operating_curve_counts_the_test_images(
    doubtful_bundle: Path, samples: list[Path]
) -> None:
    operating = read_doubts(open_bundle(doubtful_bundle)).operating
    assert operating is not None
    assert operating.at(0.0).flagged == operating.at(0.0).images == len(samples)


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays: {name: array for name, array in arrays.items() if name != "directions"},
        lambda arrays: arrays | {"more": np.zeros(1, np.float32)},
        lambda arrays: arrays | {"mean": arrays["mean"][:-1]},
        lambda arrays: arrays | {"variances": -arrays["variances"]},
        lambda arrays: arrays | {"mean": arrays["mean"] * np.float32("nan")},
        lambda arrays: arrays | {"library": arrays["library"].astype(np.int16)},
        lambda arrays: arrays | {"library_diagnosis": arrays["library_diagnosis"] + np.uint8(9)},
        lambda arrays: arrays | {"library_source": arrays["library_source"][:-1]},
        lambda arrays: arrays | {"library_ids": arrays["library_ids"][:5]},
        lambda arrays: arrays | {"library_ids": np.full(9, 255, np.uint8)},
    ],
)
def test_arrays_that_do_not_belong_to_the_card_are_refused(bundle_copy: Path, damage) -> None:
    arrays = load_file(bundle_copy / REFERENCE)
    save_file(damage(dict(arrays)), bundle_copy / REFERENCE)
    reseal(bundle_copy)
    with pytest.raises(BundleError, match="Export the model again"):
        read_doubts(open_bundle(bundle_copy))


def test_a_file_that_holds_no_arrays_is_refused(bundle_copy: Path) -> None:
    (bundle_copy / REFERENCE).write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    reseal(bundle_copy)
    with pytest.raises(BundleError, match="damaged"):
        read_doubts(open_bundle(bundle_copy))


def test_a_changed_file_is_found_by_its_digest(bundle_copy: Path) -> None:
    content = bytearray((bundle_copy / REFERENCE).read_bytes())
    content[-1] ^= 1
    (bundle_copy / REFERENCE).write_bytes(content)
    with pytest.raises(BundleError, match="SHA-256 differs"):
        open_bundle(bundle_copy)


def test_a_card_that_speaks_of_a_missing_file_is_refused(bundle_copy: Path) -> None:
    (bundle_copy / REFERENCE).unlink()
    reseal(bundle_copy)
    with pytest.raises(BundleError, match="lacks its file"):
        read_doubts(open_bundle(bundle_copy))


def test_a_card_without_the_rule_leaves_the_rest(bundle_copy: Path) -> None:
    change_card(bundle_copy, out_of_distribution={})
    doubts = read_doubts(open_bundle(bundle_copy))
    assert doubts.rule is None
    assert doubts.library is not None


def test_the_words_of_similar_cases_outlive_reading_and_writing(doubtful_bundle: Path) -> None:
    text = (doubtful_bundle / "card.json").read_text("utf-8")
    assert parse_card(text).to_json() == text
    assert json.loads(text)["similar_cases"]["sources"] == ["samples"]
