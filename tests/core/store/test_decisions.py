"""Deciding, undo and redo."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lesionviewer.core.store.decision import Circumstances, Decision
from lesionviewer.core.store.store import SessionStore

UNAIDED = Circumstances(bundle="b" * 64, model_shown=False, seconds=2.5)
AIDED = Circumstances(bundle="b" * 64, model_shown=True, seconds=4)


def test_a_decision_is_kept_with_its_circumstances(session, digest):
    given = Circumstances(
        bundle="b" * 64, model_shown=True, model_diagnoses={digest(1): "nv"}, seconds=3.25
    )
    (row,) = session.decide([digest(1)], {"diagnosis": "mel"}, given)
    decision = session.decisions()[digest(1)]
    assert decision == row.decision
    assert decision == Decision(
        diagnosis="mel",
        decided_utc=row.at_utc,
        seconds=3.25,
        model_shown=True,
        model_diagnosis="nv",
        bundle="b" * 64,
    )
    assert decision.decided
    assert (row.reader, row.bundle, row.kind) == ("Ada", "b" * 64, "decide")


def test_marks_and_notes_are_no_decision_and_keep_its_time(session, digest):
    session.decide([digest(1)], {"flag": True, "star": True, "note": "border"}, AIDED)
    marked = session.decisions()[digest(1)]
    assert not marked.decided
    assert (marked.decided_utc, marked.seconds, marked.model_shown) == (None, None, None)
    session.decide([digest(1)], {"unsure": True}, UNAIDED)
    unsure = session.decisions()[digest(1)]
    session.decide([digest(1)], {"note": ""}, AIDED)
    assert session.decisions()[digest(1)].decided_utc == unsure.decided_utc
    assert session.decisions()[digest(1)].seconds == 2.5


def test_images_of_one_lesion_are_decided_and_taken_back_together(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    rows = session.decide([digest(1), digest(2), digest(2)], {"diagnosis": "mel"})
    assert [row.sha256 for row in rows] == [digest(1), digest(2)]
    assert {row.step for row in rows} == {rows[0].seq}
    undone = session.undo()
    assert {row.sha256: row.decision and row.decision.diagnosis for row in undone} == {
        digest(1): "nv",
        digest(2): None,
    }
    assert set(session.decisions()) == {digest(1)}


def test_what_changes_nothing_gets_no_row_and_leaves_redo(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    session.decide([digest(1)], {"flag": True})
    session.undo()
    assert session.decide([digest(1)], {"diagnosis": "nv"}, AIDED) == ()
    assert [row.decision.flag for row in session.redo()] == [True]


def test_undo_and_redo_go_all_the_way_and_then_do_nothing(session, digest):
    for code in ("nv", "mel", "bcc"):
        session.decide([digest(1)], {"diagnosis": code})
    before = session.decisions()
    assert [session.undo()[0].kind for _ in range(3)] == ["undo"] * 3
    assert session.decisions() == {}
    assert session.undo() == ()
    assert [session.redo()[0].kind for _ in range(3)] == ["redo"] * 3
    assert session.decisions() == before
    assert session.redo() == ()


def test_a_new_decision_ends_redo(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    session.undo()
    session.decide([digest(1)], {"diagnosis": "mel"})
    assert session.redo() == ()


def test_undo_and_redo_go_on_after_a_restart(folder, tmp_path, digest):
    with SessionStore.open(folder) as store:
        session = store.session_for([tmp_path], reader="Ada")
        session.decide([digest(1)], {"diagnosis": "nv"})
        session.decide([digest(2)], {"diagnosis": "mel"})
        session.undo()
    with SessionStore.open(folder) as store:
        session = store.session_for([tmp_path])
        assert session.reader == "Ada"
        session.redo()
        assert set(session.decisions()) == {digest(1), digest(2)}
        session.undo()
        session.undo()
        assert session.decisions() == {}


def test_a_switch_away_from_the_unaided_diagnosis_is_logged_as_such(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"}, UNAIDED)
    (row,) = session.decide([digest(1)], {"diagnosis": "mel"}, AIDED)
    assert row.kind == "switch"
    switched = session.decisions()[digest(1)]
    assert (switched.unaided, switched.diagnosis, switched.model_shown) == ("nv", "mel", True)
    session.undo()
    assert session.decisions()[digest(1)].diagnosis == "nv"


@pytest.mark.parametrize(
    ("first", "second", "change"),
    [
        (AIDED, AIDED, {"diagnosis": "mel"}),
        (UNAIDED, UNAIDED, {"diagnosis": "mel"}),
        (UNAIDED, AIDED, {"flag": True}),
    ],
)
def test_other_changes_are_no_switch(session, digest, first, second, change):
    session.decide([digest(1)], {"diagnosis": "nv"}, first)
    (row,) = session.decide([digest(1)], change, second)
    assert row.kind == "decide"


def test_hiding_the_model_again_does_not_make_a_diagnosis_unaided(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"}, AIDED)
    session.decide([digest(1)], {"diagnosis": "mel"}, UNAIDED)
    assert session.decisions()[digest(1)].unaided is None


def test_readers_have_decisions_and_undo_of_their_own(session, digest):
    session.decide([digest(1)], {"diagnosis": "nv"})
    session.read_as("Ben")
    assert session.decisions() == {}
    assert session.undo() == ()
    session.decide([digest(1)], {"diagnosis": "mel"})
    session.read_as("Ada")
    session.undo()
    assert session.decisions() == {}
    assert session.decisions("Ben")[digest(1)].diagnosis == "mel"
    session.assign(["Cy"])
    assert session.readers() == ("Ben", "Cy")


@pytest.mark.parametrize("change", [{}, {"colour": 1}, {"diagnosis": "Melanoma!"}])
def test_a_change_that_is_none_is_refused(session, digest, change):
    with pytest.raises(ValueError, match=r"change|code"):
        session.decide([digest(1)], change)
    assert session.audit() == ()


def test_half_a_surrogate_pair_in_a_note_is_replaced(session, digest):
    session.decide([digest(1)], {"note": "a\ud800\0b"})
    assert session.decisions()[digest(1)].note == "a?\0b"


def test_events_of_the_session_are_rows_but_nothing_to_undo(session, digest):
    row = session.record("export", None, {"format": "csv"}, bundle="b" * 64)
    assert (row.seq, row.sha256, row.new) == (1, "", '{"format":"csv"}')
    assert session.undo() == ()
    assert session.audit("export") == (row,)
    with pytest.raises(ValueError, match="decisions alone"):
        session.record("undo", None, None)


def test_decisions_from_several_threads_all_count(session, store, digest):
    def decide(number: int) -> None:
        session.decide([digest(number)], {"diagnosis": "nv"})
        session.decide([digest(99)], {"note": str(number)})
        session.undo()
        session.redo()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(decide, range(12)))
    report = store.verify(session.info.row)
    assert report.altered is None
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: session.undo(), range(48)))
    assert session.decisions() == {}
