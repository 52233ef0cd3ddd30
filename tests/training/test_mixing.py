import numpy as np
import pytest

from training.mixing import mixed


def _batch(dtype: type) -> tuple[np.ndarray, np.ndarray]:
    levels = np.array([0, 80, 160, 240], dtype)
    return np.ones((4, 12, 12, 3), dtype) * levels[:, None, None, None], np.eye(4, dtype=np.float32)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16])
@pytest.mark.parametrize(("mixup", "cutmix"), [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_targets_say_what_share_of_each_image_is_seen(
    dtype: type, mixup: float, cutmix: float
) -> None:
    x, target = _batch(dtype)
    for seed in range(20):
        image, shares = mixed(x, target, np.random.default_rng(seed), mixup=mixup, cutmix=cutmix)
        assert image.dtype == dtype
        assert shares.sum(axis=1) == pytest.approx(1.0, abs=1e-6)
        seen = image.astype(np.float64).mean(axis=(1, 2, 3))
        # Images are flat, so an image's mean is the mean of the levels that went into it.
        assert seen == pytest.approx(shares @ [0, 80, 160, 240], abs=0.6)


def test_a_batch_stays_as_it_is_where_nothing_is_mixed() -> None:
    x, target = _batch(np.uint8)
    image, shares = mixed(x, target, np.random.default_rng(0), mixup=0.0, cutmix=0.0)
    assert image is x
    assert shares is target


def test_cutmix_changes_a_rectangle_and_leaves_the_batch_alone() -> None:
    x, target = _batch(np.uint8)
    image, _ = mixed(x, target, np.random.default_rng(3), mixup=0.0, cutmix=1.0)
    changed = (image != x).any(axis=3)
    assert changed.any()
    for mask in changed:
        rows, columns = np.nonzero(mask)
        if len(rows):
            box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            assert box.all()
    assert (x == _batch(np.uint8)[0]).all()
