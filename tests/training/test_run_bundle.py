"""The bundle that a finished run writes."""

import json
from pathlib import Path

import pytest
from killed_runs import Killed, new_run, work

from lesionviewer.core.bundle import open_bundle
from lesionviewer.core.errors import DatasetError


def events(run: Path) -> list[dict]:
    lines = (run / "events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def raising(error: BaseException):
    def export(*_: object) -> None:
        raise error

    return export


@pytest.fixture(scope="module")
def killed(folder_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed while it wrote its bundle."""
    run = new_run(tmp_path_factory.mktemp("runs") / "mine", folder_set, epochs=2, bundle="float")
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr("training.export.export_bundle", raising(Killed()))
        work(run)
    return run


def test_a_bundle_that_cannot_be_made_is_said_and_the_run_has_finished(
    killed: Path, monkeypatch: pytest.MonkeyPatch
):
    error = DatasetError("The pictures are gone.")
    monkeypatch.setattr("training.export.export_bundle", raising(error))
    work(killed)
    *_, notice, last = events(killed)
    assert notice["message"] == "No bundle was written: The pictures are gone."
    assert last["kind"] == "finished"
    assert not (killed / "bundle").exists()


def test_a_bundle_that_a_kill_kept_from_being_written_is_written_and_then_left_alone(killed: Path):
    assert (killed / "metrics.json").is_file()
    work(killed)
    bundle = open_bundle(killed / "bundle")
    best = json.loads((killed / "metrics.json").read_text("utf-8"))["best_epoch"]
    assert (bundle.card.id, bundle.card.training["epoch"]) == ("mine", best)
    assert bundle.card.architecture["graph"] == "float"
    assert {"val", "test"} <= bundle.card.metrics.keys()
    work(killed)
    assert open_bundle(killed / "bundle").digest == bundle.digest
    assert events(killed)[-1]["message"] == "The run is already finished."
