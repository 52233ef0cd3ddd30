"""Sessions behind signals, on real files."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lesionviewer.core.store.problems import SessionStoreError, StoreProblem
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.store.view_state import ViewState
from lesionviewer.jobs.session_service import SessionService

A, B = "a" * 64, "b" * 64


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def start(clean_end: None, data: Path) -> Iterator[Callable[..., SessionService]]:
    services: list[SessionService] = []

    def make(open_store: Callable[[], SessionStore] | None = None) -> SessionService:
        opener = open_store or (lambda: SessionStore.open(data, busy_ms=0))
        services.append(SessionService(open_store=opener, settle_ms=1))
        return services[-1]

    yield make
    for service in services:
        assert service.close()


@pytest.fixture
def opened(qtbot: QtBot, start, tmp_path: Path) -> SessionService:
    service = start()
    with qtbot.waitSignal(service.opened):
        service.open([tmp_path / "images"], reader="Ada")
    return service


def held(data: Path) -> dict[str, str | None]:
    """What another program reads from the disk."""
    with SessionStore.look_into(data) as store:
        (info,) = store.sessions()
        decisions = store.read(info.row).decisions()
        return {sha256: decision.diagnosis for sha256, decision in decisions.items()}


def test_a_decision_is_on_the_disk_when_it_is_told_of(qtbot, opened, data):
    with qtbot.waitSignal(opened.committed) as told:
        ticket = opened.decide([A], {"diagnosis": "mel"})
        assert not opened.state.saved
    assert held(data) == {A: "mel"}
    assert (told.args[0].ticket, told.args[0].rows[0].sha256) == (ticket, A)
    assert opened.state.saved
    assert opened.state.decisions[A].diagnosis == "mel"
    assert (opened.state.decided, opened.state.undo_steps, opened.state.redo_steps) == (1, 1, 0)


def test_undo_and_redo_move_between_what_was_decided(qtbot, opened):
    opened.decide([A, B], {"diagnosis": "nv"})
    with qtbot.waitSignals([opened.committed] * 2):
        opened.undo()
    assert opened.state.decisions == {}
    assert (opened.state.undo_steps, opened.state.redo_steps) == (0, 1)
    with qtbot.waitSignal(opened.committed):
        opened.redo()
    assert opened.state.decided == 2


def test_a_folder_opened_again_comes_back_as_it_was(qtbot, opened, start, tmp_path):
    folder = tmp_path / "images"
    opened.begin_scan()
    with qtbot.waitSignal(opened.known):
        opened.add_images([folder / "a.jpg", folder / "b.jpg"], start=0)
    opened.note_digests({folder / "a.jpg": A})
    opened.decide([A], {"diagnosis": "mel", "note": "border"})
    opened.save_view(ViewState(image="a.jpg", filters={"undecided": True}))
    with qtbot.waitSignal(opened.known) as known:
        opened.group([folder / "b.jpg"], "L1")
    assert [image.lesion for image in known.args[0].images] == [None, "L1"]
    assert opened.close()
    again = start()
    with qtbot.waitSignal(again.opened) as told:
        again.open([folder])
    session = told.args[0]
    assert session.reader == "Ada"
    assert session.view.filters == {"undecided": True}
    assert [(image.path.name, image.sha256) for image in session.images] == [
        ("a.jpg", A),
        ("b.jpg", None),
    ]
    assert again.state.decisions[A].note == "border"
    assert again.state.undo_steps == 1


def test_closing_does_all_that_was_asked_for(opened, data):
    for number in range(50):
        opened.decide([f"{number:064x}"], {"diagnosis": "nv"})
    opened.save_view(ViewState(position=49))
    assert opened.close()
    assert len(held(data)) == 50
    with SessionStore.look_into(data) as store:
        assert store.read(1).view.position == 49


def test_decisions_belong_to_the_session_that_was_open_then(qtbot, opened, data, tmp_path):
    with qtbot.waitSignal(opened.opened), qtbot.assertNotEmitted(opened.committed):
        opened.decide([A], {"diagnosis": "mel"})
        opened.open([tmp_path / "other"])
    assert opened.state.decisions == {}
    assert opened.state.saved
    with SessionStore.look_into(data) as store:
        assert [info.decided for info in store.sessions()] == [0, 1]


def test_two_programs_at_once_are_named(qtbot, start, data, tmp_path):
    with SessionStore.open(data):
        service = start()
        with qtbot.waitSignal(service.failed) as failure:
            ticket = service.open([tmp_path])
        assert failure.args[0].ticket == ticket
        assert failure.args[0].problem is StoreProblem.IN_USE
    with qtbot.waitSignal(service.opened):
        service.open([tmp_path])


def test_a_decision_without_a_session_is_not_called_saved(qtbot, start):
    service = start()
    with qtbot.assertNotEmitted(service.committed), qtbot.waitSignal(service.failed) as failure:
        ticket = service.decide([A], {"diagnosis": "mel"})
    assert failure.args[0].ticket == ticket
    assert service.state.saved
    assert service.state.decisions == {}


def test_a_locked_file_is_named_and_the_next_decision_is_kept(qtbot, opened, data):
    with closing(sqlite3.connect(data / "session.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with qtbot.waitSignal(opened.failed) as failure:
            opened.decide([A], {"diagnosis": "mel"})
        assert failure.args[0].problem is StoreProblem.LOCKED
    with qtbot.waitSignal(opened.committed):
        opened.decide([B], {"diagnosis": "nv"})
    assert held(data) == {B: "nv"}


def test_a_damaged_file_is_left_and_a_backup_brought_back(qtbot, opened, start, data, tmp_path):
    with qtbot.waitSignal(opened.committed):
        opened.decide([A], {"diagnosis": "mel"})
    assert opened.close()
    (data / "session.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    service = start()
    with qtbot.waitSignal(service.failed) as failure:
        service.open([tmp_path / "images"])
    told = failure.args[0]
    assert told.problem is StoreProblem.DAMAGED
    with qtbot.waitSignal(service.repaired):
        service.restore(told.folder, told.backups[0])
    with qtbot.waitSignal(service.opened):
        service.open([tmp_path / "images"])
    assert service.state.decisions[A].diagnosis == "mel"


def test_beginning_anew_gives_an_empty_session(qtbot, opened, data, tmp_path):
    with qtbot.waitSignal(opened.committed):
        opened.decide([A], {"diagnosis": "mel"})
    with qtbot.waitSignal(opened.repaired):
        opened.begin_anew(data)
    with qtbot.waitSignal(opened.opened):
        opened.open([tmp_path / "images"])
    assert opened.state.decisions == {}


def test_a_program_error_is_told_in_one_sentence(qtbot, start, caplog):
    def crash() -> SessionStore:
        raise RuntimeError("secret")

    service = start(crash)
    with qtbot.waitSignal(service.failed) as failure:
        service.open([Path("x")])
    assert "secret" not in failure.args[0].message
    assert "secret" in caplog.text


def test_closing_while_the_store_is_held_up_says_so(qtbot, start, data):
    go_on = threading.Event()

    def slow() -> SessionStore:
        go_on.wait(20)
        raise SessionStoreError(StoreProblem.LOCKED, data)

    service = start(slow)
    service.open([Path("x")])
    assert not service.close(grace_ms=1)
    go_on.set()


def test_a_wrong_change_is_refused_at_once(opened):
    with pytest.raises(ValueError, match="code"):
        opened.decide([A], {"diagnosis": "Mel"})
