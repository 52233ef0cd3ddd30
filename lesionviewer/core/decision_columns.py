"""What the reader decided of a set of images, in columns."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.store.decision import Decision

_DIGEST_BYTES = 32


class DecisionColumns:
    """One row an image. A decision belongs to a file's digest: copies of a file share it.

    Attributes:
        decided: Whether the reader is done with the image.
        flag: Marked for later.
        star: Marked as worth keeping.
        diagnosis: Place of the reader's diagnosis in `codes`, -1 for none.
        codes: Diagnoses that readers named, in the order in which they came up.
    """

    def __init__(self) -> None:
        """Make columns without rows."""
        self.codes: list[str] = []
        self.decided = np.zeros(0, bool)
        self.flag = np.zeros(0, bool)
        self.star = np.zeros(0, bool)
        self.diagnosis = np.zeros(0, np.int16)
        self._digest = np.zeros((0, _DIGEST_BYTES), np.uint8)
        self._first: dict[bytes, int] = {}
        self._copies: dict[bytes, list[int]] = {}
        self._held: dict[str, Decision] = {}

    def grow(self, rows: int) -> None:
        """Append empty rows until there are `rows`."""
        more = rows - self.decided.size
        self.decided = np.pad(self.decided, (0, more))
        self.flag = np.pad(self.flag, (0, more))
        self.star = np.pad(self.star, (0, more))
        self.diagnosis = np.pad(self.diagnosis, (0, more), constant_values=-1)
        self._digest = np.pad(self._digest, ((0, more), (0, 0)))

    def digest(self, row: int) -> str:
        """Return SHA-256 of the file in `row`, 64 hexadecimal digits; empty if it is not known."""
        digest = self._digest[row]
        return digest.tobytes().hex() if digest.any() else ""

    def digests(self, rows: NDArray[np.intp]) -> list[str]:
        """Return what `digest` gives for many rows, which must have one."""
        text, width = self._digest[rows].tobytes().hex(), 2 * _DIGEST_BYTES
        return [text[start : start + width] for start in range(0, len(text), width)]

    def is_read(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which of `rows` have a digest."""
        return np.asarray(self._digest[rows].any(axis=1), bool)

    def rows(self, sha256: str) -> Sequence[int]:
        """Return the rows of the file with that digest, the first one first."""
        key = bytes.fromhex(sha256)
        first = self._first.get(key)
        return () if first is None else (first, *self._copies.get(key, ()))

    def note_digest(self, row: int, sha256: str) -> bool:
        """Note the digest of the file in `row`. Returns whether that is news."""
        key = bytes.fromhex(sha256)
        if self._digest[row].tobytes() == key:
            return False
        self._forget(row)
        self._digest[row] = np.frombuffer(key, np.uint8)
        if self._first.setdefault(key, row) != row:
            self._copies.setdefault(key, []).append(row)
        self._show(row, self._held.get(sha256))
        return True

    def get(self, row: int) -> Decision | None:
        """Return what the reader holds of the image in `row`, None if there is nothing."""
        return self._held.get(self.digest(row))

    def hold(self, decisions: Mapping[str, Decision]) -> None:
        """Take what the reader holds, by digest, in place of anything before."""
        self._held = dict(decisions)
        for key, first in self._first.items():
            for row in (first, *self._copies.get(key, ())):
                self._show(row, self._held.get(key.hex()))

    def change(self, decisions: Mapping[str, Decision | None]) -> list[int]:
        """Take what became other, by digest; None for what is gone. Returns its rows."""
        changed = []
        for sha256, decision in decisions.items():
            if decision is None:
                self._held.pop(sha256, None)
            else:
                self._held[sha256] = decision
            for row in self.rows(sha256):
                self._show(row, decision)
                changed.append(row)
        return changed

    def _forget(self, row: int) -> None:
        key = self._digest[row].tobytes()
        copies = self._copies.get(key, [])
        if row in copies:
            copies.remove(row)
        elif self._first.get(key) == row:
            if copies:
                self._first[key] = copies.pop(0)
            else:
                del self._first[key]

    def _show(self, row: int, decision: Decision | None) -> None:
        held = decision or Decision()
        self.decided[row], self.flag[row], self.star[row] = held.decided, held.flag, held.star
        if held.diagnosis is not None and held.diagnosis not in self.codes:
            self.codes.append(held.diagnosis)
        self.diagnosis[row] = -1 if held.diagnosis is None else self.codes.index(held.diagnosis)
