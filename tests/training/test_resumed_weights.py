"""What a run predicts after a kill in its second stage, whose batch norms are folded away."""

import json
from pathlib import Path

import numpy as np
import pytest
from killed_runs import EPOCHS, EVERY_STEP, Killed, at_step, kill, new_run, work
from safetensors.numpy import load_file
from small_data import read_history

from lesionviewer.core.preprocess import cut_square
from lesionviewer.engine.networks import build_network, named_variables
from training.__main__ import main
from training.chosen import choose
from training.datasets import numbers
from training.manifest import read_manifest
from training.metrics import cross_entropy, softmax
from training.pixels import read_pixels

FINE = (3, 4)
"""The epochs of the second stage."""
STATISTICS = ("moving_mean", "moving_variance")


def best_epoch(run: Path) -> int:
    return int(json.loads((run / "metrics.json").read_text("utf-8"))["best_epoch"])


def predictions(run: Path, epoch: int | None) -> tuple[np.ndarray, float]:
    """Return what the weights that an export takes make of val: probabilities, and their loss."""
    images = read_manifest(run)
    codes = sorted({image.code for image in images})
    val = [image for image in images if image.split == "val"]
    model = build_network({"backbone": "tiny_cnn"}, diagnoses=len(codes))
    weights = choose([run], epoch)[0].weights
    for name, variable in named_variables(model).items():
        variable.assign(weights[name])
    squares = np.stack([cut_square(read_pixels(image.path)[0]) for image in val])
    shares = softmax(np.asarray(model.predict_on_batch(squares)))
    return shares, cross_entropy(numbers(val, codes), shares)


@pytest.fixture(scope="module", params=[EVERY_STEP, 0], ids=["every step", "epochs only"])
def resumed(request, folder_set: Path, steps: int, tmp_path_factory: pytest.TempPathFactory):
    """A run that was killed in each epoch of its second stage."""
    run = tmp_path_factory.mktemp("runs") / "resumed"
    new_run(run, folder_set, checkpoint_minutes=request.param)
    for before_kill in (2 * steps + 2, steps if request.param else steps + 2):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            at_step(patch, before_kill, kill)
            work(run)
    work(run)
    return run


def test_each_epoch_stands_once_with_the_figures_of_a_run_that_was_not_killed(
    resumed: Path, undisturbed: Path
):
    rows, whole = read_history(resumed), read_history(undisturbed)
    assert [int(row["epoch"]) for row in rows] == list(range(1, EPOCHS + 1))
    for row, expected in zip(rows, whole, strict=True):
        assert {**row, "seconds": ""} == {**expected, "seconds": ""}
    assert best_epoch(resumed) == best_epoch(undisturbed)


@pytest.mark.parametrize("epoch", [None, *FINE], ids=["best", "third", "last"])
def test_it_predicts_what_a_run_that_was_not_killed_predicts(
    resumed: Path, undisturbed: Path, epoch: int | None
):
    shares, expected = (predictions(run, epoch)[0] for run in (resumed, undisturbed))
    np.testing.assert_allclose(shares, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("epoch", FINE)
def test_the_weights_of_an_epoch_give_the_loss_that_its_row_says(resumed: Path, epoch: int):
    row = read_history(resumed)[epoch - 1]
    assert predictions(resumed, epoch)[1] == pytest.approx(float(row["val_loss"]), abs=1e-3)


def test_export_epoch_gives_that_epoch_with_the_statistics_of_the_stage_before(
    resumed: Path, tmp_path: Path
):
    epoch = next(epoch for epoch in FINE if epoch != best_epoch(resumed))
    command = ["export", "--run", str(resumed), "--epoch", str(epoch), "--precision", "float"]
    assert main([*command, "--out", str(tmp_path / "bundle")]) == 0
    stored = load_file(tmp_path / "bundle" / "weights.safetensors")
    state = load_file(resumed / "checkpoints" / f"epoch-{epoch:04}.safetensors")
    start, began = (
        load_file(resumed / name)
        for name in ("start.safetensors", "checkpoints/stage-2.safetensors")
    )
    for name, array in stored.items():
        expected = state.get(f"average/{name}", began[name])
        np.testing.assert_array_equal(array, expected.astype(array.dtype), err_msg=name)
    learnt = [f"block3_bn/{kind}" for kind in STATISTICS]
    assert all((stored[name] == began[name]).all() for name in learnt)
    assert all((stored[name] != start[name]).any() for name in learnt)


def test_a_run_that_ends_before_its_schedule_has_the_same_epochs_up_to_there(
    folder_set: Path, undisturbed: Path, tmp_path: Path
):
    new_run(tmp_path / "short", folder_set, until=FINE[0])
    work(tmp_path / "short")
    rows, whole = read_history(tmp_path / "short"), read_history(undisturbed)
    assert [{**row, "seconds": ""} for row in rows] == [
        {**row, "seconds": ""} for row in whole[: FINE[0]]
    ]
    assert (tmp_path / "short" / "metrics.json").is_file()
