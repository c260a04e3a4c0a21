"""Where the faces in a photograph are, with five landmarks each."""

import dataclasses
import queue
import threading
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from ipcgan.photos.deepface_detection import DeepFaceDetector
from ipcgan.photos.weights import dlib_models

SMALLEST = 40  # pixels; smaller faces are not looked for.
# Longest side, in pixels, of the copy that is searched. dlib knows faces of 80 pixels
# and more, so the thorough search enlarges the copy once.
_QUICK_SIDE = 1024
_THOROUGH_SIDE = 1200
_ENLARGED_SIDE = 640  # a copy up to this is enlarged in the quick search too.
# dlib's scores are above 0. Next to a clear face most false detections, such as badges
# and folds, score less than this share of the face's.
_SCORE_SHARE = 0.25
_MOST_DETECTORS = 2  # that search at the same time.
_FRONTAL_FACES = Path(__file__).with_name("frontal_faces.svm")
_NEAR = 0.5  # share of a face's width within which it is found again.
_TURNED_SCORE = 0.5  # that a face needs which does not lie upright.


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
        detector: None: dlib's, of frontal faces. All faces of another detector are
            taken to be upright, and `every` and `turned` do not affect it.

    Raises:
        MissingWeightsError: if dlib's landmarks are not installed.
    """

    def __init__(self, detector: DeepFaceDetector | None = None):
        import dlib

        self._other = detector

        path = dlib_models() / "shape_predictor_5_face_landmarks.dat"
        self._landmarks = dlib.shape_predictor(str(path))
        # A detector serves one thread at a time.
        self._free: queue.LifoQueue = queue.LifoQueue()
        self._unmade = threading.Semaphore(_MOST_DETECTORS)

    def __call__(
        self, photo: np.ndarray, every: bool = False, turned: bool = True
    ) -> list[Face]:
        """Finds faces, the largest first.

        For dlib a reduced copy is searched; only where it shows none, or where `every`
        face is wanted, a finer one. A photograph without an upright face is searched
        lying on its sides and upside down.

        Args:
            photo: [H, W, 3] uint8 RGB.
            every: whether small faces matter though there is a larger one.
            turned: whether faces may lie on a side or upside down.

        Returns:
            Faces at least SMALLEST pixels wide, and by dlib a thirtieth of the longer
            side.

        Raises:
            DetectionError: if another detector than dlib's fails on this photograph.
        """
        if min(photo.shape[:2]) < SMALLEST:
            return []  # No such face fits; and detectors fail on the thinnest pictures.
        photo = np.ascontiguousarray(photo)
        if self._other:
            faces = [self._face(photo, box) for box in self._other.boxes(photo)]
        else:
            faces = self._dlib_faces(photo, every, turned)
        faces = [face for face in faces if face.width >= SMALLEST]
        return sorted(faces, key=lambda face: -face.width)

    def _dlib_faces(self, photo, every, turned):
        boxes = [] if every else self._boxes(photo, _QUICK_SIDE, _ENLARGED_SIDE)
        boxes = boxes or self._boxes(photo, _THOROUGH_SIDE, _THOROUGH_SIDE)
        faces = [self._face(photo, box) for box in boxes]
        return faces if faces or not turned else self._turned_faces(photo)

    def _turned_faces(self, photo):
        for turns in (2, 1, 3):
            turned = np.ascontiguousarray(np.rot90(photo, turns))
            boxes = self._boxes(turned, _QUICK_SIDE, _ENLARGED_SIDE, _TURNED_SCORE)
            if boxes:
                faces = [self._face(turned, box) for box in boxes]
                return [_turned_back(face, turns, photo.shape) for face in faces]
        return []

    @contextmanager
    def _detector(self):
        """Gives a detector that is free, or a new one while there are few."""
        try:
            detector = self._free.get_nowait()
        except queue.Empty:
            if self._unmade.acquire(blocking=False):
                detector = frontal_detector()
            else:
                detector = self._free.get()
        try:
            yield detector
        finally:
            self._free.put(detector)

    def _boxes(self, photo, longest, enlarged_up_to, least_score=0.0):
        height, width = photo.shape[:2]
        scale = min(1.0, longest / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            photo = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        enlarged = int(max(photo.shape) <= enlarged_up_to)
        with self._detector() as detector:
            found, scores, _ = detector.run(photo, enlarged, least_score)
        least = _SCORE_SHARE * max(scores, default=0.0)
        return [
            tuple(e / scale for e in (b.left(), b.top(), b.right(), b.bottom()))
            for b, score in zip(found, scores, strict=True)
            if score >= least
        ]

    def _face(self, photo, box):
        import dlib

        shape = self._landmarks(photo, dlib.rectangle(*(round(edge) for edge in box)))
        return Face(box, np.array([(p.x, p.y) for p in shape.parts()], float))


def frontal_detector():
    """Returns what dlib.get_frontal_face_detector() returns, 200 times faster.

    That unpacks text compiled into dlib for a quarter of a second, longer than all
    else that one photograph takes. The file is what its result saved:
    dlib.get_frontal_face_detector().save(path), dlib 20.
    """
    import dlib

    try:
        return dlib.fhog_object_detector(str(_FRONTAL_FACES))
    except RuntimeError:  # Missing, or of a format that this dlib does not know.
        return dlib.get_frontal_face_detector()


def _turned_back(face, turns, shape):
    """Returns a face found after np.rot90(photo, turns) as it lies in the photo."""
    height, width = shape[:2]

    def back(points):
        x, y = points.T
        if turns == 1:
            x, y = width - 1 - y, x
        elif turns == 2:
            x, y = width - 1 - x, height - 1 - y
        else:
            x, y = y, height - 1 - x
        return np.column_stack([x, y])

    ends = back(np.reshape(face.box, (2, 2)))
    box = tuple(float(end) for end in (*ends.min(axis=0), *ends.max(axis=0)))
    return Face(box, back(face.points))


def find_again(finder: FaceFinder, photo: np.ndarray, face: Face) -> Face | None:
    """Returns the face of a photograph that lies where `face` lay, or None."""
    for every in (False, True):  # The quick search may show only others.
        found = finder(photo, every)
        away = [np.linalg.norm((f.points - face.points).mean(axis=0)) for f in found]
        if found and min(away) <= _NEAR * face.width:
            return found[int(np.argmin(away))]
    return None
