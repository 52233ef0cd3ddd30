"""The window is told of what a second start of the program hands over."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pytestqt.qtbot import QtBot

from lesionviewer.core.handover import Reception, hand_over
from lesionviewer.jobs.handed_over import HandedOver


def test_each_start_is_told_once(qtbot: QtBot, tmp_path: Path):
    reception = Reception(tmp_path)
    watch = HandedOver(reception)
    with ThreadPoolExecutor(1) as pool:
        for paths in ([tmp_path / "a", tmp_path / "b"], []):
            with qtbot.waitSignal(watch.arrived, timeout=30_000) as arrived:
                handing = pool.submit(hand_over, tmp_path, paths, wait_s=30)
            assert arrived.args == [paths]
            assert handing.result()
    reception.close()
