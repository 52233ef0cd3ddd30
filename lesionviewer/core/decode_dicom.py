"""DICOM: from the bytes of a file to a data set whose declared size has been checked.

pydicom reads; what it leaves open is bounded here: how much a deflated file may inflate to, how
many pixels and frames a header may declare. No value of the file but its size reaches a message.
"""

import io
import zlib
from typing import Any

import pydicom
from pydicom import config, uid
from pydicom.encaps import get_frame, parse_fragments
from pydicom.filereader import read_dataset

from lesionviewer.core.decode_colour import SEVERAL_NOTICE
from lesionviewer.core.decode_picture import check_size
from lesionviewer.core.decoded import DecodedImage
from lesionviewer.core.dicom_codecs import codestream_size, is_readable
from lesionviewer.core.dicom_pixels import first_frame
from lesionviewer.core.errors import ImageError
from lesionviewer.core.limits import DecodeLimits

NOT_PHOTOGRAPHY_NOTICE = (
    "This DICOM image is neither dermoscopic nor visible-light photography: the figures mean "
    "nothing for it."
)
_PHOTOGRAPHY = (
    "1.2.840.10008.5.1.4.1.1.77.1.4",  # VL Photographic Image Storage
    "1.2.840.10008.5.1.4.1.1.77.1.7",  # Dermoscopic Photography Image Storage
)
_PREAMBLE_BYTES = 128
_HEADER_BYTES = _PREAMBLE_BYTES + 4
_PIECE_BYTES = 16 << 20
_PLAIN_HEADER = bytes(_PREAMBLE_BYTES) + b"DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0"
"""What precedes the elements of an uncompressed, explicit, little-endian file."""

# Values that break the standard are common, and say nothing of the pixels.
config.settings.reading_validation_mode = config.IGNORE


def decode_dicom(data: bytes, limits: DecodeLimits) -> DecodedImage:
    """Return the first frame that `data` holds.

    Raises:
        ImageError: There is none, it is too large, damaged, or in a compression not read here.
        MemoryError: There is not enough of it.
    """
    try:
        dataset = _dataset(data, limits)
        frames = _check(dataset, limits)
        pixels, notices = first_frame(dataset)
        if frames > 1:
            notices = (SEVERAL_NOTICE, *notices)
        kind = dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID")
        if kind not in _PHOTOGRAPHY:
            notices = (NOT_PHOTOGRAPHY_NOTICE, *notices)
        return DecodedImage(pixels, notices)
    except (ImageError, MemoryError):
        raise
    except RecursionError:
        raise ImageError(
            "The DICOM file nests its elements deeper than any real one; it is damaged."
        ) from None
    except Exception:  # noqa: BLE001
        # Damaged files give errors of every type. Not chained: their text may quote the file.
        raise ImageError(
            "The DICOM file is damaged, cut short, or of a kind that is not read here."
        ) from None


def _dataset(data: bytes, limits: DecodeLimits) -> Any:
    if data[_PREAMBLE_BYTES:_HEADER_BYTES] != b"DICM":
        return _bare_dataset(data)
    source = io.BytesIO(data)
    source.seek(_HEADER_BYTES)
    meta = read_dataset(
        source,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, _vr, _length: tag >> 16 != 2,
    )
    if meta.get("TransferSyntaxUID") == uid.DeflatedExplicitVRLittleEndian:
        source = _inflated(data[source.tell() :], limits.max_file_bytes)
    source.seek(0)
    return pydicom.dcmread(source)


def _bare_dataset(data: bytes) -> Any:
    """Return the data set of a file that lacks the header, whose syntax pydicom then guesses."""
    dataset = pydicom.dcmread(io.BytesIO(data), force=True)
    implicit, little_endian = dataset.original_encoding
    if implicit:
        syntax = uid.ImplicitVRLittleEndian
    else:
        syntax = uid.ExplicitVRLittleEndian if little_endian else uid.ExplicitVRBigEndian
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def _inflated(deflated: bytes, max_bytes: int) -> io.BytesIO:
    """Return an uncompressed file of what `deflated` holds."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = io.BytesIO()
    inflated.write(_PLAIN_HEADER)
    while not inflater.eof:
        piece = inflater.decompress(deflated, _PIECE_BYTES)
        deflated = inflater.unconsumed_tail
        if not piece and not deflated:
            break
        inflated.write(piece)
        if inflated.tell() > max_bytes:
            raise ImageError(
                f"The DICOM file inflates to more than {max_bytes // 1_000_000} MB, the most that "
                "is read."
            )
    return inflated


def _check(dataset: Any, limits: DecodeLimits) -> int:
    """Check what the data set declares. Return the number of frames.

    Raises:
        ImageError: There are no pixels, too many, or fewer frames than declared.
    """
    if not any(name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ImageError("The DICOM file holds no picture.")
    check_size(int(dataset.get("Columns") or 0), int(dataset.get("Rows") or 0), limits)
    syntax = dataset.file_meta.TransferSyntaxUID
    frames = int(dataset.get("NumberOfFrames") or 1)
    if not is_readable(syntax):
        raise ImageError("The DICOM file holds a video, or a compression that is not read here.")
    if syntax.is_encapsulated:
        # Of frames stored plainly, pydicom holds the number against the length of the data.
        items, _ = parse_fragments(dataset.PixelData)
        if not 0 < frames <= items - 1:  # the first item is the table of offsets
            raise ImageError("The DICOM file declares more frames than it holds.")
        if size := codestream_size(get_frame(dataset.PixelData, 0, number_of_frames=frames)):
            check_size(*size, limits)
    return frames
