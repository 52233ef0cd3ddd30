"""What the window classifies with: a bundle, its engine, what it doubts by, the reader's images."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from lesionviewer.core.bundle import ModelBundle, open_bundle
from lesionviewer.core.quality.measure import measure_quality
from lesionviewer.core.quality.views import SQUARE_PX
from lesionviewer.engine.doubt.doubts import Doubts, read_doubts
from lesionviewer.engine.doubt.library import ReferenceLibrary
from lesionviewer.engine.doubt.own_library import kept_libraries, libraries_dir
from lesionviewer.engine.selection import Chosen, choose_engine

log = logging.getLogger(__name__)


def start_engine(bundle: Path, wanted: str = "auto") -> Chosen:
    """Open a bundle and start what works with it. Takes about a second.

    Args:
        bundle: Folder of the bundle.
        wanted: As for `choose_engine`.

    Raises:
        BundleError: The bundle is damaged.
        EngineError: No engine works.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="warm-up") as aside:
        # The first picture measured takes a tenth of a second longer: not the reader's first.
        aside.submit(measure_quality, np.zeros((SQUARE_PX, SQUARE_PX, 3), np.uint8), SQUARE_PX)
        opened = open_bundle(bundle)
        doubts = read_doubts(opened)
        own = own_libraries(libraries_dir(), opened, doubts)
        return replace(choose_engine(opened, wanted), doubts=doubts, own=own, opened=opened)


def own_libraries(
    folder: Path, bundle: ModelBundle, doubts: Doubts
) -> tuple[ReferenceLibrary, ...]:
    """Return the reader's libraries below `folder`; those of other models are left out."""
    found = []
    for kept in kept_libraries(folder, bundle, doubts.reduction):
        if kept.library is not None:
            found.append(kept.library)
        else:
            log.warning("%s", kept.reason)
    return tuple(found)
