import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_data import make_csv_set, make_folder_set, read_history

from training.__main__ import main

REPOSITORY = Path(__file__).resolve().parents[2]
GIVE_UP_S = 600
pytestmark = pytest.mark.timeout(2 * GIVE_UP_S)
SMALL = ["--backbone", "tiny_cnn", "--init", "none", "--threads", "1", "--views", "1"]
SMALL += ["--bundle", "none"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(beginning):
            return
    assert process.stderr is not None
    pytest.fail(f"the run ended before it said {beginning!r}: {process.stderr.read()}")


def test_a_run_writes_config_history_events_checkpoints_and_metrics(finished_run: Path):
    names = {path.name for path in finished_run.iterdir()}
    assert {"config.json", "history.csv", "events.jsonl", "checkpoints", "metrics.json"} <= names
    history = read_history(finished_run)
    assert [row["epoch"] for row in history] == ["1", "2", "3"]
    assert [row["stage"] for row in history] == ["frozen trunk", "frozen trunk", "fine-tuning"]
    columns = "epoch stage loss val_loss val_balanced_accuracy recall_angioma "
    columns += "recall_melanoma_in_situ recall_nevus seconds learning_rate"
    assert list(history[0]) == columns.split()
    metrics = json.loads((finished_run / "metrics.json").read_text("utf-8"))
    scores = [float(row["val_balanced_accuracy"]) for row in history]
    assert scores[metrics["best_epoch"] - 1] == max(scores)


def test_every_event_is_one_line_with_its_kind(finished_run: Path):
    lines = (finished_run / "events.jsonl").read_text("utf-8").splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert kinds.count("epoch") == 3
    assert kinds.count("stage") == 2


def test_resuming_a_finished_run_changes_nothing(finished_run: Path):
    before = (finished_run / "history.csv").read_bytes()
    assert main(["train", "--resume", str(finished_run)]) == 0
    assert (finished_run / "history.csv").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_leaves_a_run_that_resumes_where_it_stopped(tmp_path: Path):
    data, run = make_folder_set(tmp_path / "data", count=4), tmp_path / "run"
    with start("train", "--data", str(data), "--out", str(run), "--epochs", "30", *SMALL) as first:
        read_until(first, "Epoch 2 of 30")
        first.send_signal(signal.SIGINT)
        _, errors = first.communicate(timeout=GIVE_UP_S)
    assert first.returncode == 130
    assert f"--resume {run}" in errors
    done = len(read_history(run))
    assert 2 <= done < 30
    with start("train", "--resume", str(run)) as resumed:
        out, _ = resumed.communicate(timeout=GIVE_UP_S)
    assert resumed.returncode == 0
    assert f"Epoch {done} of" not in out
    assert f"Epoch {done + 1} of" in out
    assert [int(row["epoch"]) for row in read_history(run)] == list(range(1, 31))


def test_a_kill_loses_at_most_the_epoch_under_way(tmp_path: Path):
    data, run = make_folder_set(tmp_path / "data", count=4), tmp_path / "run"
    with start("train", "--data", str(data), "--out", str(run), "--epochs", "400", *SMALL) as first:
        read_until(first, "Epoch 3 of 400")
        first.kill()
    done = len(read_history(run))
    with start("train", "--resume", str(run)) as resumed:
        read_until(resumed, f"Epoch {done + 1} of 400")
        resumed.kill()
    epochs = [int(row["epoch"]) for row in read_history(run)]
    assert epochs == list(range(1, len(epochs) + 1))
    assert len(epochs) > done


def test_the_config_is_there_before_tensorflow_is_imported(tmp_path: Path):
    data, run = make_folder_set(tmp_path / "data", count=4), tmp_path / "run"
    script = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from training.__main__ import main\n"
        f"main(['train', '--data', {str(data)!r}, '--out', {str(run)!r}, *{SMALL!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_S,
    )
    assert "keras" in done.stderr
    assert json.loads((run / "config.json").read_text("utf-8"))["backbone"] == "tiny_cnn"


def test_the_config_of_a_run_starts_the_same_run_again(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("training.run.TrainingRun.work", lambda run: None)
    again = tmp_path / "again"
    assert main(["train", "--config", str(finished_run / "config.json"), "--out", str(again)]) == 0
    assert (again / "config.json").read_bytes() == (finished_run / "config.json").read_bytes()


def test_an_image_that_cannot_be_read_is_listed_and_does_not_end_the_run(tmp_path: Path):
    data, run = make_folder_set(tmp_path / "data", count=5), tmp_path / "run"
    (data / "nevus" / "0_0.jpg").write_bytes(b"nothing")
    arguments = ["train", "--data", str(data), "--out", str(run), "--epochs", "1", *SMALL]
    assert main(arguments) == 0
    assert "0_0.jpg: This is not a picture" in (run / "skipped.txt").read_text("utf-8")


def rows() -> list[dict[str, str]]:
    return [
        {"image_id": f"i{n}", "dx": "nv" if n % 2 else "mel", "lesion_id": f"L{n}"}
        for n in range(12)
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "one of the arguments"),
        (["--data", "no/such/place", "--out", "RUN"], "There is no data set"),
        (["--data", "DATA"], "--out RUN"),
        (["--config", "RECIPE", "--out", "RUN"], "names none; say what is trained on"),
        (["--data", "DATA", "--out", "RUN", "--epochs", "0"], "epochs: expected 1"),
        (["--data", "DATA", "--out", "RUN", "--malignant", "bcc"], "bcc is no diagnosis"),
        (["--data", "DATA", "--out", "RUN", "--init", "no.h5"], "init: expected bundle"),
        (["--data", "DATA", "--out", "RUN", "--backbone", "vgg"], "invalid choice"),
        (["--data", "DATA", "--out", "RUN", "--head", "wide"], "expected sizes as in 512,256"),
        (["--data", "DATA", "--out", "RUN", "--head", "0"], "head: expected up to 4 sizes"),
        (["--data", "DATA", "--out", "TAKEN"], "is not empty"),
        (["--resume", "RUN"], "is no run folder"),
        (["--resume", "RUN", "--data", "DATA"], "not allowed with"),
    ],
)
def test_wrong_use_ends_with_2_and_one_clear_line(
    tmp_path: Path, capfd, arguments: list[str], message: str
):
    data = make_csv_set(tmp_path / "data", rows())
    (tmp_path / "recipe.json").write_text('{"views": 2}', "utf-8")
    places = {
        "RECIPE": tmp_path / "recipe.json",
        "DATA": data,
        "RUN": tmp_path / "run",
        "TAKEN": tmp_path / "data",
    }
    given = ["train", *(str(places.get(word, word)) for word in arguments)]
    if "--init" not in given and "--data" in given:
        given += ["--init", "none"]
    try:
        status = main(given)
    except SystemExit as exit_:
        status = exit_.code
    assert status == 2
    errors = capfd.readouterr().err
    assert message in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_split_that_leaks_is_refused_on_the_command_line(tmp_path: Path, capfd):
    split = [row | {"split": "train", "lesion_id": "L"} for row in rows()]
    split[0]["split"] = "test"
    data = make_csv_set(tmp_path / "data", split)
    assert main(["train", "--data", str(data), "--out", str(tmp_path / "run"), *SMALL]) == 2
    assert "Such a split leaks" in capfd.readouterr().err
