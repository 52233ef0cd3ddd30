"""The reader's libraries are added with progress, listed, used at once, and removed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bundles import tiny_bundle
from doubt_helpers import made_doubts
from pytestqt.qtbot import QtBot
from review_helpers import WAIT_MS, GatedClassifier, HandDecoder, save_picture, until

from lesionviewer.core.bundle import open_bundle
from lesionviewer.engine.doubt.own_library import libraries_dir
from lesionviewer.engine.selection import Chosen
from lesionviewer.jobs.own_libraries import OwnLibraries

__all__ = ["tiny_bundle"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESIONVIEWER_HOME", str(tmp_path / "home"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Six images of two diagnoses; the decoder of these tests makes up their pixels."""
    folder = tmp_path / "mine"
    for number in range(6):
        code = ("mel", "nv")[number % 2]
        (folder / code).mkdir(parents=True, exist_ok=True)
        save_picture(folder / code / f"{number}.png", 20, 20)
    return folder


class InstantDecoder(HandDecoder):
    """Decodes as soon as it is asked; each file has a grey of its own."""

    def submit(self, request):
        future = super().submit(request)
        self.give(request.path.name, grey=20 + 7 * len(self.asked))
        return future


@pytest.fixture
def libraries(clean_end: None, classifier: GatedClassifier, tiny_bundle: Path):
    made = OwnLibraries(InstantDecoder())
    made.set_engine(Chosen(classifier, doubts=made_doubts(), opened=open_bundle(tiny_bundle)))
    yield made
    classifier.gate.set()
    assert made.close(grace_ms=WAIT_MS)


@pytest.fixture
def ended(qtbot: QtBot, libraries: OwnLibraries) -> Callable:
    """Do something and wait for how it ended. Returns that, and which libraries there are then."""

    def run(work: Callable[[], None]) -> tuple[str, list]:
        lists: list = []
        libraries.listed.connect(lists.append)
        with qtbot.waitSignal(libraries.said, timeout=WAIT_MS) as said:
            work()
        return said.args[0], lists[-1]

    return run


def test_a_folder_becomes_a_library_that_is_used_at_once(
    libraries: OwnLibraries, ended: Callable, mine: Path, classifier: GatedClassifier
) -> None:
    at, usable = [], []
    libraries.progressed.connect(lambda *done: at.append(done))
    libraries.usable.connect(usable.append)
    words, kept = ended(lambda: libraries.add(mine))
    assert words == "mine: 6 images added."
    assert at == [(0, 6), (4, 6)]
    assert classifier.batches == [4, 2]
    assert [library.name for library in kept] == ["mine"]
    assert [len(library) for library in usable[-1]] == [8, 6]
    own = usable[-1][1].images
    assert {(image.diagnosis, image.path.parent.name) for image in own} == {
        ("mel", "mel"),
        ("nv", "nv"),
    }
    assert (libraries_dir() / "mine" / "library.json").exists()


def test_the_same_folder_twice_gets_another_name(
    libraries: OwnLibraries, ended: Callable, mine: Path
) -> None:
    ended(lambda: libraries.add(mine))
    assert [library.name for library in ended(lambda: libraries.add(mine))[1]] == ["mine", "mine 2"]


def test_a_library_is_removed_and_its_pictures_stay(
    libraries: OwnLibraries, ended: Callable, mine: Path
) -> None:
    _, kept = ended(lambda: libraries.add(mine))
    words, kept = ended(lambda: libraries.remove(kept[0].folder))
    assert words.startswith("mine was removed")
    assert kept == []
    assert list(libraries_dir().iterdir()) == []
    assert len(list(mine.rglob("*.png"))) == 6


def test_what_is_cancelled_leaves_nothing(
    libraries: OwnLibraries, ended: Callable, mine: Path, classifier: GatedClassifier
) -> None:
    classifier.gate.clear()

    def add_and_cancel() -> None:
        libraries.add(mine)
        until(lambda: classifier.entered == 1, "the first batch is with the engine")
        libraries.cancel()
        classifier.gate.set()

    words, kept = ended(add_and_cancel)
    assert words == "Cancelled; nothing was added."
    assert kept == []
    assert not libraries_dir().exists()


def test_a_folder_without_diagnoses_says_so(
    libraries: OwnLibraries, ended: Callable, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    words, kept = ended(lambda: libraries.add(tmp_path / "empty"))
    assert "one sub-folder for each diagnosis" in words
    assert kept == []


def test_a_library_of_another_model_is_listed_with_the_reason_and_not_used(
    qtbot: QtBot, libraries: OwnLibraries, ended: Callable, mine: Path
) -> None:
    ended(lambda: libraries.add(mine))
    words = libraries_dir() / "mine" / "library.json"
    words.write_text(words.read_text("utf-8").replace('"card_sha256": "', '"card_sha256": "0'))
    usable = []
    libraries.usable.connect(usable.append)
    with qtbot.waitSignal(libraries.listed, timeout=WAIT_MS) as listed:
        libraries.refresh()
    assert "another model" in listed.args[0][0].reason
    assert [len(library) for library in usable[-1]] == [8]


def test_a_model_that_finds_no_similar_cases_takes_none(
    libraries: OwnLibraries, classifier: GatedClassifier, mine: Path
) -> None:
    assert libraries.available
    libraries.set_engine(Chosen(classifier))
    assert not libraries.available
    libraries.add(mine)
    assert not libraries.busy
