"""Sessions as large as they come."""

from pathlib import Path

from lesionviewer.core.store.store import SessionStore

MANY = 20_000
CHUNK = 1000


def test_twenty_thousand_images_come_back_with_digests_lesions_and_decisions(folder, digest):
    paths = [Path(f"/nowhere/lesions/{number}.jpg") for number in range(MANY)]
    digests = {path: digest(number) for number, path in enumerate(paths)}
    every = list(digests.values())
    with SessionStore.open(folder) as store:
        session = store.session_for(["/nowhere/lesions"], reader="Ada")
        session.begin_scan()
        for start in range(0, MANY, CHUNK):
            known = session.add_images(paths[start : start + CHUNK], start=start)
            assert [image.position for image in known] == [*range(start, start + CHUNK)]
        session.note_digests(digests)
        session.group(paths[:3], "L1", origin="metadata")
        assert len(session.decide(every, {"diagnosis": "nv"})) == MANY
        session.decide(every[:2], {"diagnosis": "mel"})
    with SessionStore.open(folder) as store:
        session = store.session_for(["/nowhere/lesions"])
        images = session.images()
        assert [image.path for image in images] == paths
        assert [image.sha256 for image in images] == every
        assert [image.lesion for image in images[:4]] == ["L1", "L1", "L1", None]
        assert [d.diagnosis for d in session.decisions().values()].count("nv") == MANY - 2
        assert session.info.decided == MANY
        report = store.verify(session.info.row)
        assert (report.rows, report.altered) == (MANY + 2, None)
        session.undo()
        assert len(session.undo()) == MANY
        assert session.decisions() == {}
