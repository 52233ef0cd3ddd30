"""What stands on the pages of a report: one for the whole, one for each image."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesionviewer.core.agreement import agreement
from lesionviewer.core.colormaps import COLOUR_MAPS, DEFAULT_MAP
from lesionviewer.core.export.contents import Contents, ExportedImage, label_of
from lesionviewer.core.heat import heat_of, overlay
from lesionviewer.core.intended_use import FULL, SHORT
from lesionviewer.core.prediction import Prediction, malignant_probability
from lesionviewer.core.region import SquareRegion
from lesionviewer.core.store.decision import Decision
from lesionviewer.engine.report.sheet import (
    BENIGN,
    HEIGHT_MM,
    INK,
    MALIGNANT,
    MARGIN_MM,
    MUTED,
    WIDTH_MM,
    Sheet,
    cut,
    shortened,
)

_INNER_MM = WIDTH_MM - 2 * MARGIN_MM
_PICTURE_MM = (_INNER_MM - 6) / 2
_MOST_PX = 640
"""Longest side of a picture on paper: 195 dots an inch."""
_TILE_PX = 288
_TALLEST_MM = 84.0
_MOST_ROWS, _NOTE_LINES, _TILES = 12, 10, 4
_ENOUGH = 30
"""Images from which on kappa is told."""
_RIGHT_MM = MARGIN_MM + _PICTURE_MM + 6
_OTHER = {"unsure": "Unsure", "poor_image": "Poor image", "undecided": "Undecided"}
_PATIENT = ("age", "sex", "site", "patient", "date", "diagnosis", "confirmed_by")


class Place(NamedTuple):
    """Page of how many."""

    page: int
    pages: int


def cover(contents: Contents, place: Place) -> Sheet:
    """Return the page that tells of all images together."""
    sheet = Sheet()
    _head(sheet, "Report of a review", f"{len(contents.images)} images")
    y = _facts(sheet, contents, 40.0)
    right = "What the model holds most probable"
    y = max(
        _counts(sheet, MARGIN_MM, y, "What the reader decided", _decided(contents), contents),
        _counts(sheet, _RIGHT_MM, y, right, _top(contents), contents),
    )
    sheet.paragraph(MARGIN_MM, y + 8, _agreed(contents), _INNER_MM, colour=MUTED)
    _foot(sheet, contents, place)
    return sheet


def image_page(
    contents: Contents, image: ExportedImage, pixels: NDArray[np.uint8] | None, place: Place
) -> Sheet:
    """Return the page of one image.

    Args:
        contents: To which the image belongs.
        image: The image.
        pixels: Of the whole picture, (h, w, 3), 0 to 255; None if it cannot be read.
        place: In the report.
    """
    sheet = Sheet()
    _head(sheet, shortened(image.name, 56), label_text(image.decision, _names(contents)))
    y = 36.0
    if pixels is None:
        y = sheet.paragraph(MARGIN_MM, y + 4, image.error or _LOST, _INNER_MM, colour=MUTED)
    else:
        y = _pictures(sheet, contents, image, pixels, y)
        _tiles(sheet, contents, image, pixels)
    y += 10
    if image.prediction is not None:
        _probabilities(sheet, contents, image.prediction, y)
    below = _review(sheet, contents, image, y)
    _known(sheet, contents, image, below + 4)
    sheet.text(MARGIN_MM, HEIGHT_MM - 33, f"File SHA-256 {image.sha256}", size=7, colour=MUTED)
    _foot(sheet, contents, place)
    return sheet


_LOST = "The picture could not be read again."


def label_text(decision: Decision | None, names: dict[str, str]) -> str:
    """Return what a decision comes to, in words."""
    label = label_of(decision)
    return names.get(label) or _OTHER.get(label) or label


def _names(contents: Contents) -> dict[str, str]:
    return {item.code: item.name for item in contents.card.diagnoses}


def _head(sheet: Sheet, title: str, aside: str) -> None:
    sheet.text(MARGIN_MM, 17, f"lesionviewer · {SHORT}", size=7.5, colour=MUTED)
    sheet.text(MARGIN_MM, 26, title, size=14, bold=True)
    sheet.text(WIDTH_MM - MARGIN_MM, 26, shortened(aside, 34), size=11, right=True)
    sheet.rule(30)


def _foot(sheet: Sheet, contents: Contents, place: Place) -> None:
    sheet.rule(HEIGHT_MM - 30)
    made = f"{contents.made_utc[:16].replace('T', ' ')} UTC"
    model = f"{contents.card.id} ({contents.bundle[:12]}), {contents.engine}"
    line = f"Model {model} · made {made}"
    sheet.text(MARGIN_MM, HEIGHT_MM - 25, line, size=7.5, colour=MUTED)
    right = WIDTH_MM - MARGIN_MM
    page = f"{place.page} of {place.pages}"
    sheet.text(right, HEIGHT_MM - 25, page, size=7.5, colour=MUTED, right=True)
    sheet.paragraph(MARGIN_MM, HEIGHT_MM - 20.5, FULL, _INNER_MM, size=7.5, colour=MUTED)


def _facts(sheet: Sheet, contents: Contents, y: float) -> float:
    decided = sum(
        image.decision is not None and image.decision.decided for image in contents.images
    )
    facts = [
        ("Reader", contents.reader or "none: the images belong to no session"),
        ("Decided", f"{decided} of {len(contents.images)} images"),
        ("Model", f"{contents.card.id}, {contents.card.architecture.get('backbone', '')}"),
        ("Model digest", contents.bundle),
        ("Engine", contents.engine),
        ("Session", contents.session or "none"),
        ("Patient data", "included" if contents.patient_data else "left out"),
    ]
    for name, text in facts:
        sheet.text(MARGIN_MM, y, name, colour=MUTED)
        sheet.text(MARGIN_MM + 30, y, shortened(text, 80))
        y += 6.2
    return y + 8


def _decided(contents: Contents) -> Counter[str]:
    return Counter(label_of(image.decision) for image in contents.images)


def _top(contents: Contents) -> Counter[str]:
    return Counter(
        contents.card.codes[image.prediction.top]
        for image in contents.images
        if image.prediction is not None
    )


def _counts(
    sheet: Sheet, x: float, y: float, title: str, counts: Counter[str], contents: Contents
) -> float:
    tones = _tones(contents)
    names = _names(contents)
    total = max(1, sum(counts.values()))
    rows = [
        (
            cut(names.get(label) or _OTHER.get(label) or label, 27),
            number / total,
            str(number),
            tones.get(label, MUTED),
        )
        for label, number in counts.most_common(_MOST_ROWS)
    ]
    sheet.text(x, y, title, size=10, bold=True)
    return sheet.bars(x, y + 3, _PICTURE_MM, rows)


def _tones(contents: Contents) -> dict[str, str]:
    return {item.code: MALIGNANT if item.malignant else BENIGN for item in contents.card.diagnoses}


def _agreed(contents: Contents) -> str:
    """Return how far reader and model agree where both name a diagnosis."""
    pairs = [
        (image.decision.diagnosis, contents.card.codes[image.prediction.top])
        for image in contents.images
        if image.decision is not None and image.decision.diagnosis and image.prediction is not None
    ]
    if not pairs:
        return "The reader has named no diagnosis yet."
    first, second = zip(*pairs, strict=True)
    found = agreement(first, second, contents.card.codes)
    text = (
        f"Reader and model name the same diagnosis for {int(np.trace(found.confusion))} of "
        f"{len(pairs)} images that the reader gave one."
    )
    kappa = found.kappa
    if kappa.n >= _ENOUGH:
        text += (
            f" Cohen's kappa {kappa.value:.2f} (95 % interval {kappa.low:.2f} to {kappa.high:.2f})."
        )
    return text


def _pictures(
    sheet: Sheet, contents: Contents, image: ExportedImage, pixels: NDArray[np.uint8], y: float
) -> float:
    small, scale = _reduced(pixels)
    bottom = sheet.picture(MARGIN_MM, y, _PICTURE_MM, _TALLEST_MM, small)
    prediction = image.prediction
    if prediction is not None:
        tinted = overlay(
            small,
            heat_of(prediction.activation_maps, prediction.top),
            _scaled(prediction.region, scale, small),
            colours=COLOUR_MAPS[DEFAULT_MAP],
        )
        sheet.picture(_RIGHT_MM, y, _PICTURE_MM, _TALLEST_MM, tinted)
        name = contents.card.diagnoses[prediction.top].name
        words = f"Where the model looked for: {name}"
        sheet.text(_RIGHT_MM, bottom + 4.5, words, size=7.5, colour=MUTED)
    height, width = pixels.shape[:2]
    words = f"Picture, {width} × {height} pixels"
    sheet.text(MARGIN_MM, bottom + 4.5, words, size=7.5, colour=MUTED)
    return bottom + 4.5


def _tiles(
    sheet: Sheet, contents: Contents, image: ExportedImage, pixels: NDArray[np.uint8]
) -> None:
    """Draw what the network saw, once for each of the most probable diagnoses."""
    prediction = image.prediction
    if prediction is None:
        return
    region, width = prediction.region, (_INNER_MM - 3 * (_TILES - 1)) / _TILES
    rows = slice(region.top, region.top + region.side)
    square, _ = _reduced(pixels[rows, region.left : region.left + region.side], _TILE_PX)
    whole = SquareRegion(0, 0, len(square))
    top = HEIGHT_MM - 44 - width
    sheet.text(MARGIN_MM, top - 3, "Where the model looked, by diagnosis", size=10, bold=True)
    for number, place in enumerate(np.argsort(-prediction.probabilities)[:_TILES]):
        heat = heat_of(prediction.activation_maps, int(place))
        tinted = overlay(square, heat, whole, colours=COLOUR_MAPS[DEFAULT_MAP])
        left = MARGIN_MM + number * (width + 3)
        sheet.picture(left, top, width, width, tinted)
        name = contents.card.diagnoses[place].name
        sheet.text(left, top + width + 4, cut(name, 26), size=7.5, colour=MUTED)


def _reduced(pixels: NDArray[np.uint8], most_px: int = _MOST_PX) -> tuple[NDArray[np.uint8], float]:
    height, width = pixels.shape[:2]
    scale = min(1.0, most_px / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)), scale


def _scaled(region: SquareRegion, scale: float, small: NDArray[np.uint8]) -> SquareRegion:
    height, width = small.shape[:2]
    side = max(1, min(round(region.side * scale), width, height))
    left = min(round(region.left * scale), width - side)
    return SquareRegion(left, min(round(region.top * scale), height - side), side)


def _probabilities(sheet: Sheet, contents: Contents, prediction: Prediction, y: float) -> None:
    card, tones = contents.card, _tones(contents)
    sheet.text(MARGIN_MM, y, "Model", size=10, bold=True)
    rows = [
        (
            cut(card.diagnoses[place].name, 27),
            float(prediction.probabilities[place]),
            _percent(float(prediction.probabilities[place])),
            tones[card.codes[place]],
        )
        for place in np.argsort(-prediction.probabilities)[:_MOST_ROWS]
    ]
    below = sheet.bars(MARGIN_MM, y + 3, _PICTURE_MM, rows)
    malignant = malignant_probability(prediction.probabilities, card.diagnoses)
    words = [] if malignant is None else [f"All malignant {_percent(malignant)}"]
    words.append(f"uncertainty {prediction.entropy:.2f} of 1")
    if prediction.chosen_region:
        words.append("of a region that the reader chose")
    line = " · ".join(words)
    sheet.paragraph(MARGIN_MM, below + 5, line, _PICTURE_MM, size=8, colour=MUTED)


def _review(sheet: Sheet, contents: Contents, image: ExportedImage, y: float) -> float:
    sheet.text(_RIGHT_MM, y, "Reader", size=10, bold=True)
    decision = image.decision or Decision()
    text = label_text(decision, _names(contents))
    tone = _tones(contents).get(decision.diagnosis or "", INK)
    sheet.text(_RIGHT_MM, y + 8, shortened(text, 36), size=11, colour=tone, bold=True)
    y += 14
    marks = [
        word
        for word, holds in (
            ("unsure", decision.unsure),
            ("poor image", decision.poor_image),
            ("flagged", decision.flag),
            ("starred", decision.star),
        )
        if holds
    ]
    lines = [", ".join(marks)] if marks else []
    if decision.decided_utc:
        lines.append(f"{contents.reader}, {decision.decided_utc[:16].replace('T', ' ')} UTC")
        shown = {True: "in sight", False: "hidden"}.get(bool(decision.model_shown))
        if decision.model_shown is not None:
            lines.append(f"The model's answer was {shown}.")
    for line in lines:
        y = sheet.paragraph(_RIGHT_MM, y, line, _PICTURE_MM, size=8.5, colour=MUTED, most=2)
    if decision.note:
        y = sheet.paragraph(_RIGHT_MM, y + 2, decision.note, _PICTURE_MM, most=_NOTE_LINES)
    return y


def _known(sheet: Sheet, contents: Contents, image: ExportedImage, y: float) -> None:
    """Write what the metadata say, where patient data are to be told."""
    facts = [(name, image.metadata[name]) for name in _PATIENT if image.metadata.get(name)]
    if image.lesion:
        facts.insert(0, ("lesion", image.lesion))
    if not contents.patient_data or not facts:
        return
    sheet.text(_RIGHT_MM, y, "Metadata", size=10, bold=True)
    for number, (name, text) in enumerate(facts):
        line = y + 6 + 4.8 * number
        sheet.text(_RIGHT_MM, line, name.replace("_", " "), size=8.5, colour=MUTED)
        sheet.text(_RIGHT_MM + 26, line, shortened(text, 34), size=8.5)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
