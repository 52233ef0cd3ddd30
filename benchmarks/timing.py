"""Measuring two sides in turn, and what is told of the figures."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """One line of the table.

    Attributes:
        what: Ours.
        against: Theirs; empty if the goal is no ratio.
        goal: What is wanted, in words.
        unit: Of `ours` and `theirs`.
        ours: One figure a round.
        theirs: Likewise, measured in the same rounds; empty if there is no other side.
        ratios: What is compared with the goal, one a round.
    """

    what: str
    against: str
    goal: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float] = ()
    ratios: Sequence[float] = ()


def alternate(
    rounds: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Return the figures of `rounds` rounds, the sides taking turns in who goes first."""
    mine: list[float] = []
    other: list[float] = []
    for number in range(rounds):
        order = [(ours, mine), (theirs, other)]
        for side, figures in order if number % 2 else order[::-1]:
            figures.append(side())
    return mine, other


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def divided(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [a / b for a, b in zip(upper, lower, strict=True)]


def spread(figures: Sequence[float], digits: int = 3) -> str:
    """Return median, minimum and maximum in words, to so many significant digits."""
    if not figures:
        return "–"
    low, middle, high = min(figures), statistics.median(figures), max(figures)
    return f"{_short(middle, digits)} ({_short(low, digits)} – {_short(high, digits)})"


def _short(value: float, digits: int) -> str:
    before_the_dot = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f"{value:.{max(0, digits - before_the_dot)}f}"
