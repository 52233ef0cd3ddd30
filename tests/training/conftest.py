"""One small data set and one small real run, for the tests of training."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_runs import SETTINGS, new_run, work
from small_data import make_folder_set

from lesionviewer.core.user_dirs import HOME_VARIABLE
from training.__main__ import main


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of the program's own, so that no test run joins those of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def folder_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder_set(tmp_path_factory.mktemp("data") / "lesions", count=6)


@pytest.fixture(scope="session")
def finished_run(folder_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that went through both stages; not to be changed."""
    run = tmp_path_factory.mktemp("runs") / "finished"
    status = main(
        [
            *("train", "--data", str(folder_set), "--out", str(run), "--backbone", "tiny_cnn"),
            *("--init", "none", "--epochs", "3", "--malignant", "melanoma_in_situ"),
            *("--threads", "1", "--batch-size", "8", "--views", "2"),
            *("--bundle", "none"),
        ]
    )
    assert status == 0
    return run


@pytest.fixture(scope="session")
def undisturbed(folder_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of both stages that nothing disturbed; not to be changed."""
    run = new_run(tmp_path_factory.mktemp("runs") / "undisturbed", folder_set)
    work(run)
    return run


@pytest.fixture(scope="session")
def steps(undisturbed: Path, folder_set: Path) -> int:
    """Steps of an epoch."""
    lines = (undisturbed / "images.csv").read_text("utf-8").splitlines()
    images = sum(",train," in line or line.endswith(",train") for line in lines)
    return -(-images // SETTINGS["batch_size"])
