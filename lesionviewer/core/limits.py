"""What reading one picture may cost."""

from dataclasses import dataclass, fields

from lesionviewer.core.errors import ConfigError

_PATIENCE = 12
"""Times `max_seconds` that a picture may take on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeLimits:
    """Bounds on one picture. Beyond one of them it gives a named error.

    Attributes:
        max_pixels: Width times height as the header declares them, checked before allocation.
        max_seconds: Time from the request to the decoded picture, kept by `DecodePool`. Where the
            system tells (Linux), time in which the decode process waited for a processor does not
            count, up to `longest_seconds`.
        max_memory_bytes: Memory of a decode process, its libraries included; kept on Linux.
        max_file_bytes: Size of the file, and of what a deflated DICOM inflates to.
    """

    max_pixels: int = 120_000_000
    max_seconds: float = 10.0
    max_memory_bytes: int = 1_000_000_000
    max_file_bytes: int = 400_000_000

    @property
    def longest_seconds(self) -> float:
        """Time from the request to the decoded picture on the busiest machine."""
        return _PATIENCE * self.max_seconds

    def __post_init__(self) -> None:
        problems = {
            field.name: f"expected more than 0, got {getattr(self, field.name)}"
            for field in fields(self)
            if not getattr(self, field.name) > 0
        }
        if problems:
            raise ConfigError(problems)
