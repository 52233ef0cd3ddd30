"""What tests of decode processes need."""

from pathlib import Path

import psutil

from lesionviewer.core.decode_pool import DecodedFile, DecodeFailure, DecodePool, DecodeRequest

SECONDS_BEFORE_A_TEST_GIVES_UP = 60


def result(future) -> DecodedFile | DecodeFailure:
    return future.result(SECONDS_BEFORE_A_TEST_GIVES_UP)


def decode(pool: DecodePool, path: Path, **wanted) -> DecodedFile | DecodeFailure:
    return result(pool.submit(DecodeRequest(path=path, **wanted)))


def process_of(pool: DecodePool) -> psutil.Process:
    (pid,) = pool.pids
    return psutil.Process(pid)
