"""Measures the search for faces: how many are found, how many are none, how fast.

Scenes are made of photographs of one head each, laid on a large picture at several
sizes and angles, so where the faces are is known.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from tqdm import tqdm

from ipcgan.data import images
from ipcgan.data.faces import evenly_spread
from ipcgan.photos import Face, FaceFinder
from ipcgan.runs.age.files import files_below
from ipcgan.runs.benchmark.timing import machine

_ANGLES = (0, 50, 90, 180)  # degrees clockwise.
_ONE_MEGAPIXEL, _LARGE = (900, 1200), (4000, 6000)
_HEAD = 0.4  # share of the picture's height that a head has.
_WIDTHS = (40, 50, 60)  # pixels of the faces in the large picture.
_FACE = 0.6  # width of dlib's box as a share of a head's; All-Age-Faces' in the mean.
_GRID = (3, 6)  # rows and columns of heads in the large picture.
_TILT = 25  # degrees by which a face may be found turned wrongly.
_FEW = 4  # large pictures of each kind.
_ROUNDS = 3  # how often a picture is searched; the fastest counts.


def search_measured(folder: str, num_heads: int) -> list[str]:
    """Measures how many faces are found, upright and turned, alone and together.

    Args:
        folder: photographs of one upright head each, which fills most of the picture;
            "": one of Grace Hopper, which comes with Matplotlib.
        num_heads: how many of them are taken, evenly spread.

    Returns:
        Lines of text.

    Raises:
        DataError: if the folder is missing or has no files.
    """
    heads, finder = _heads(folder, num_heads), FaceFinder()
    lines = [machine(), f"{len(heads)} heads; of the faces placed, found:"]
    wrong = pictures = 0
    seconds: dict[str, list[float]] = {}
    for name, kind, scenes in _all_scenes(heads):
        placed = hit = 0
        for photo, truth in tqdm(scenes, desc=name):
            found, spent = _timed(finder, photo)
            seconds.setdefault(kind, []).append(spent)
            right = [any(_is_at(face, *place) for face in found) for place in truth]
            none = [f for f in found if not any(_is_at(f, *place) for place in truth)]
            placed, hit = placed + len(truth), hit + sum(right)
            wrong, pictures = wrong + len(none), pictures + 1
        lines.append(f"{name}: {100 * hit / placed:.1f} % of {placed}")
    lines.append(f"found where none is: {wrong} in {pictures} pictures")
    lines += [
        f"{name}: {np.median(spent):.3f} s of processor time a photograph"
        for name, spent in seconds.items()
    ]
    return lines


def _heads(folder, num_heads):
    if folder:
        paths, _ = files_below(Path(folder), "--root_folder")
        return [images.read_image(path) for path in evenly_spread(paths, num_heads)]
    data = Path(matplotlib.get_data_path()) / "sample_data"
    return [images.read_image(data / "grace_hopper.jpg")[:400, 90:410]]


def _all_scenes(heads) -> Iterator[tuple[str, str, Iterable]]:
    """Yields (name, what is timed together, scenes).

    A scene is a picture, and the places of the faces in it.
    """
    for angle in _ANGLES:
        scenes = (_alone(head, angle, _ONE_MEGAPIXEL) for head in heads)
        yield f"at {angle} degrees", "1 megapixel", scenes
    for angle in _ANGLES[1:]:
        pairs = zip(heads, heads[1:] + heads[:1], strict=True)
        pictures = (_beside(first, second, angle) for first, second in pairs)
        yield f"at {angle} degrees, beside an upright one", "1 megapixel", pictures
    few = heads[:: -(-len(heads) // _FEW)]
    portraits = (_alone(head, 0, _LARGE) for head in few)
    yield "upright in 24 megapixels", "24 megapixels, one large face", portraits
    for width in _WIDTHS:
        groups = (_group(heads[i::_FEW], width) for i in range(min(_FEW, len(heads))))
        kind = f"24 megapixels, {_GRID[0] * _GRID[1]} small faces"
        yield f"{width} pixels wide in 24 megapixels", kind, groups


def _alone(head, angle, shape):
    scene = _ground(head, shape)
    height, width = shape
    place = _put(scene, head, (width / 2, height / 2), _HEAD * height, angle)
    return scene, [place]


def _beside(head, other, angle):
    """A turned head and an upright one; both are to be found."""
    scene = _ground(head, _ONE_MEGAPIXEL)
    height, width = _ONE_MEGAPIXEL
    places = [
        _put(scene, head, (width / 4, height / 2), _HEAD * height, angle),
        _put(scene, other, (3 * width / 4, height / 2), _HEAD * height, 0),
    ]
    return scene, places


def _group(heads, face_width):
    scene = _ground(heads[0], _LARGE)
    rows, columns = _GRID
    places = []
    for index in range(rows * columns):
        head = heads[index % len(heads)]
        row, column = divmod(index, columns)
        middle = (
            (column + 0.5) / columns * _LARGE[1],
            (row + 0.5) / rows * _LARGE[0],
        )
        side = face_width / _FACE * head.shape[0] / head.shape[1]
        places.append(_put(scene, head, middle, side, 0))
    return scene, places


def _ground(head, shape):
    """A background with the folds of the clothes below a head: no face is in it."""
    strip = head[-head.shape[0] // 8 :]
    tile = np.vstack([strip, strip[::-1]])
    repeats = (-(-shape[0] // (3 * tile.shape[0])), -(-shape[1] // (3 * tile.shape[1])))
    ground = np.tile(tile, (*repeats, 1))
    return images.resize_to(ground, shape[1], shape[0])


def _put(scene, head, middle, height, angle):
    """Draws a head; returns (middle, width, angle) of its picture."""
    scale = height / head.shape[0]
    size = (max(1, round(scale * head.shape[1])), max(1, round(height)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(head, size, interpolation=method)
    own = ((size[0] - 1) / 2, (size[1] - 1) / 2)
    transform = cv2.getRotationMatrix2D(own, -angle, 1.0)
    transform[:, 2] += np.array(middle) - own
    cv2.warpAffine(
        small,
        transform,
        scene.shape[1::-1],
        dst=scene,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return np.array(middle), size, angle


def _is_at(face: Face, middle, size, angle):
    """Whether a face is that of a head drawn there, and the same way up."""
    nose, eyes = face.points[4], face.points[:4].mean(axis=0)
    away = np.abs(_turned(nose - middle, -angle)) < np.array(size) / 4
    down = _turned(nose - eyes, -angle)
    tilt = abs(np.degrees(np.arctan2(down[0], down[1])))
    wide = 0.25 * size[0] < face.width < size[0]
    return bool(away.all() and tilt <= _TILT and wide)


def _turned(vector, angle):
    """Turns (x, y), y down, clockwise by degrees."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    x, y = vector
    return np.array((cosine * x - sine * y, sine * x + cosine * y))


def _timed(
    finder: Callable[[np.ndarray], list[Face]], photo: np.ndarray
) -> tuple[list[Face], float]:
    """Returns the faces, and the least time that the processor worked on them."""
    spent = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        found = finder(photo)
        spent.append(time.process_time() - start)
    return found, min(spent)
