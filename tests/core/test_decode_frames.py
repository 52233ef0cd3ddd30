"""Messages between the program and its helper processes."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionviewer.core.frames import MAX_MESSAGE_BYTES, FrameError, read_message, write_message

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=4))
def test_messages_come_out_as_they_went_in(messages):
    stream = io.BytesIO()
    for message in messages:
        write_message(stream, message)
    stream.seek(0)
    assert [read_message(stream) for _ in messages] == messages
    assert read_message(stream) is None


def test_a_path_that_is_no_unicode_survives():
    stream = io.BytesIO()
    write_message(stream, {"path": "\udcff\n.jpg"})
    stream.seek(0)
    assert read_message(stream) == {"path": "\udcff\n.jpg"}


@pytest.mark.parametrize(
    "data",
    [
        b"\x05",
        struct.pack("<I", 10) + b"{}",
        struct.pack("<I", MAX_MESSAGE_BYTES + 1) + b"{}",
        struct.pack("<I", 2) + b"no",
        struct.pack("<I", 2) + b"\xff\xff",
        struct.pack("<I", 2) + b"[]",
    ],
)
def test_what_is_no_message_is_refused(data):
    with pytest.raises(FrameError):
        read_message(io.BytesIO(data))


def test_a_message_too_long_is_not_sent():
    stream = io.BytesIO()
    with pytest.raises(FrameError):
        write_message(stream, {"text": "x" * MAX_MESSAGE_BYTES})
    assert stream.getvalue() == b""
