"""What pydicom lacks to decode compressed frames safely: 12-bit JPEG, and the size they declare.

pydicom takes this module as a plug-in, hence the names `DECODER_DEPENDENCIES`, `is_available` and
the shape of `decode_jpeg12`.
"""

import struct
from typing import Any, cast

from pydicom import uid
from pydicom.pixels import get_decoder

DECODER_DEPENDENCIES = {uid.JPEGExtended12Bit: ("gdcm>=3.0.10",)}
_PLUGIN = "gdcm-12-bit"

_J2K_START = b"\xff\x4f\xff\x51"
_JPEG_START = b"\xff\xd8"
_FRAME_MARKERS = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
_LONE_MARKERS = frozenset((0x01, 0xFF, *range(0xD0, 0xD9)))


def is_readable(syntax: uid.UID) -> bool:
    """Return whether frames of this transfer syntax can be decoded here."""
    try:
        decoder = get_decoder(syntax)
    except RuntimeError:  # pydicom knows no decoder of this syntax
        return False
    if syntax == uid.JPEGExtended12Bit and _PLUGIN not in decoder.available_plugins:
        decoder.add_plugin(_PLUGIN, (__name__, decode_jpeg12.__name__))
    return bool(decoder.is_available)


def codestream_size(frame: bytes) -> tuple[int, int] | None:
    """Return width and height that a compressed frame itself declares.

    A codec allocates by these, whatever the elements around the frame say.

    Args:
        frame: A JPEG, JPEG-LS or JPEG 2000 codestream; of others None is returned.
    """
    if frame.startswith(_J2K_START):
        right, bottom, left, top = struct.unpack_from(">4I", frame, 8)
        return right - left, bottom - top
    if not frame.startswith(_JPEG_START):
        return None
    place = 2
    while place + 9 <= len(frame) and frame[place] == 0xFF:
        marker = frame[place + 1]
        if marker in _LONE_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        length, _precision, height, width = struct.unpack_from(">HBHH", frame, place + 2)
        if marker in _FRAME_MARKERS:
            return width, height
        place += 2 + length
    return None


def is_available(syntax: str) -> bool:
    """Return whether `decode_jpeg12` can work."""
    try:
        import gdcm  # noqa: F401
    except ImportError:
        return False
    return syntax in DECODER_DEPENDENCIES


def decode_jpeg12(source: bytes, runner: Any) -> bytes:
    """Return the samples of a JPEG frame of 12 bits as bytes of 16-bit little-endian numbers.

    pydicom's own GDCM plug-in leaves these frames out; GDCM decodes them rightly when it is told
    their precision.

    Args:
        source: The compressed frame.
        runner: pydicom's description of the frame.
    """
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(source)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())

    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((runner.columns, runner.rows, 1))
    image.SetDataElement(element)
    colours = gdcm.PhotometricInterpretation.GetPIType(str(runner.photometric_interpretation))
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(colours))
    syntax = gdcm.TransferSyntax.GetTSType(str.__str__(runner.transfer_syntax))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(
        gdcm.PixelFormat(
            runner.samples_per_pixel, 16, runner.bits_stored, runner.bits_stored - 1, 0
        )
    )
    # GDCM gives bytes as text.
    return cast(bytes, image.GetBuffer().encode("utf-8", "surrogateescape"))
