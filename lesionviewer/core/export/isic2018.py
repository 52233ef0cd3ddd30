"""The table that the ISIC challenge of 2018, task 3, took (Codella et al. 2019, section 2)."""

from pathlib import Path

from lesionviewer.core.csvfile import CsvFile
from lesionviewer.core.errors import StoreError
from lesionviewer.core.export.contents import Contents
from lesionviewer.core.export.places import new_file
from lesionviewer.core.intended_use import FULL

DIAGNOSES = ("mel", "nv", "bcc", "akiec", "bkl", "df", "vasc")
"""In the order of the table's columns."""


def write_isic2018(contents: Contents, path: Path) -> None:
    """Write `image,MEL,NV,BCC,AKIEC,BKL,DF,VASC`; images without a prediction have no row.

    The table has no place for words: what the program is for stands in a text file beside it.

    Raises:
        StoreError: The model does not know these seven diagnoses, two images have one name, or the
            place cannot be written.
    """
    codes = contents.card.codes
    if missing := [code for code in DIAGNOSES if code not in codes]:
        raise StoreError(
            f"The model {contents.card.id} does not know {', '.join(missing)}, which the ISIC 2018 "
            "table needs. Choose another format or model."
        )
    places = [codes.index(code) for code in DIAGNOSES]
    seen: dict[str, str] = {}
    with CsvFile(path, ["image", *(code.upper() for code in DIAGNOSES)]) as file:
        for image in contents.images:
            if image.prediction is None:
                continue
            stem = Path(image.name).stem
            if (other := seen.setdefault(stem, image.name)) != image.name:
                raise StoreError(f"{other} and {image.name} would both be the image {stem}.")
            chosen = (image.prediction.probabilities[place] for place in places)
            file.write([stem, *(f"{value:.6f}" for value in chosen)])
        with new_file(path.with_name(f"{path.name}.intended-use.txt")) as words:
            words.write_text(f"{FULL}\n", encoding="utf-8")
