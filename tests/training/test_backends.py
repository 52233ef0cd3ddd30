"""The same training on TensorFlow and on JAX, from the same weights."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

REPOSITORY = Path(__file__).parents[2]
BACKENDS = ("tensorflow", "jax")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="JAX, a second backend of Keras, is missing"
)


def two_steps(backbone: str, out: Path, backend: str) -> dict[str, np.ndarray]:
    script = Path(__file__).with_name("two_steps.py")
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": str(REPOSITORY),
    }
    done = subprocess.run(
        [sys.executable, str(script), backbone, "32", str(out)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return load_file(out)


@pytest.mark.parametrize(
    "backbone",
    [
        "plain_cnn",
        *(
            pytest.param(name, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])
            for name in ("resnet50", "mobilenet")
        ),
    ],
)
def test_two_steps_on_jax_change_the_weights_as_on_tensorflow(
    backbone: str, tmp_path: Path
) -> None:
    one, other = (two_steps(backbone, tmp_path / backend, backend) for backend in BACKENDS)
    assert one.keys() == other.keys()
    for stage in ("frozen trunk", "fine-tuning"):
        assert other[f"{stage}/loss"] == pytest.approx(one[f"{stage}/loss"], rel=1e-4)
        np.testing.assert_allclose(other[f"{stage}/val"], one[f"{stage}/val"], atol=2e-3)
        names = [name for name in one if name.startswith(f"{stage}/weight/")]
        changes, others = (np.concatenate([a[n].ravel() for n in names]) for a in (one, other))
        assert np.abs(changes).max() > 1e-4
        # AdamW moves a weight by its rate even where its gradient is next to nothing, and the sign
        # of that is chance: so what is compared is all of them, not the worst.
        assert np.abs(changes - others).mean() <= 0.02 * np.abs(changes).mean()
