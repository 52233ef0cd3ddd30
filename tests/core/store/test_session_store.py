"""Sessions and their images: opened again, moved, renamed, changed, grouped."""

import logging
import os
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from lesionviewer.core.errors import StoreError
from lesionviewer.core.store.images import Moved
from lesionviewer.core.store.store import SessionStore
from lesionviewer.core.store.view_state import ViewState


def digest_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def scan(session, folder: Path, *, read: bool = True):
    """Look through `folder` as the window does, and read the files that are not known."""
    session.begin_scan()
    known = session.add_images(sorted(folder.iterdir()), start=0)
    if read:
        session.note_digests({i.path: digest_of(i.path) for i in known if i.sha256 is None})
    return known


def test_a_folder_opened_again_gives_its_session_back(folder, images):
    first, other = images("a"), images("b")
    with SessionStore.open(folder) as store:
        session = store.session_for([first, other], reader="Ada")
        session.save_view(ViewState(position=3))
    with SessionStore.open(folder) as store:
        assert store.session_for([other, first]).view.position == 3
        assert store.session_for([first]).view.position == 0
        assert len(store.sessions()) == 2


def test_one_session_opened_twice_is_one_object(store, images):
    made = images()
    assert store.session_for([made]) is store.session_for([made])


def test_sessions_are_listed_the_last_first_with_their_counts(folder, images):
    times = (f"2026-01-01T00:00:{second:02}.000Z" for second in range(60))
    with SessionStore.open(folder, clock=lambda: next(times)) as store:
        first, second = images("first"), images("second")
        session = store.session_for([first], reader="Ada")
        known = scan(session, first)
        session.decide([digest_of(known[0].path)], {"diagnosis": "nv"})
        session.decide([digest_of(known[1].path)], {"note": "no decision"})
        store.session_for([second], reader="Ben")
        assert [(i.name, i.reader, i.images, i.decided) for i in store.sessions()] == [
            ("second", "Ben", 0, 0),
            ("first", "Ada", 3, 1),
        ]
        store.session_for([first])
        assert store.sessions()[0].name == "first"


def test_a_new_session_belongs_to_the_user_of_the_machine_unless_named(store, images, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "eve")
    assert store.session_for([images("a")]).reader == "eve"
    assert store.session_for([images("b")], reader="Ada").reader == "Ada"


def test_the_digest_of_an_unchanged_file_is_known_again(store, images):
    made = images()
    session = store.session_for([made])
    assert [image.sha256 for image in scan(session, made)] == [None] * 3
    again = scan(session, made, read=False)
    assert [image.sha256 for image in again] == [digest_of(image.path) for image in again]
    assert [image.position for image in again] == [0, 1, 2]


def test_the_digest_of_a_changed_file_is_forgotten(store, images):
    made = images()
    session = store.session_for([made])
    scan(session, made)
    (made / "1.jpg").write_bytes(b"something else altogether")
    assert [image.sha256 is None for image in scan(session, made)] == [False, True, False]
    stat = (made / "1.jpg").stat()
    (made / "1.jpg").write_bytes(b"something ELSE altogether")
    os.utime(made / "1.jpg", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    assert [image.sha256 is None for image in scan(session, made)] == [False, True, False]


def test_a_file_that_cannot_be_reached_keeps_its_digest(store, images):
    made = images()
    session = store.session_for([made])
    known = scan(session, made)
    (made / "1.jpg").unlink()
    session.begin_scan()
    again = session.add_images([image.path for image in known], start=0)
    assert all(image.sha256 for image in again)


def test_files_that_are_gone_leave_the_list(store, images):
    made = images()
    session = store.session_for([made])
    scan(session, made)
    (made / "0.jpg").unlink()
    scan(session, made)
    assert [image.path.name for image in session.images()] == ["1.jpg", "2.jpg"]
    assert session.info.images == 2


def test_a_renamed_file_keeps_decision_and_lesion(store, images):
    made = images()
    session = store.session_for([made])
    known = scan(session, made)
    session.group([known[0].path], "L1", origin="hand")
    session.decide([digest_of(known[0].path)], {"diagnosis": "mel"})
    new = known[0].path.rename(made / "renamed.jpg")
    session.begin_scan()
    session.add_images(sorted(made.iterdir()), start=0)
    assert session.note_digests({new: digest_of(new)}) == (Moved(made / "0.jpg", new),)
    (found,) = [image for image in session.images() if image.path == new]
    assert found.lesion == "L1"
    assert session.decisions()[found.sha256].diagnosis == "mel"
    assert len(session.images()) == 3


def test_a_copy_is_an_image_of_its_own_with_the_same_decision(store, images):
    made = images()
    (made / "copy.jpg").write_bytes((made / "0.jpg").read_bytes())
    session = store.session_for([made])
    scan(session, made)
    assert scan(session, made)[0].sha256 == scan(session, made)[3].sha256
    assert len(session.images()) == 4


def test_a_folder_that_was_moved_is_known_again(folder, images, tmp_path):
    made = images()
    with SessionStore.open(folder) as store:
        session = store.session_for([made], reader="Ada")
        known = scan(session, made)
        session.decide([digest_of(known[0].path)], {"diagnosis": "mel"})
        uid = session.info.uid
    moved = made.rename(tmp_path / "elsewhere")
    with SessionStore.open(folder) as store:
        session = store.session_for([moved])
        assert session.info.uid == uid
        assert session.info.roots == (str(moved),)
        again = scan(session, moved, read=False)
        assert session.decisions()[again[0].sha256].diagnosis == "mel"
        assert [row.kind for row in session.audit()] == ["decide", "move"]
        assert store.verify(session.info.row).altered is None


def test_a_copied_folder_is_another_session(store, images, tmp_path):
    made = images()
    scan(store.session_for([made]), made)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in made.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    assert store.session_for([copy]).info.roots == (str(copy),)
    assert len(store.sessions()) == 2


def test_an_empty_folder_is_not_taken_for_one_that_is_gone(store, images, tmp_path):
    images("gone", 0).rmdir()
    store.session_for([tmp_path / "gone"])
    assert store.session_for([images("empty", 0)]).info.name == "empty"


def test_lesions_group_images_until_they_are_taken_out(store, images):
    made = images()
    session = store.session_for([made])
    paths = [image.path for image in scan(session, made)]
    session.group(paths, "A", origin="metadata")
    session.group(paths[:2], "B", origin="hand")
    assert [image.lesion for image in session.images()] == ["B", "B", "A"]
    session.group(paths, None, origin="hand")
    assert [image.lesion for image in session.images()] == [None] * 3


def test_the_view_comes_back_as_it_was(store, images):
    session = store.session_for([images()])
    assert session.view == ViewState()
    view = ViewState(
        image="a.jpg",
        position=7,
        sort="Uncertainty",
        filters={"show": "malignant", "chips": ["flag"]},
        operating_point=0.31,
        reader_first=True,
        more={"saved filters": [{"name": "x"}]},
    )
    session.save_view(view)
    assert session.view == view


def test_a_relative_path_means_the_same_file(store, images, monkeypatch):
    made = images()
    monkeypatch.chdir(made.parent)
    session = store.session_for([made.name])
    session.begin_scan()
    (known,) = session.add_images([Path(made.name, "0.jpg")], start=0)
    assert known.path == made / "0.jpg"
    session.note_digests({Path(made.name, "0.jpg"): "0" * 64})
    assert session.images()[0].sha256 == "0" * 64
    assert store.session_for([made]) is session


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux")
def test_a_name_that_is_no_text_is_kept(store, tmp_path):
    made = tmp_path / os.fsdecode(b"caf\xe9")
    made.mkdir()
    (made / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
    session = store.session_for([made])
    (known,) = scan(session, made)
    assert known.path == made / os.fsdecode(b"\xff.jpg")
    assert scan(session, made)[0].sha256 == digest_of(known.path)
    assert store.session_for([made]) is session


def test_a_session_is_found_by_uid_its_beginning_or_its_folder(store, images):
    made = images()
    info = store.session_for([made]).info
    for word in (info.uid, info.uid[:4], info.uid.upper(), str(made)):
        assert store.find(word).uid == info.uid
    for word in ("", info.uid[:3], "ffff" if info.uid[:4] != "ffff" else "0000"):
        with pytest.raises(StoreError, match="no session"):
            store.find(word)


def test_what_is_opened_is_not_logged(folder, images, caplog):
    caplog.set_level(logging.DEBUG)
    made = images("Jane Doe")
    with SessionStore.open(folder) as store:
        session = store.session_for([made], reader="Dr Who")
        known = scan(session, made)
        session.decide([digest_of(known[0].path)], {"note": "private"})
    for word in ("Jane", "Who", "private", known[0].path.name):
        assert word not in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_the_folder_of_sessions_is_for_its_user_alone(store, folder):
    assert folder.stat().st_mode & 0o077 == 0
