"""Loads Keras without the lines that TensorFlow's libraries print while they load."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def load_keras() -> None:
    """Import Keras and its backend; what they print meanwhile is dropped, errors are raised."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _no_stderr():
        import keras

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # Looking for devices loads more libraries, which print too.
            tf.config.list_physical_devices()


@contextmanager
def _no_stderr() -> Iterator[None]:
    # The lines come from C++, so that the file descriptor itself has to point elsewhere.
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
