"""The log file and where the user's files lie."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lesionviewer.core.log_file import start_log_file
from lesionviewer.core.user_dirs import HOME_VARIABLE, cache_dir, config_dir, log_dir


@pytest.fixture
def logger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    logger = logging.getLogger("lesionviewer")
    before, level, propagate = list(logger.handlers), logger.level, logger.propagate
    yield logger
    for handler in set(logger.handlers) - set(before):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)
    logger.propagate = propagate


def test_one_variable_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert {config_dir().parent, cache_dir().parent, log_dir().parent} == {tmp_path}
    monkeypatch.delenv(HOME_VARIABLE)
    assert len({config_dir(), cache_dir(), log_dir()}) >= 2
    assert tmp_path not in config_dir().parents


def test_an_exception_is_logged_by_its_place_and_kind_but_not_by_its_text(logger):
    file = start_log_file()
    try:
        Path("/nowhere/Jane Doe.jpg").read_bytes()
    except OSError:
        logging.getLogger("lesionviewer.jobs").exception("Reading failed")
    text = file.read_text(encoding="utf-8")
    assert "Reading failed" in text
    assert "FileNotFoundError" in text
    assert "test_log_file.py" in text
    assert "Jane" not in text
    assert "nowhere" not in text


def test_a_large_log_begins_anew(logger, tmp_path: Path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "lesionviewer.log").write_bytes(b"x" * (2 << 20))
    file = start_log_file()
    assert file.stat().st_size == 0


def test_a_log_that_cannot_be_written_stops_nothing(logger, tmp_path: Path):
    (tmp_path / "log").write_text("a file where the folder should be")
    assert start_log_file() is None
