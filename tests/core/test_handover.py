"""A second start hands its paths to the window that is open."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lesionviewer.core.handover import Reception, WindowOpenError, hand_over


def test_there_is_one_reception_until_it_closes(tmp_path: Path):
    first = Reception(tmp_path)
    with pytest.raises(WindowOpenError):
        Reception(tmp_path)
    first.close()
    first.close()
    Reception(tmp_path).close()


@pytest.mark.parametrize("names", [[], ["ä b", "c"], [b"\xff\xfe"]])
def test_paths_arrive_as_they_were_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str | bytes]
):
    monkeypatch.chdir(tmp_path)
    paths = [Path(os.fsdecode(name)) for name in names]
    reception = Reception(tmp_path / "home")
    with ThreadPoolExecutor(1) as pool:
        handing = pool.submit(hand_over, tmp_path / "home", paths, wait_s=30)
        taken: list[list[Path]] = []
        while not taken:
            taken = reception.take()
        assert handing.result()
    reception.close()
    assert taken == [[tmp_path / path for path in paths]]


def test_a_window_that_does_not_answer_is_given_up_and_finds_nothing_later(tmp_path: Path):
    reception = Reception(tmp_path)
    assert not hand_over(tmp_path, [Path("a")], wait_s=0)
    assert reception.take() == []
    reception.close()


def test_nothing_can_be_handed_over_where_no_window_was_ever_open(tmp_path: Path):
    assert not hand_over(tmp_path, [Path("a")])


def test_what_a_killed_start_left_is_not_opened(tmp_path: Path):
    Reception(tmp_path).close()
    (tmp_path / "inbox" / "1.json").write_text('{"paths": ["2f"]}', "utf-8")
    reception = Reception(tmp_path)
    assert reception.take() == []
    reception.close()


@pytest.mark.parametrize("text", ["", "[]", '{"paths": 1}', '{"paths": ["zz"]}', '{"x": []}'])
def test_a_damaged_letter_opens_nothing(tmp_path: Path, text: str):
    reception = Reception(tmp_path)
    (reception.inbox / "1.json").write_text(text, "utf-8")
    assert reception.take() == []
    reception.close()
