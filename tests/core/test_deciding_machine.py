"""Any sequence of files read, decisions and filters, against plain dictionaries."""

from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lesionviewer.core.arranging import Arrangement, Show, SortKey
from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES
from lesionviewer.core.files import FoundImage
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.review_images import ReviewImages
from lesionviewer.core.store.decision import Decision

CODES = [diagnosis.code for diagnosis in HAM10000_DIAGNOSES]
IMAGES = 6
images_ = st.integers(0, IMAGES - 1)
digests_ = st.sampled_from([character * 64 for character in "abcd"])
decisions_ = st.one_of(
    st.none(),
    st.builds(
        Decision,
        diagnosis=st.sampled_from([None, "mel", "nv", "unheard_of"]),
        unsure=st.booleans(),
        flag=st.booleans(),
        star=st.booleans(),
    ),
)


class Deciding(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.images = ReviewImages(HAM10000_DIAGNOSES)
        names = [f"{number}.jpg" for number in range(IMAGES)]
        self.images.add([FoundImage(Path(name), name, name) for name in names])
        self.digests: dict[int, str] = {}
        self.tops: dict[int, str] = {}
        self.held: dict[str, Decision] = {}

    @rule(image=images_, digest=digests_)
    def read(self, image: int, digest: str) -> None:
        news = self.images.reader.note_digest(image, digest)
        assert news == (self.digests.get(image) != digest)
        self.digests[image] = digest

    @rule(image=images_, place=st.integers(0, len(CODES) - 1))
    def predict(self, image: int, place: int) -> None:
        shares = np.full(len(CODES), 0.05, np.float32)
        shares[place] += 1 - shares.sum()
        maps = np.zeros((7, 7, len(CODES)), np.float32)
        self.images.put(image, Prediction(shares, maps, SquareRegion(0, 0, 9)))
        self.tops[image] = CODES[place]

    @rule(digest=digests_, decision=decisions_)
    def decide(self, digest: str, decision: Decision | None) -> None:
        changed = self.images.reader.change({digest: decision})
        assert sorted(changed) == [i for i in range(IMAGES) if self.digests.get(i) == digest]
        self.held.pop(digest, None)
        if decision is not None:
            self.held[digest] = decision

    @rule(held=st.dictionaries(digests_, decisions_.filter(bool)))
    def open_another_session(self, held: dict[str, Decision]) -> None:
        self.images.reader.hold(held)
        self.held = dict(held)

    def decision(self, image: int) -> Decision:
        return self.held.get(self.digests.get(image, ""), Decision())

    def differs(self, image: int) -> bool:
        own, top = self.decision(image).diagnosis, self.tops.get(image)
        return own is not None and top is not None and own != top

    @invariant()
    def filters_and_counts_say_the_same(self) -> None:
        wanted = {
            Show.DECIDED: lambda i: self.decision(i).decided,
            Show.UNDECIDED: lambda i: not self.decision(i).decided,
            Show.FLAGGED: lambda i: self.decision(i).flag,
            Show.STARRED: lambda i: self.decision(i).star,
            Show.DISAGREEMENT: self.differs,
        }
        for show, keeps in wanted.items():
            listed = self.images.arrange(Arrangement(show=show)).tolist()
            assert listed == [image for image in range(IMAGES) if keeps(image)]
        tally = self.images.columns.tally()
        counted = [sum(map(keeps, range(IMAGES))) for keeps in wanted.values()]
        assert counted == [
            tally.decided,
            IMAGES - tally.decided,
            tally.flagged,
            tally.starred,
            tally.disagreeing,
        ]

    @invariant()
    def a_diagnosis_is_the_readers_else_the_models(self) -> None:
        def named(image: int) -> str | None:
            held = self.decision(image)
            return held.diagnosis or (None if held.decided else self.tops.get(image))

        for code, count in self.images.columns.by_diagnosis().items():
            expected = [image for image in range(IMAGES) if named(image) == code]
            assert self.images.arrange(Arrangement(diagnosis=code)).tolist() == expected
            assert count == len(expected)

    @invariant()
    def every_order_lists_every_image_once(self) -> None:
        for key in SortKey:
            assert sorted(self.images.arrange(Arrangement(key)).tolist()) == list(range(IMAGES))
        for image in range(IMAGES):
            held = self.images.reader.get(image)
            assert (held or Decision()) == self.decision(image)
            assert self.images.reader.digest(image) == self.digests.get(image, "")


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
