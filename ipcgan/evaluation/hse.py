"""HSE's face network: an independent judge of age, gender and identity.

Source: A. Savchenko, HSE_FaceRec_tf: a MobileNet v1 trained on VGGFace2, with heads for
age and gender. The model card in its folder gives its origin and accuracy. It must
never teach: face_networks refuses its folder.
"""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from ipcgan import onnx_session
from ipcgan.photos.weights import MissingWeightsError

FILE = "hse_face.onnx"
SHA256 = "27c575ccee7d63c0fd50d0ef5239e86958340178b49da15ea4dbb8bed0e78402"
SIZE = 224  # pixels.
_MEAN = np.array((103.939, 116.779, 123.68), np.float32)  # of blue, green, red.
_YEARS = np.arange(1, 101, dtype=np.float32)  # what each of the age head's classes is.
# Of 300 faces of UTKFace 1 pair of strangers in 100 is nearer: the only threshold that
# was measured of this network, whose authors name none.
_THRESHOLD = 0.95


class HSEFaceNetwork:
    """Age, gender, descriptor and embedding of aligned crops, by one pass.

    One thread may use it at a time; the answer about the last face is kept, so that
    asking for its age and then for its descriptor is one pass.

    Args:
        folder: that holds FILE.

    Raises:
        MissingWeightsError: if the file is missing or not what was published; one line
            that names it and says where it comes from.
    """

    length = 1024  # of a descriptor, and of an embedding.
    threshold = _THRESHOLD

    def __init__(self, folder: Path):
        path = Path(folder) / FILE
        content = _read(path)
        # One thread: there is a network for each core.
        self._session = onnx_session.open_session(content, threads=1)
        self._last = (None, None)

    def judge(self, face: np.ndarray) -> tuple[float, str]:
        """Returns (age in years, "male" or "female") of a [H, W, 3] uint8 RGB crop."""
        years, gender, _ = self._answer(face)
        return years, gender

    def describe(self, face: np.ndarray) -> np.ndarray:
        """Returns the [1024] float32 descriptor of a crop, of length 1."""
        embedding = self.embed(face)
        return embedding / max(float(np.linalg.norm(embedding)), 1e-12)

    def embed(self, face: np.ndarray) -> np.ndarray:
        """Returns the [1024] float32 features of a crop, by which sets are compared."""
        return self._answer(face)[2]

    def _answer(self, face):
        if self._last[0] is not face:
            self._last = face, self._ask(face)
        return self._last[1]

    def _ask(self, face):
        method = cv2.INTER_AREA if face.shape[0] > SIZE else cv2.INTER_LINEAR
        image = cv2.resize(face, (SIZE, SIZE), interpolation=method)
        image = image[..., ::-1].astype(np.float32) - _MEAN
        names = ("age", "gender", "embedding")
        age, gender, embedding = self._session.run(names, {"image": image[None]})
        years = float(age[0] @ _YEARS)
        return years, "male" if gender[0, 0] > 0.5 else "female", embedding[0]


def _read(path):
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingWeightsError(
            f"{path}: cannot be read ({error.strerror}); the judge HSE is part of the "
            "repository (checkpoints/judges/hse_face)."
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise MissingWeightsError(
            f"{path}: damaged, its SHA-256 is not {SHA256[:12]}...; take the file from "
            "the repository (checkpoints/judges/hse_face) again."
        )
    return content
