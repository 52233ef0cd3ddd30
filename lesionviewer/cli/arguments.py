"""What the commands without a window have in common: their words, and how they fail."""

import argparse
import sys
from typing import NoReturn

NOTHING_DONE = 2


class UsageError(Exception):
    """The words on the command line are wrong; the text says how."""


class Parser(argparse.ArgumentParser):
    """Reports wrong words as one line, not as a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Stop with status 2."""
        raise UsageError(f"{message} (lesionviewer {self.prog.split()[-1]} --help tells more)")


def fail(command: str, message: object) -> int:
    """Print one line on stderr and return the status for "nothing done"."""
    line = " ".join(str(message).split())
    print(f"lesionviewer {command}: {line}", file=sys.stderr)
    return NOTHING_DONE
