"""How the program starts itself as a helper process, from source, installed or frozen."""

import sys
from pathlib import Path


def child_command(entry: str, *arguments: str) -> list[str]:
    """Return the command line that starts the program's own `entry` as a child.

    A frozen program has no interpreter to hand `-m` to: there its console executable, which lies
    beside the window's, takes the entry's name.

    Args:
        entry: A command of `lesionviewer.__main__`, such as `decode-worker`.
        arguments: Words that follow it.
    """
    if getattr(sys, "frozen", False):
        own = Path(sys.executable)
        console = own.with_name(f"lesionviewer-cli{own.suffix}")
        return [str(console if console.exists() else own), entry, *arguments]
    return [sys.executable, "-m", "lesionviewer", entry, *arguments]
