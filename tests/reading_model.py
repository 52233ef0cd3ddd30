"""What a reader's decisions must be, in plain Python: the store is held against it."""

from collections.abc import Iterable
from typing import Any

FIELDS = ("diagnosis", "unsure", "poor_image", "flag", "star", "note")
BLANK: dict[str, Any] = {
    "diagnosis": None,
    "unsure": False,
    "poor_image": False,
    "flag": False,
    "star": False,
    "note": "",
}


class ReadingModel:
    """Decisions by image, and two stacks."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.undone: list[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = []
        self.done: list[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = []

    def decide(self, images: Iterable[str], change: dict[str, Any]) -> int:
        """Apply a change. Returns how many images it altered."""
        step = {}
        for image in images:
            before = self.held.get(image, BLANK)
            after = {**before, **change}
            if after != before:
                step[image] = (before, after)
        if step:
            self.done.append(step)
            self.undone.clear()
            self._apply({image: after for image, (_, after) in step.items()})
        return len(step)

    def undo(self) -> int:
        """Take the last step back. Returns how many images that altered."""
        if not self.done:
            return 0
        step = self.done.pop()
        self.undone.append(step)
        self._apply({image: before for image, (before, _) in step.items()})
        return len(step)

    def redo(self) -> int:
        """Do the step taken back last again. Returns how many images that altered."""
        if not self.undone:
            return 0
        step = self.undone.pop()
        self.done.append(step)
        self._apply({image: after for image, (_, after) in step.items()})
        return len(step)

    def _apply(self, states: dict[str, dict[str, Any]]) -> None:
        self.held = {
            image: state for image, state in {**self.held, **states}.items() if state != BLANK
        }


def shown(decisions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the store holds in the form of `ReadingModel.held`."""
    plain = {
        image: {name: getattr(decision, name) for name in FIELDS}
        for image, decision in decisions.items()
    }
    return {image: state for image, state in plain.items() if state != BLANK}
