"""Where the faces in a photograph are, with five landmarks each."""

import dataclasses

import cv2
import numpy as np

from ipcgan.photos import alignment
from ipcgan.photos.deepface_detection import DeepFaceDetector
from ipcgan.photos.pyramid import Pyramid
from ipcgan.photos.weights import dlib_landmarks
from ipcgan.photos.yunet import YuNet

SMALLEST = 40  # pixels; smaller faces are not looked for,
_SMALLEST_BOX = 36  # but boxes of faces are up to a tenth too narrow.
_NEAR = 0.5  # share of a face's width within which it is found again.
# dlib's landmarks were trained on dlib's boxes. These lie, in the mean of 45 faces:
# on YuNet's, the side, and how far the middle is lower, as shares of YuNet's side;
_DLIB_SIDE, _DLIB_DOWN = 0.90, 0.07
# and on the template of the landmarks themselves, as shares of its side.
_BOX_MIDDLE, _BOX_SIDE = (0.465, 0.481), 0.93
_SQUARE = 300  # pixels; what the landmarks are looked for in: the box is half as wide.


@dataclasses.dataclass(frozen=True)
class Face:
    """A face in a photograph.

    Attributes:
        box: left, top, right, bottom in pixels; it may reach beyond the photograph.
        points: [5, 2] landmarks (x, y) in pixels, in the order of DLIB_TEMPLATE.
    """

    box: tuple[float, float, float, float]
    points: np.ndarray

    @property
    def width(self) -> float:
        """Width of the box, in pixels."""
        return self.box[2] - self.box[0]


class FaceFinder:
    """A detector of faces and dlib's five landmarks; any thread may call it.

    Args:
        detector: None: YuNet, which finds faces at any angle. All faces of another
            detector are taken to be upright.

    Raises:
        MissingWeightsError: if dlib's landmarks are not installed, or YuNet's weights
            cannot be read.
    """

    def __init__(self, detector: DeepFaceDetector | None = None):
        import dlib

        self._squares = _upright(detector) if detector else _at_any_angle(YuNet())
        self._landmarks = dlib.shape_predictor(str(dlib_landmarks()))

    def __call__(self, photo: np.ndarray) -> list[Face]:
        """Finds all faces, the largest first.

        Args:
            photo: [H, W, 3] uint8 RGB.

        Returns:
            Faces about SMALLEST pixels wide or more. YuNet finds those that are at
            least a 150th of the longer side. All landmarks lie in the photograph.

        Raises:
            DetectionError: if another detector than YuNet fails on this photograph.
        """
        if min(photo.shape[:2]) < SMALLEST:
            return []  # No such face fits; and detectors fail on the thinnest pictures.
        photo = np.ascontiguousarray(photo)
        pyramid = Pyramid(photo)
        squares = [s for s in self._squares(pyramid) if s[1] >= _SMALLEST_BOX]
        faces = [self._face(pyramid, *square) for square in squares]
        faces = [face for face in faces if _is_whole(face, photo.shape)]
        return sorted(faces, key=lambda face: -face.width)

    def _face(self, pyramid, middle, side, angle):
        box = (*(middle - side / 2).tolist(), *(middle + side / 2).tolist())
        points = self._points(pyramid, middle, side, angle)
        # Once more, upright, and where dlib's box would be: they depend on it.
        points = self._points(pyramid, *_box_of(points))
        return Face(box, points)

    def _points(self, pyramid, middle, side, angle):
        """Returns the landmarks that dlib finds for a box; see Pyramid.square."""
        import dlib

        square, transform = pyramid.square(middle, 2 * side, angle, _SQUARE)
        box = dlib.rectangle(*(round(share * _SQUARE / 4) for share in (1, 1, 3, 3)))
        shape = self._landmarks(square, box)
        points = np.array([(p.x, p.y) for p in shape.parts()], float)
        return alignment.apply(cv2.invertAffineTransform(transform), points)


def _box_of(points):
    """Returns (middle, side, angle) of dlib's box for its landmarks [5, 2]."""
    transform = alignment.to_crop(points, alignment.DLIB_TEMPLATE, 1)
    middle = np.array([_BOX_MIDDLE]) - 0.5
    (middle,) = alignment.apply(cv2.invertAffineTransform(transform), middle)
    side = _BOX_SIDE / alignment.scale_of(transform)
    return middle, side, alignment.angle_of(transform)


def _upright(detector):
    """Returns pyramid -> (middle, side, angle) of each box of another detector."""

    def squares(pyramid):
        boxes = np.reshape(detector.boxes(pyramid.photo), (-1, 4))
        return [(b[:2] / 2 + b[2:] / 2, b[2] - b[0], 0.0) for b in boxes]

    return squares


def _at_any_angle(yunet):
    """The same, of dlib's boxes for what YuNet finds."""
    return lambda pyramid: [_dlib_square(seen) for seen in yunet(pyramid)]


def _dlib_square(seen):
    """Returns (middle, side, angle) of dlib's box for what YuNet saw."""
    angle = np.radians(seen.angle)
    down = np.array((np.sin(angle), np.cos(angle)))
    middle = seen.middle + _DLIB_DOWN * seen.side * down
    return middle, _DLIB_SIDE * seen.side, seen.angle


def _is_whole(face, shape):
    """Whether all landmarks lie in the photograph: of half a face, some do not."""
    height, width = shape[:2]
    return bool(((face.points >= 0) & (face.points < (width, height))).all())


def find_again(finder: FaceFinder, photo: np.ndarray, face: Face) -> Face | None:
    """Returns the face of a photograph that lies where `face` lay, or None."""
    found = finder(photo)
    away = [np.linalg.norm((f.points - face.points).mean(axis=0)) for f in found]
    if found and min(away) <= _NEAR * face.width:
        return found[int(np.argmin(away))]
    return None
