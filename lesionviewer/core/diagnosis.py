"""Diagnoses: the classes that a model knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One class of a model.

    Attributes:
        code: Short name in lower case, `[a-z0-9_]+`, unique within a model.
        name: Full name as shown to a reader.
        malignant: Whether the malignant probability counts it.
    """

    code: str
    name: str
    malignant: bool


HAM10000_DIAGNOSES = (
    Diagnosis("akiec", "Actinic keratosis / Bowen's disease", True),
    Diagnosis("bcc", "Basal cell carcinoma", True),
    Diagnosis("bkl", "Benign keratosis", False),
    Diagnosis("df", "Dermatofibroma", False),
    Diagnosis("mel", "Melanoma", True),
    Diagnosis("nv", "Naevus", False),
    Diagnosis("vasc", "Vascular lesion", False),
)
"""The seven diagnoses of HAM10000 (Tschandl et al. 2018, table 2), in card order."""
