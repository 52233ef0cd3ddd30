"""The list of runs: found wherever they lie, told as they are."""

import json
from pathlib import Path

import pytest
from runs_helpers import pretend_run
from small_data import read_history

from lesionviewer.core.user_dirs import HOME_VARIABLE, runs_dir
from training.__main__ import main
from training.known import known_runs, note_run


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def listed(capfd, *words: str) -> list[dict]:
    capfd.readouterr()
    assert main(["runs", "--json", *words]) == 0
    return json.loads(capfd.readouterr().out)


def test_a_run_that_the_command_line_started_is_listed_with_what_it_came_to(
    finished_run: Path, capfd
):
    (run,) = [run for run in listed(capfd) if run["folder"] == str(finished_run.resolve())]
    history = read_history(finished_run)
    best = max(history, key=lambda row: float(row["val_balanced_accuracy"]))
    assert (run["name"], run["state"], run["backbone"]) == ("finished", "finished", "tiny_cnn")
    assert (run["epochs"], run["epochs_done"], run["best_epoch"]) == (3, 3, int(best["epoch"]))
    assert run["val_balanced_accuracy"] == float(best["val_balanced_accuracy"])
    assert run["recall"]["nevus"] == float(best["recall_nevus"])
    assert run["recall_melanoma"] is None
    assert run["pid"] is None


def test_runs_of_the_window_and_noted_ones_are_listed_once(own_home: Path, tmp_path: Path, capfd):
    inside = pretend_run(runs_dir(), "inside")
    outside = pretend_run(tmp_path / "else", "outside")
    for run in (inside, outside, outside):
        note_run(run)
    assert {run["name"] for run in listed(capfd)} == {"inside", "outside"}
    assert len(known_runs()) == 2


def test_a_folder_that_is_named_alone_counts(own_home: Path, tmp_path: Path, capfd):
    runs = [pretend_run(tmp_path / "some", name) for name in ("a", "b")]
    pretend_run(runs_dir(), "other")
    assert {run["name"] for run in listed(capfd, str(tmp_path / "some"))} == {"a", "b"}
    (one,) = listed(capfd, str(runs[0]))
    assert (one["state"], one["epochs_done"], one["best_epoch"]) == ("ready", 0, None)


def test_a_run_whose_folder_has_gone_is_not_listed(own_home: Path, tmp_path: Path, capfd):
    run = pretend_run(tmp_path, "gone")
    note_run(run)
    (run / "config.json").unlink()
    assert listed(capfd) == []
    assert main(["runs"]) == 0
    assert capfd.readouterr().out == "There are no runs.\n"


def test_the_table_has_a_line_for_each_run(own_home: Path, finished_run: Path, capfd):
    assert main(["runs", str(finished_run)]) == 0
    head, line = capfd.readouterr().out.splitlines()
    assert head.split()[:4] == ["run", "state", "epochs", "best"]
    assert line.split()[:3] == ["finished", "finished", "3/3"]
    assert line.endswith(str(finished_run.resolve()))


def test_a_home_that_cannot_be_written_does_not_stop_a_run(tmp_path: Path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "file"))
    note_run(pretend_run(tmp_path / "runs", "run"))
    assert known_runs() == []
