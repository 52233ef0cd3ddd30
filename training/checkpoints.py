"""Checkpoints of a run: one record an epoch, with the state that the next epoch begins from.

A record is a small JSON file that names its state file (safetensors) with its SHA-256. Both are
written beside and renamed, the record last: a checkpoint is whole or it does not exist.
"""

import contextlib
import csv
import errno
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer.core.errors import StoreError

Arrays = Mapping[str, NDArray[Any]]

_KEPT = 2
BEST = "best.safetensors"
STAGE = "stage"
"""Name of the array in a state that holds the number of its stage, from 0."""


@dataclass(frozen=True, slots=True)
class Record:
    """One epoch: its row of the history, and the digest of its state file."""

    epoch: int
    row: Mapping[str, Any]
    sha256: str

    @property
    def score(self) -> float:
        """What the best epoch is chosen by: balanced accuracy on val."""
        return float(self.row["val_balanced_accuracy"])


class Checkpoints:
    """The folder `checkpoints` of a run, and `history.csv` made from it.

    State files are kept of the last epochs only; records, small, of all.
    """

    def __init__(self, run: Path, columns: Sequence[str] = ()) -> None:
        self._folder, self._history, self._columns = (
            run / "checkpoints",
            run / "history.csv",
            columns,
        )
        self._folder.mkdir(exist_ok=True)

    def resume(self, *, within: int = 0) -> tuple[list[Record], dict[str, NDArray[Any]]]:
        """Return the records up to the last whole checkpoint, and its state; drop what follows.

        Args:
            within: An epoch that a whole checkpoint lies within: the one before it needs no state.
        """
        from safetensors.numpy import load

        records = self.records()
        state: dict[str, NDArray[Any]] = {}
        for last in range(len(records), 0, -1):
            if last == within - 1:
                records = records[:last]
                break
            record = records[last - 1]
            path = self._state_path(record.epoch)
            content = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(content).hexdigest() == record.sha256:
                records, state = records[:last], load(content)
                break
        else:
            records = []
        for path in self._folder.glob("epoch-*"):
            if path.name.partition(".")[0] not in {f"epoch-{r.epoch:04}" for r in records}:
                path.unlink()
        self._write_history(records)
        return records, state

    def save(self, records: Sequence[Record], row: Mapping[str, Any], state: Arrays) -> Record:
        """Write the checkpoint of the epoch after `records`, then its row of the history."""
        epoch = len(records) + 1
        content = as_bytes(state)
        write_whole(self._state_path(epoch), content)
        record = Record(epoch, row, hashlib.sha256(content).hexdigest())
        write_whole(self._record_path(epoch), json.dumps(asdict(record), indent=1).encode())
        self._write_history([*records, record])
        self._state_path(epoch - _KEPT).unlink(missing_ok=True)
        return record

    def save_best(self, weights: Arrays) -> None:
        """Write the weights of the best epoch so far."""
        write_whole(self._folder / BEST, as_bytes(weights))

    def best(self) -> dict[str, NDArray[Any]]:
        """Return the weights of the best epoch; none where no epoch has ended."""
        from safetensors.numpy import load

        path = self._folder / BEST
        return load(path.read_bytes()) if path.is_file() else {}

    def save_stage(self, number: int, weights: Arrays) -> None:
        """Write all weights that a stage begins from, averages of the one before it."""
        write_whole(self._stage_path(number), as_bytes(weights))

    def stage(self, number: int) -> dict[str, NDArray[Any]]:
        """Return all weights that a stage began from; none if they were not written.

        They tell what a stage's states leave out: statistics and biases that it does not train.
        """
        from safetensors.numpy import load

        path = self._stage_path(number)
        return load(path.read_bytes()) if path.is_file() else {}

    def averages(self, epoch: int) -> dict[str, NDArray[Any]]:
        """Return the averaged weights that the run had after an epoch, by name.

        Those that no stage has trained so far are left out. There are none where the epoch's state
        is not kept.
        """
        from safetensors.numpy import load

        path = self._state_path(epoch)
        state = load(path.read_bytes()) if path.is_file() else {}
        before = self.stage(int(state[STAGE].item())) if STAGE in state else {}
        start = "average/"
        trained = {n.removeprefix(start): v for n, v in state.items() if n.startswith(start)}
        return before | trained

    def records(self) -> list[Record]:
        """Return the records of all epochs, whether their state is kept or not."""
        records: list[Record] = []
        while (path := self._record_path(len(records) + 1)).is_file():
            try:
                records.append(Record(**json.loads(path.read_text("utf-8"))))
            except (ValueError, TypeError):
                break
        return records

    def _write_history(self, records: Sequence[Record]) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self._columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(record.row for record in records)
        write_whole(self._history, text.getvalue().encode())

    def _state_path(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch:04}.safetensors"

    def _stage_path(self, number: int) -> Path:
        return self._folder / f"stage-{number + 1}.safetensors"

    def _record_path(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch:04}.json"


def as_bytes(arrays: Arrays) -> bytes:
    """Return arrays by name as the content of a safetensors file."""
    from safetensors.numpy import save

    return bytes(save({name: np.asarray(array, order="C") for name, array in arrays.items()}))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all, so that a power cut does not undo it.

    Raises:
        StoreError: It cannot be written; what lay there is as it was.
    """
    partial = path.with_suffix(path.suffix + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StoreError(_why(path, len(content), error)) from error


def _why(path: Path, size: int, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk of {path.parent} is full: {path.name} takes {size / 1e6:,.0f} MB. "
            "What was written before is whole. Make room and go on with the run."
        )
    if error.errno == errno.ENOENT:
        return f"The folder {path.parent} is not there any more. Put it back and go on."
    return f"{path} cannot be written ({error.strerror}). Make it writable and go on with the run."
