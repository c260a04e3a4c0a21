"""Measures time and memory of ageing from a cold start.

No backend is loaded: a child's greatest memory counts its parent's when it started.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ipcgan.data import images

PHOTO_SHAPE = (900, 1200)
_LARGE_SHAPE = (4000, 6000)


def cold_starts(checkpoint_dir: str, engine: str) -> list[str]:
    """Starts test.py for a crop, a photograph of 1 megapixel, and one of 24.

    Returns:
        Lines of text: seconds to the end, and the most memory so far.
    """
    lines = []
    crop = Path("images/test/astronaut.png")
    for name, shape in (
        ("a cut-out face", None),
        ("a photograph of 1 megapixel", PHOTO_SHAPE),
        ("a photograph of 24 megapixels", _LARGE_SHAPE),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "in" / "face.png"
            path.parent.mkdir()
            if shape is None:
                images.write_image(path, images.read_image(crop))
            else:
                write_photo(path.with_suffix(".jpg"), shape, seed=0)
            flags = {
                "test_data_dir": path.parent,
                "save_dir": f"{folder}/out",
                "checkpoint_dir": checkpoint_dir,
                "engine": engine,
                "groups": 4,
            }
            command = [sys.executable, "-m", "ipcgan.runs.age.age_program"]
            command += [f"--{key}={value}" for key, value in flags.items()]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
            seconds = time.perf_counter() - start
        # Of all children so far: sizes rise, so it is that of the latest.
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        lines.append(f"{name}: {seconds:.2f} s from start to end, {most:.0f} MB")
    return lines


def write_photo(path: Path, shape: tuple[int, int], seed: int) -> None:
    """Writes a photograph: the sample face, a third as high, on soft noise."""
    random = np.random.default_rng(seed)
    small = random.integers(60, 200, (9, 12, 3), dtype=np.uint8)
    photo = images.resize_to(small, shape[1], shape[0])
    side = shape[0] // 3
    face = images.read_image("images/test/astronaut.png")
    left = int(random.integers(0, shape[1] - side))
    photo[side : 2 * side, left : left + side] = images.resize(face, side)
    images.write_image(path, photo)
