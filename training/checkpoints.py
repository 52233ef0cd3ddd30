"""Checkpoints of a run: one record an epoch, with the state that the next epoch begins from.

A record is a small JSON file that names its state file (safetensors) with its SHA-256. Both are
written beside and renamed, the record last: a checkpoint is whole or it does not exist.
"""

import csv
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

Arrays = Mapping[str, NDArray[Any]]

_KEPT = 2
BEST = "best.safetensors"


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

    def resume(self) -> tuple[list[Record], dict[str, NDArray[Any]]]:
        """Return the records up to the last whole checkpoint, and its state; drop what follows."""
        from safetensors.numpy import load

        records = self.records()
        state: dict[str, NDArray[Any]] = {}
        for last in range(len(records), 0, -1):
            record = records[last - 1]
            path = self._state_path(record.epoch)
            content = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(content).hexdigest() == record.sha256:
                records, state = records[:last], load(content)
                break
        else:
            records = []
        for path in self._folder.glob("epoch-*"):
            if path.stem not in {f"epoch-{r.epoch:04}" for r in records}:
                path.unlink()
        self._write_history(records)
        return records, state

    def save(self, records: Sequence[Record], row: Mapping[str, Any], state: Arrays) -> Record:
        """Write the checkpoint of the epoch after `records`, then its row of the history."""
        epoch = len(records) + 1
        content = _as_bytes(state)
        _replace(self._state_path(epoch), content)
        record = Record(epoch, row, hashlib.sha256(content).hexdigest())
        _replace(self._record_path(epoch), json.dumps(asdict(record), indent=1).encode())
        self._write_history([*records, record])
        self._state_path(epoch - _KEPT).unlink(missing_ok=True)
        return record

    def save_best(self, weights: Arrays) -> None:
        """Write the weights of the best epoch so far."""
        _replace(self._folder / BEST, _as_bytes(weights))

    def best(self) -> dict[str, NDArray[Any]]:
        """Return the weights of the best epoch; none where no epoch has ended."""
        from safetensors.numpy import load

        path = self._folder / BEST
        return load(path.read_bytes()) if path.is_file() else {}

    def averages(self, epoch: int) -> dict[str, NDArray[Any]]:
        """Return the averaged weights that an epoch trained; none where its state is not kept."""
        from safetensors.numpy import load

        path = self._state_path(epoch)
        state = load(path.read_bytes()) if path.is_file() else {}
        start = "average/"
        return {n.removeprefix(start): v for n, v in state.items() if n.startswith(start)}

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
        _replace(self._history, text.getvalue().encode())

    def _state_path(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch:04}.safetensors"

    def _record_path(self, epoch: int) -> Path:
        return self._folder / f"epoch-{epoch:04}.json"


def _as_bytes(arrays: Arrays) -> bytes:
    from safetensors.numpy import save

    return bytes(save({name: np.asarray(array, order="C") for name, array in arrays.items()}))


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(path.suffix + ".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
