"""Pages of the documentation whose tables are made, so that they and the figures stay together."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lesionviewer.core.errors import ConfigError

_BLOCK = re.compile(
    r"(<!-- from the (?:card|figures): (?P<name>[a-z0-9 ]+) -->\n)(?P<text>.*?)(<!-- end -->)",
    re.DOTALL,
)


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """Return a Markdown page with each block that it marks made anew.

    A block stands between `<!-- from the card: NAME -->` (or `from the figures`) and
    `<!-- end -->`.

    Args:
        page: The page as it is.
        blocks: The text of each block by its name.

    Raises:
        ConfigError: The page marks a block that there is not.
    """
    if unknown := {found["name"] for found in _BLOCK.finditer(page)} - blocks.keys():
        text = f"the page marks {', '.join(sorted(unknown))}; known are {', '.join(sorted(blocks))}"
        raise ConfigError({"page": text})
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found['name']]}{found[4]}", page)


def fill_page(page: Path, blocks: Mapping[str, str]) -> None:
    """Make the blocks of a file anew, as `filled` does.

    Raises:
        ConfigError: It cannot be read or written, marks no block, or one that there is not.
    """
    try:
        text = page.read_text("utf-8")
        if not _BLOCK.search(text):
            raise ConfigError({"page": f"{page} marks no block to fill"})
        page.write_text(filled(text, blocks), "utf-8")
    except OSError as error:
        raise ConfigError({"page": f"{page}: {error.strerror}"}) from error


def blocks_of(page: str) -> dict[str, str]:
    """Return the text of each block that a page marks, by its name."""
    return {found["name"]: found["text"] for found in _BLOCK.finditer(page)}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, each line with its end."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number(value: float | None, digits: int = 3) -> str:
    """Return a figure with so many digits, a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"


def with_ends(value: float | None, ends: Sequence[float | None], digits: int = 3) -> str:
    """Return a figure with its interval."""
    if value is None:
        return number(None)
    return f"{number(value, digits)} ({' to '.join(number(end, digits) for end in ends)})"
