"""Measures how long the judges take, and the cost of the second panel."""

import functools
import time

import numpy as np

from ipcgan.config import EvaluateConfig
from ipcgan.data import images
from ipcgan.evaluation.judges import Judges
from ipcgan.evaluation.panel import make_panel

_SAMPLE = "images/test/astronaut.png"
_SIZE = 128  # pixels.
_PANELS = {"Dlib": ("Dlib",), "Dlib and HSE": ("Dlib", "HSE")}
_ROUNDS = 3  # of each, in turns; the median counts.


def panels_compared(num_faces: int) -> list[str]:
    """Lets one panel of judges, and both, look at the same faces.

    Args:
        num_faces: mirrored and unmirrored copies of the sample face.

    Returns:
        Lines of text: milliseconds a face of each, and their ratio.
    """
    face = images.resize(images.read_image(_SAMPLE), _SIZE)
    faces = [face[:, ::-1] if number % 2 else face for number in range(num_faces)]
    hse_dir = EvaluateConfig().hse_dir
    judges = {
        name: Judges(functools.partial(make_panel, who, who, hse_dir))
        for name, who in _PANELS.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in judges}
    for _ in range(_ROUNDS):
        for name, panel in judges.items():
            start = time.perf_counter()
            panel.predict(faces, name)
            seconds[name].append((time.perf_counter() - start) / num_faces)
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    first, both = medians.values()
    lines = [f"{name}: {1000 * value:.1f} ms a face" for name, value in medians.items()]
    return [*lines, f"both / first: {both / first:.2f}"]
