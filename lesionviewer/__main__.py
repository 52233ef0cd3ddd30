"""`lesionviewer`: the window, and every command without one."""

import sys
from collections.abc import Callable, Sequence


def _classify(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.classify import main as run

    return run(arguments)


def _doctor(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.doctor import main as run

    return run(arguments)


def _sessions(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.sessions import main as run

    return run(arguments)


def _audit(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.audit import main as run

    return run(arguments)


def _export(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.export import main as run

    return run(arguments)


def _import_metadata(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.import_metadata import main as run

    return run(arguments)


def _replay(arguments: Sequence[str]) -> int:
    from lesionviewer.cli.replay import main as run

    return run(arguments)


def _training(command: str) -> Callable[[Sequence[str]], int]:
    def run(arguments: Sequence[str]) -> int:
        from training.__main__ import main as run_training

        return run_training([command, *arguments], program="lesionviewer")

    return run


def _decode_worker(arguments: Sequence[str]) -> int:
    from lesionviewer.core.decode_worker import main as run

    return run(arguments)


def _keras_worker(arguments: Sequence[str]) -> int:
    from lesionviewer.engine.keras_worker import main as run

    return run(arguments)


def _window(arguments: Sequence[str]) -> int:
    from lesionviewer.app import main as run

    return run(arguments)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "classify": _classify,
    "doctor": _doctor,
    "sessions": _sessions,
    "audit": _audit,
    "export": _export,
    "import-metadata": _import_metadata,
    "replay": _replay,
    "train": _training("train"),
    "evaluate": _training("evaluate"),
    "decode-worker": _decode_worker,
    "keras-worker": _keras_worker,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first word names, or the window. Returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](words[1:])
    return _window(words)


if __name__ == "__main__":
    sys.exit(main())
