"""What a training run will take, asked of a child process while its settings are chosen."""

import json
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTemporaryDir, Signal, Slot

from lesionviewer.core.errors import LesionViewerError
from training.config import TrainingConfig
from training.estimate import Estimate, parse_estimate
from training.launch import estimate_command, make_run
from training.processes import lower_priority

__all__ = ["Estimate", "TrainingEstimate"]

_NOT_STARTED = "The estimate could not be started."
_GRACE_MS = 3000


class TrainingEstimate(QObject):
    """Times a few steps of a run that does not exist yet. A new question ends the one before."""

    estimated = Signal(object)  # Estimate
    failed = Signal(str)  # message for the user

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._folder: QTemporaryDir | None = None

    @property
    def running(self) -> bool:
        """Whether an answer is on its way."""
        return self._process is not None

    def ask(self, config: TrainingConfig) -> None:
        """Start to reckon what a run with these settings takes."""
        self.cancel()
        self._folder = QTemporaryDir()
        try:
            run = make_run(Path(self._folder.path()) / "run", config)
        except LesionViewerError as error:
            self.failed.emit(str(error))
            return
        program, *words = estimate_command(run)
        self._process = process = QProcess(self)
        process.setWorkingDirectory(str(Path(__file__).resolve().parents[2]))
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start(program, words)
        if pid := process.processId():
            lower_priority(pid)

    def cancel(self) -> None:
        """Have no answer. Ends the process, which takes a moment at most."""
        process, self._process, self._folder = self._process, None, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_GRACE_MS)
            process.deleteLater()

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, status: int, _: QProcess.ExitStatus) -> None:
        process, self._process, self._folder = self._process, None, None
        if process is None:
            return
        answer = process.readAllStandardOutput().toStdString().strip().splitlines()
        errors = process.readAllStandardError().toStdString().strip().splitlines()
        process.deleteLater()
        try:
            self.estimated.emit(parse_estimate(json.loads(answer[-1])))
        except (ValueError, LookupError, TypeError):
            told = status == 2 and errors
            self.failed.emit(errors[-1] if told else "The estimate did not work.")

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()
            self._process = None
            self.failed.emit(_NOT_STARTED)
