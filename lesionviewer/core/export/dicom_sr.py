"""DICOM structured reports (PS3.16, template 1500) through highdicom, of the extra [dicom-sr].

Each image becomes a study of three instances: the picture and its overlay as secondary captures
(PS3.3, A.8.1), and the report that refers to the picture. No standard code says what a model holds
probable of a skin lesion: diagnoses have codes of the private scheme `99LESIONVIEWER`.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lesionviewer import __version__
from lesionviewer.core.colormaps import COLOUR_MAPS, DEFAULT_MAP
from lesionviewer.core.errors import StoreError
from lesionviewer.core.export.contents import Contents, ExportedImage, label_of
from lesionviewer.core.export.pixels import PixelSource
from lesionviewer.core.export.places import new_folder
from lesionviewer.core.heat import heat_of, overlay
from lesionviewer.core.intended_use import FULL, SHORT
from lesionviewer.core.metadata import AGE, PATIENT, SEX
from lesionviewer.core.prediction import Prediction

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept

SCHEME = "99LESIONVIEWER"
_LONGEST = 64
"""Characters of a code's meaning, and of a name."""
_DEVICE = "2.25.186170873924153812305416213205519237710"
"""Unique identifier of this program as an observer."""
_UNKNOWN = {"unsure": "Unsure", "poor_image": "Poor image"}
_PICTURE, _OVERLAY, _REPORT = 1, 2, 3
"""Numbers of the three series."""


def check_highdicom() -> None:
    """Make sure that structured reports can be written.

    Raises:
        StoreError: highdicom is not installed.
    """
    if find_spec("highdicom") is None:
        raise StoreError(
            "DICOM structured reports need highdicom. Install lesionviewer with its extra "
            "[dicom-sr]."
        )


def write_dicom_sr(contents: Contents, path: Path, pixels: PixelSource) -> tuple[str, ...]:
    """Write three files for each image: `.picture.dcm`, `.overlay.dcm` and `.report.dcm`.

    Notes of readers have no place in the template and are left out.

    Args:
        contents: The images.
        path: A new or an empty folder.
        pixels: Gives whole pictures.

    Returns:
        Names of the images that could not be read, and so are left out.

    Raises:
        StoreError: highdicom is not installed, or the place holds something or cannot be written.
    """
    check_highdicom()
    failed = []
    with new_folder(path) as folder:
        (folder / "README.txt").write_text(f"{FULL}\n", encoding="utf-8")
        for image in contents.images:
            picture = pixels(image)
            if picture is None or image.prediction is None:
                failed.append(image.name)
                continue
            target = folder / image.name
            target.parent.mkdir(parents=True, exist_ok=True)
            for kind, dataset in _instances(contents, image, image.prediction, picture):
                dataset.save_as(target.with_name(f"{target.name}.{kind}.dcm"))
    return tuple(failed)


def _instances(
    contents: Contents, image: ExportedImage, prediction: Prediction, pixels: NDArray[np.uint8]
) -> Iterator[tuple[str, Any]]:
    import highdicom

    study = highdicom.UID()
    picture = _capture(image, pixels, study, _PICTURE)
    yield "picture", picture
    heat = heat_of(prediction.activation_maps, prediction.top)
    colours = COLOUR_MAPS[DEFAULT_MAP]
    tinted = overlay(pixels, heat, prediction.region, colours=colours)
    yield "overlay", _capture(image, tinted, study, _OVERLAY)
    yield "report", _report(contents, image, prediction, picture)


def _capture(image: ExportedImage, pixels: NDArray[np.uint8], study: str, series: int) -> Any:
    import highdicom
    from highdicom.sc import SCImage

    capture = SCImage(
        pixel_array=np.ascontiguousarray(pixels),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        study_instance_uid=study,
        series_instance_uid=highdicom.UID(),
        series_number=series,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="lesionviewer",
        patient_id=_plain(image.metadata.get(PATIENT, "")) or None,
        patient_sex={"male": "M", "female": "F"}.get(image.metadata.get(SEX, "").lower()),
        patient_orientation=("L", "F"),
    )
    capture.PatientOrientation = None  # nobody knows how the camera was held
    age = image.metadata.get(AGE, "")
    if age.isdecimal() and len(age) <= 3:
        capture.PatientAge = f"{int(age):03d}Y"
    capture.SpecificCharacterSet = "ISO_IR 192"  # UTF-8
    capture.SeriesDescription = SHORT
    capture.ImageComments = FULL
    if Path(image.name).suffix.lower() in (".jpg", ".jpeg", ".jpe"):
        capture.LossyImageCompression = "01"
    return capture


def _report(contents: Contents, image: ExportedImage, prediction: Prediction, picture: Any) -> Any:
    import highdicom
    from highdicom import sr
    from pydicom.sr.codedict import codes

    content = sr.MeasurementReport(
        observation_context=_observers(contents),
        procedure_reported=_code("dermatoscopy", "Review of a dermatoscope picture"),
        imaging_measurements=[_group(contents, image, prediction, picture)],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[picture],
    )
    report = sr.ComprehensiveSR(
        evidence=[picture],
        content=content,
        series_instance_uid=highdicom.UID(),
        series_number=_REPORT,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="lesionviewer",
        is_complete=True,
    )
    report.SpecificCharacterSet = "ISO_IR 192"
    report.SeriesDescription = SHORT
    return report


def _observers(contents: Contents) -> Any:
    from highdicom import sr
    from pydicom.sr.codedict import codes

    device = sr.ObserverContext(
        codes.DCM.Device,
        sr.DeviceObserverIdentifyingAttributes(
            uid=_DEVICE, name=f"lesionviewer {__version__}", model_name=_plain(contents.card.id)
        ),
    )
    reader = _plain(contents.reader)
    if not reader:
        return sr.ObservationContext(observer_device_context=device)
    person = sr.ObserverContext(
        codes.DCM.Person, sr.PersonObserverIdentifyingAttributes(name=f"{reader}^")
    )
    return sr.ObservationContext(observer_person_context=person, observer_device_context=device)


def _group(contents: Contents, image: ExportedImage, prediction: Prediction, picture: Any) -> Any:
    """Return what is measured on the square that the network saw."""
    import highdicom
    from highdicom import sr
    from pydicom.sr.codedict import codes

    card, region = contents.card, prediction.region
    left, top, right, bottom = (
        *(region.left, region.top),
        *(region.left + region.side, region.top + region.side),
    )
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    evaluations = [
        sr.QualitativeEvaluation(
            _code("model_diagnosis", "Most probable diagnosis, by the model"),
            _code(card.codes[prediction.top], card.diagnoses[prediction.top].name),
        )
    ]
    if (label := label_of(image.decision)) != "undecided":
        names = {item.code: item.name for item in card.diagnoses} | _UNKNOWN
        evaluations.append(
            sr.QualitativeEvaluation(
                _code("reader_decision", "Decision of the reader"),
                _code(label, names.get(label, label)),
            )
        )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=highdicom.UID(), identifier=f"sha256 {image.sha256[:16]}"
        ),
        referenced_region=sr.ImageRegion(
            graphic_type="POLYLINE",
            graphic_data=np.array(corners, np.float64),
            source_image=sr.SourceImageForRegion(picture.SOPClassUID, picture.SOPInstanceUID),
        ),
        finding_type=_code("lesion", "Skin lesion"),
        algorithm_id=sr.AlgorithmIdentification(
            name=_plain(card.id), version=contents.bundle, parameters=[contents.engine]
        ),
        measurements=[
            sr.Measurement(
                name=_code(f"p_{item.code}", f"Probability of {item.name}"),
                value=float(probability),
                unit=codes.UCUM.NoUnits,
            )
            for item, probability in zip(card.diagnoses, prediction.probabilities, strict=True)
        ],
        qualitative_evaluations=evaluations,
    )


def _code(value: str, meaning: str) -> "CodedConcept":
    from highdicom.sr import CodedConcept

    return CodedConcept(value, SCHEME, _plain(meaning))


def _plain(text: str) -> str:
    """Return `text` without what divides values and parts of names in DICOM."""
    kept = "".join(sign for sign in text if sign.isprintable() and sign not in "\\^=")
    return kept[:_LONGEST].strip()
