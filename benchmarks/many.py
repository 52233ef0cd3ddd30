"""Folders of very many images: time to the first row, and memory.

`python -m benchmarks.many BUNDLE FOLDER` classifies FOLDER and prints its figures as JSON.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.timing import Comparison

_MEMORY_IMAGES = 4000


def many_figures(bundle: Path, few: Path, many: Path) -> list[Comparison]:
    """Compare a folder of very many images with one of a thousand."""
    small, large = (_measured(bundle, folder) for folder in (few, many))
    return [
        Comparison(
            f"Folder of {large['images']} images: first row after opening it, engine ready",
            f"folder of {small['images']} images",
            "< 1 s",
            "s",
            [large["first"]],
            [small["first"]],
        ),
        Comparison(
            f"Peak memory after {large['classified']} of {large['images']} images",
            f"after {small['classified']} images",
            "bounded",
            "MB",
            [large["peak_mb"]],
            [small["peak_mb"]],
            [large["peak_mb"] / small["peak_mb"]],
        ),
    ]


def _measured(bundle: Path, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.many", str(bundle), str(folder)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    """Measure one folder in this process."""
    import resource

    from lesionviewer.core.bundle import open_bundle
    from lesionviewer.core.decode_pool import DecodePool
    from lesionviewer.core.files import find_images
    from lesionviewer.engine.openvino_classifier import OpenVinoClassifier
    from lesionviewer.engine.pipeline import classify_files

    bundle, folder = Path(sys.argv[1]), Path(sys.argv[2])
    classifier = OpenVinoClassifier(open_bundle(bundle))
    with DecodePool() as pool:
        pool.warm_up()
        start = time.perf_counter()
        outcomes = classify_files(find_images([folder]), pool, classifier)
        next(outcomes)
        first = time.perf_counter() - start
        classified = 1 + sum(1 for _ in itertools.islice(outcomes, _MEMORY_IMAGES))
        outcomes.close()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    images = sum(1 for _ in os.scandir(folder))
    figures = {"images": images, "first": first, "classified": classified, "peak_mb": peak_mb}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
