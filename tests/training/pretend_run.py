"""A run that trains nothing: the process, lock, commands and events of a real one, in no time.

`python pretend_run.py RUN [--bound]`. `RUN/behave.json` says how it goes.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from training.control import StopRequestedError
from training.run import TrainingRun

STEPS = 5


class PretendRun(TrainingRun):
    def _work(self) -> None:
        behave = json.loads((self._folder / "behave.json").read_text("utf-8"))
        self._tell("started", "Started.", epochs=behave["epochs"], pid=os.getpid())
        for epoch in range(1, behave["epochs"] + 1):
            for step in range(STEPS):
                self._progress(f"epoch {epoch}")(step, STEPS)
                if self._config.batch_size > behave.get("memory_for", 1024):
                    raise MemoryError
                if behave.get("ends") == "killed":
                    os.kill(os.getpid(), signal.SIGKILL)
                threading.Event().wait(0.002)
            self._tell("epoch", f"Epoch {epoch}", epoch=epoch, val_balanced_accuracy=0.5)
            if self._control.ends_after_epoch:
                raise StopRequestedError
        self._tell("finished", "Finished.")


def main() -> int:
    if (Path(sys.argv[1]) / "refuse").exists():
        sys.stderr.write("Traceback\nThis cannot be trained.\n")
        return 2
    run = PretendRun(Path(sys.argv[1]), lambda: False, bound="--bound" in sys.argv)
    try:
        run.work()
    except StopRequestedError:
        return 130
    finally:
        run.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
