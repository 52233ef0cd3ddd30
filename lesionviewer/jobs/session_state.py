"""What the window knows of the open session: what was committed, and what is on its way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lesionviewer.core.store.audit import AuditRow
from lesionviewer.core.store.decision import Decision
from lesionviewer.core.store.history import History


@dataclass(frozen=True, slots=True)
class Steps:
    """How many steps can be undone and done again."""

    undo: int = 0
    redo: int = 0

    @classmethod
    def of(cls, history: History) -> "Steps":
        """Return the counts of a session's history."""
        return cls(len(history.undo), len(history.redo))


class SessionState:
    """Decisions as they are on the disk, never as they are hoped to be. Free of Qt.

    Requests are numbered; each ends by `committed` or `failed`.
    """

    def __init__(self) -> None:
        """Begin without a session."""
        self._decisions: dict[str, Decision] = {}
        self._decided = 0
        self._pending: set[int] = set()
        self._steps = Steps()

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """What the reader holds, by image digest, as committed."""
        return MappingProxyType(self._decisions)

    @property
    def decided(self) -> int:
        """How many images the reader is done with, those of earlier scans too."""
        return self._decided

    @property
    def undo_steps(self) -> int:
        """How many steps can be taken back."""
        return self._steps.undo

    @property
    def redo_steps(self) -> int:
        """How many steps can be done again."""
        return self._steps.redo

    @property
    def saved(self) -> bool:
        """Whether everything that was asked for has been committed or has failed."""
        return not self._pending

    def restart(self, decisions: Mapping[str, Decision], steps: Steps) -> None:
        """Take over what an opened session holds. Requests on their way stay so."""
        self._decisions = dict(decisions)
        self._decided = sum(decision.decided for decision in self._decisions.values())
        self._steps = steps

    def asked(self, ticket: int) -> None:
        """Note that a request is on its way."""
        self._pending.add(ticket)

    def committed(self, ticket: int, rows: Iterable[AuditRow], steps: Steps) -> None:
        """Take in what the request `ticket` changed.

        Args:
            ticket: Of `asked`.
            rows: As the session returned them, in order.
            steps: What can be undone and redone from then on.
        """
        self._pending.discard(ticket)
        for row in rows:
            old, new = self._decisions.pop(row.sha256, None), row.decision
            self._decided -= old is not None and old.decided
            if new is not None:
                self._decisions[row.sha256] = new
                self._decided += new.decided
        self._steps = steps

    def ended(self, ticket: int) -> None:
        """Note that the request `ticket` changed nothing here: it failed, or belongs elsewhere."""
        self._pending.discard(ticket)
