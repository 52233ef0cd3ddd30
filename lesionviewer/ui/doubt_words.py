"""How doubt reads: sets, uncertainty and picture quality in words."""

from collections.abc import Iterable, Sequence
from math import exp, log

from lesionviewer.core.diagnosis import Diagnosis
from lesionviewer.core.doubt import Doubt
from lesionviewer.core.prediction import Prediction
from lesionviewer.core.quality.rules import RULES

UNLIKE = "Unlike the pictures this model learned from"
SEVERE = ("few_pixels", "blur", "too_dark", "too_bright", "glare")
"""Quality flags that may keep a reader or the network from seeing the lesion at all."""
FREQUENT = ("hair", "cut")
"""Quality flags that stand last and in quiet type, since many good pictures have them."""
_SURE, _TORN = 1.5, 3.0
_NAMED = 3
"""Larger sets are written in codes."""
_NAMES = {rule.key: rule.name for rule in RULES}


def widest_set(doubt: Doubt | None) -> tuple[int, tuple[int, ...]] | None:
    """Return the conformal set of the highest level and that level in percent, None without."""
    return max(doubt.sets.items(), key=lambda item: item[0]) if doubt and doubt.sets else None


def set_words(members: Sequence[int], diagnoses: Sequence[Diagnosis]) -> str:
    """Return the diagnoses of a set as one phrase, such as "Melanoma or benign keratosis"."""
    if len(members) == len(diagnoses) > 2:
        return "None can be ruled out"
    if len(members) > _NAMED:
        codes = ", ".join(diagnoses[place].code for place in members)
        return f"One of {len(members)}: {codes}"
    names = [diagnoses[place].name for place in members]
    names = [*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])]
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def hesitation(prediction: Prediction) -> float:
    """Return among how many equally probable diagnoses one would be as unsure, from 1.0 on."""
    return exp(prediction.entropy * log(max(1, len(prediction.probabilities))))


def uncertainty_word(prediction: Prediction) -> str:
    """Return "low", "moderate" or "high": below 1.5, below 3 equally probable diagnoses, more."""
    among = hesitation(prediction)
    return "low" if among < _SURE else "moderate" if among < _TORN else "high"


def flag_name(key: str) -> str:
    """Return the name of a quality flag in words."""
    return _NAMES[key]


def in_order(keys: Iterable[str]) -> list[str]:
    """Return quality flags as they are shown: severe ones first, frequent ones last."""
    return sorted(keys, key=lambda key: (key in FREQUENT, key not in SEVERE))
