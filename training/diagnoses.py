"""The diagnoses of a data set: their names, and which of them are malignant."""

from collections.abc import Sequence
from dataclasses import replace

from lesionviewer.core.diagnosis import HAM10000_DIAGNOSES, Diagnosis
from lesionviewer.core.errors import ConfigError


def diagnoses_of(codes: Sequence[str], malignant: Sequence[str] | None) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a data set: HAM10000's by their names, others as their codes say.

    Args:
        codes: The data set's.
        malignant: Those that count as malignant; what HAM10000 defines for its own if None.

    Raises:
        ConfigError: A code in `malignant` is not the data set's.
    """
    if unknown := sorted(set(malignant or ()) - set(codes)):
        raise ConfigError(
            {
                "malignant": f"{', '.join(unknown)} is no diagnosis of the data set; it has "
                f"{', '.join(codes)}"
            }
        )
    known = {diagnosis.code: diagnosis for diagnosis in HAM10000_DIAGNOSES}
    named = (
        known.get(code) or Diagnosis(code, code.replace("_", " ").strip().capitalize(), False)
        for code in codes
    )
    if malignant is None:
        return tuple(named)
    return tuple(replace(diagnosis, malignant=diagnosis.code in malignant) for diagnosis in named)
