"""YuNet: finds faces of any size that lie at any angle.

The network was trained on upright faces and scores others low. So a photograph is
searched with a low threshold, upright and on its side, and of what may be a face a
small square is looked at from all sides: the highest score says whether it is one, and
which way up it is.

ONNX Runtime computes it, faster than OpenCV does (docs/results.md).

Source: Wu et al., "YuNet: a tiny millisecond-level face detector", Machine Intelligence
Research 2023; what the outputs mean: OpenCV's face_detect.cpp. The weights are those of
OpenCV's model zoo, under the MIT licence beside them, which says what was changed.
"""

import dataclasses
import threading
from pathlib import Path

import cv2
import numpy as np

from ipcgan import onnx_session
from ipcgan.photos.pyramid import Pyramid
from ipcgan.photos.weights import MissingWeightsError

WEIGHTS = Path(__file__).with_name("yunet_2023mar_any_size.onnx")
_AT_ONCE = 2  # calls of the network: each keeps memory for a tile.
STRIDES = (8, 16, 32)  # pixels from one place of an output to the next.
# Small faces are searched for in a copy in which those of 40 pixels have 20; they are
# taken to be upright, more or less.
_FINE = 0.5  # share of the photograph's size,
_FINE_SIDES = (640, 3000)  # but its longer side has at least, and at most, so many.
_FINE_SCORE = 0.3  # of what is looked at again.
# A large copy is searched in tiles: 150 MB instead of 620. Faces larger than the
# overlap are found in the coarse copies.
_TILE, _TILE_OVERLAP = 1088, 96  # pixels
# Turned copies, by quarters, and an upright one, for the others.
_COARSE = {0: (640, 0.35), 1: (480, 0.5), 2: (480, 0.5), 3: (480, 0.5)}
_MOST_CANDIDATES = 500  # the best ones; a picture of mere texture ends some time.
# What is looked at again, as the network sees it: 96 pixels, the face 40 of them. At
# that size upright faces score 0.83 and more, and those on their heads up to 0.88.
_SQUARE, _SHARE = 96, 40 / 96
_ANGLES = tuple(range(0, 360, 45))
_SURE = 0.89  # score with which no other angle is tried.
_LEAST = 0.75  # score of a face.
_NEAR = 0.5  # share of a face's side within which another detection is the same.
_ALIKE = 1.6  # ratio of two sides up to which they may be one face.
_OVERLAP = 0.3  # of two boxes of one search, above which the better one stays.
_MOST_BOXES = 5000  # of one search, the best ones.


@dataclasses.dataclass(frozen=True)
class Detection:
    """What may be a face.

    Attributes:
        middle: [2] (x, y) in the photograph, in pixels.
        side: mean of the box's width and height, in pixels.
        angle: by which it must be turned to lie upright, in degrees clockwise.
        score: 0 to 1.
    """

    middle: np.ndarray
    side: float
    angle: float
    score: float

    def is_near(self, other: "Detection") -> bool:
        """Whether both are of one face."""
        small, large = sorted((self.side, other.side))
        away = np.hypot(*(self.middle - other.middle))
        return bool(large <= _ALIKE * small and away <= _NEAR * large)


class YuNet:
    """A detector of faces; any thread may call it.

    Raises:
        MissingWeightsError: if its weights cannot be read.
    """

    def __init__(self):
        self._session = _session()
        self._turn = threading.Semaphore(_AT_ONCE)
        self._names = [output.name for output in self._session.get_outputs()]

    def __call__(self, pyramid: Pyramid) -> list[Detection]:
        """Finds the faces of a photograph, each once, the surest first."""
        candidates = self._candidates(pyramid)[:_MOST_CANDIDATES]
        looked_at: list[Detection] = []
        found: list[Detection] = []
        for candidate in candidates:
            if any(candidate.is_near(e) for e in (*looked_at, *found)):
                continue
            looked_at.append(candidate)
            seen = self._look_again(pyramid, candidate)
            if seen is not None and not any(seen.is_near(e) for e in found):
                found.append(seen)
        return sorted(found, key=lambda e: -e.score)

    def _candidates(self, pyramid):
        """Searches copies of the photograph; the best candidates first."""
        longest = max(pyramid.photo.shape)
        fine = round(np.clip(_FINE * longest, *_FINE_SIDES))
        searches = [(side, turns, least) for turns, (side, least) in _COARSE.items()]
        if min(fine, longest) > _COARSE[0][0]:
            searches.append((fine, 0, _FINE_SCORE))
        copies = {side: pyramid.reduced(side) for side, *_ in searches}
        found = [
            candidate
            for side, turns, least in searches
            for candidate in self._search(pyramid, copies[side], turns, least)
        ]
        return sorted(found, key=lambda e: -e.score)

    def _search(self, pyramid, copy, turns, least):
        """Searches a reduced copy, turned counter-clockwise by quarters."""
        scale = max(pyramid.photo.shape) / max(copy.shape)
        size = copy.shape[1::-1]
        for x, y, side, score in self._run_in_tiles(np.rot90(copy, turns)):
            if score >= least:
                middle = np.array(_turned_back(x, y, turns, size))
                middle = (middle + 0.5) * scale - 0.5
                yield Detection(middle, side * scale, -90.0 * turns, score)

    def _look_again(self, pyramid, candidate):
        """Returns a candidate as the face that it is, or None."""
        best = None
        # First as it was found: mostly that is right.
        for angle in sorted(_ANGLES, key=lambda a: (a - candidate.angle) % 360 != 0):
            seen = self._at_angle(pyramid, candidate, angle)
            if seen and (best is None or seen.score > best.score):
                best = seen
            if best and best.score >= _SURE:
                break
        return best if best and best.score >= _LEAST else None

    def _at_angle(self, pyramid, candidate, angle):
        square, transform = pyramid.square(
            candidate.middle, candidate.side / _SHARE, angle, _SQUARE
        )
        scale = _SQUARE * _SHARE / candidate.side
        seen = []
        for x, y, side, score in self._run(square):
            middle = np.linalg.solve(transform[:, :2], (x, y) - transform[:, 2])
            found = Detection(middle, side / scale, angle, score)
            if found.is_near(candidate):
                seen.append(found)
        return max(seen, key=lambda e: e.score, default=None)

    def _run_in_tiles(self, image):
        """Yields what _run does, of an image of any size."""
        rows, columns = (_tiles(length) for length in image.shape[:2])
        for top, bottom in rows:
            for left, right in columns:
                for x, y, *rest in self._run(image[top:bottom, left:right]):
                    yield (x + left, y + top, *rest)

    def _run(self, image):
        """Returns (x and y of the middle, side, score) of what the network finds."""
        height, width = (-(-n // STRIDES[-1]) * STRIDES[-1] for n in image.shape[:2])
        below, right = height - image.shape[0], width - image.shape[1]
        padded = cv2.copyMakeBorder(image, 0, below, 0, right, cv2.BORDER_CONSTANT)
        blue_first = cv2.dnn.blobFromImage(padded, swapRB=True)
        with self._turn:
            outputs = self._session.run(self._names, {"input": blue_first})
        found = boxes_of(dict(zip(self._names, outputs, strict=True)), width)
        return [
            (x + (w - 1) / 2, y + (h - 1) / 2, (w + h) / 2, score)
            for x, y, w, h, score in found.tolist()
        ]


def boxes_of(outputs: dict[str, np.ndarray], width: int) -> np.ndarray:
    """Returns the boxes that the network's outputs say, the surest first.

    Args:
        outputs: for every one of STRIDES cls_8, [1, P, 1], whether a face is at each of
            P places, row after row; obj_8, [1, P, 1], how well its box fits; and
            bbox_8, [1, P, 4], the box's middle (x, y) seen from the place, and the
            logarithms of its width and height, in strides.
        width: of the picture that was searched, in pixels.

    Returns:
        [N, 5] left, top, width, height and score of each. Of those that overlap the
        surest alone.
    """
    found = []
    for stride in STRIDES:
        shares = outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"]
        scores = np.sqrt(shares.astype(np.float64).ravel())
        places = np.flatnonzero(scores >= _FINE_SCORE)
        rows, columns = np.divmod(places, width // stride)
        x, y, *logarithms = outputs[f"bbox_{stride}"][0, places].astype(np.float64).T
        wide, high = stride * np.exp(logarithms)
        left = (columns + x) * stride - wide / 2
        top = (rows + y) * stride - high / 2
        found.append(np.column_stack([left, top, wide, high, scores[places]]))
    boxes = np.concatenate(found)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    whole = boxes[:, :4].astype(int).tolist()  # Overlaps are of whole pixels.
    kept = cv2.dnn.NMSBoxes(
        whole, boxes[:, 4].tolist(), _FINE_SCORE, _OVERLAP, top_k=_MOST_BOXES
    )
    return boxes[np.asarray(kept, int).ravel()]


def _session():
    """Reads the network."""
    try:
        # Between two calls there is other work: waiting threads are in its way.
        return onnx_session.open_session(WEIGHTS, spinning=False)
    except onnx_session.UnreadableNetworkError as error:
        raise MissingWeightsError(
            f"{WEIGHTS}: the face detector's weights cannot be read; install ipcgan "
            "again."
        ) from error


def _tiles(length):
    """Returns (start, end) of equal tiles, which overlap, along a side."""
    count = max(1, -(-(length - _TILE_OVERLAP) // (_TILE - _TILE_OVERLAP)))
    step = -(-max(0, length - _TILE_OVERLAP) // count)
    return [
        (i * step, min(length, (i + 1) * step + _TILE_OVERLAP)) for i in range(count)
    ]


def _turned_back(x, y, turns, size):
    """Returns (x, y) of np.rot90(picture, turns) as it lies in the picture."""
    width, height = size
    if turns == 0:
        return x, y
    if turns == 1:
        return width - 1 - y, x
    if turns == 2:
        return width - 1 - x, height - 1 - y
    return y, height - 1 - x
