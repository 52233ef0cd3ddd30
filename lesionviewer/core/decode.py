"""From a file to upright RGB pixels. Its content decides the format, not its name.

These functions trust the file to end and to be of reasonable cost once its header is within the
limits. Files from anywhere go through `core.decode_pool`, which bounds time and memory too.
"""

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path

from lesionviewer.core.decode_picture import decode_picture
from lesionviewer.core.decoded import DecodedImage
from lesionviewer.core.errors import ImageError
from lesionviewer.core.limits import DecodeLimits

_DICOM_PREAMBLE_BYTES = 128
_SIGNATURES = (
    ("JPEG", b"\xff\xd8\xff"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("TIFF", b"II*\0"),
    ("TIFF", b"MM\0*"),
    ("TIFF", b"II+\0"),
    ("TIFF", b"MM\0+"),
    ("BMP", b"BM"),
)
_REFUSED = (
    ("GIF picture", b"GIF8"),
    ("PostScript file", b"%!PS"),
    ("PostScript file", b"\xc5\xd0\xd3\xc6"),
    ("PDF file", b"%PDF"),
    ("Photoshop file", b"8BPS"),
    ("JPEG 2000 picture", b"\0\0\0\x0cjP  "),
    ("JPEG 2000 picture", b"\xff\x4f\xff\x51"),
    ("web page", b"<!DOCTYPE html"),
    ("web page", b"<html"),
)
_BOXED_FORMATS = (b"heic", b"heix", b"mif1", b"avif")
_ACCEPTED = "JPEG, PNG, TIFF, BMP, WebP or DICOM"


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file, read whole.

    Attributes:
        data: Its bytes.
        sha256: Of `data`, 64 hexadecimal digits.
    """

    data: bytes
    sha256: str


def read_file(path: Path, *, limits: DecodeLimits) -> FileBytes:
    """Return the bytes of an ordinary file. Pipes and devices are refused without opening them.

    Raises:
        ImageError: There is no such file, it may not be read, or it is too large.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError("This is a folder, not a picture.")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError("This is a pipe, socket or device, not a picture file.")
        if status.st_size > limits.max_file_bytes:
            raise ImageError(
                f"The file is larger than {limits.max_file_bytes // 1_000_000} MB, the most that "
                "is read."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImageError("There is no file of this name, or its link leads nowhere.") from None
    except PermissionError:
        raise ImageError("The file may not be read: its permissions forbid it.") from None
    except (OSError, ValueError):
        raise ImageError("The file could not be read from the disk or network.") from None
    return FileBytes(data, hashlib.sha256(data).hexdigest())


def decode_file(path: Path, *, limits: DecodeLimits | None = None) -> DecodedImage:
    """Return the picture that a file holds.

    Raises:
        ImageError: It holds none that can be read here; the message names what is wrong.
    """
    limits = limits or DecodeLimits()
    return decode_bytes(read_file(path, limits=limits).data, limits=limits)


def decode_bytes(data: bytes, *, limits: DecodeLimits | None = None) -> DecodedImage:
    """Return the picture that the bytes of a file hold.

    Raises:
        ImageError: They hold none that can be read here; the message names what is wrong.
    """
    limits = limits or DecodeLimits()
    kind = _kind(data)
    try:
        if kind == "DICOM":
            # Slow to import, and most folders hold none.
            from lesionviewer.core.decode_dicom import decode_dicom

            return decode_dicom(data, limits)
        return decode_picture(data, kind, limits)
    except MemoryError:
        raise too_little_memory(limits) from None


def too_little_memory(limits: DecodeLimits) -> ImageError:
    """Return the error of a picture that memory does not suffice for."""
    megabytes = limits.max_memory_bytes // 1_000_000
    return ImageError(f"The picture needs more than {megabytes} MB of memory to read.")


def _kind(data: bytes) -> str:
    """Return the format that `data` begins as.

    Raises:
        ImageError: It is none that is read here.
    """
    if not data:
        raise ImageError("The file is empty.")
    if data[_DICOM_PREAMBLE_BYTES : _DICOM_PREAMBLE_BYTES + 4] == b"DICM":
        return "DICOM"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    for kind, signature in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if _begins_as_bare_dicom(data):
        return "DICOM"
    for name, signature in _REFUSED:
        if data[: len(signature)].lower() == signature.lower():
            raise ImageError(f"This is a {name}. Save it as {_ACCEPTED} first.")
    if data[4:8] == b"ftyp" and data[8:12] in _BOXED_FORMATS:
        raise ImageError(f"This is a HEIC or AVIF picture. Save it as {_ACCEPTED} first.")
    raise ImageError(f"This is not a picture in a format that is read here: {_ACCEPTED}.")


def _begins_as_bare_dicom(data: bytes) -> bool:
    """Return whether `data` starts with an element of group 8, as old DICOM without a header."""
    return len(data) > 132 and data[:2] == b"\x08\0" and data[3:4] == b"\0"
