"""The files of a folder -> what is to be aged: crops, or faces in photographs."""

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

import cv2
import numpy as np

from ipcgan import config
from ipcgan.data import images, picture_files
from ipcgan.data.records import DataError
from ipcgan.photos import (
    DeepFaceDetector,
    DetectionError,
    Face,
    FaceFinder,
    alignment,
    deepface_home,
)
from ipcgan.runs.age import choice
from ipcgan.runs.age.files import files_below

_MAX_PIXELS = 16_000_000  # of the files that are read at a time, if more than one.
_COMPANIONS = 31  # that the authors' release put into one batch with each face.


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A file that was read.

    Attributes:
        path: the file.
        crops: [F, S, S, 3] uint8, the faces to age as the network will see them.
        photo: [H, W, 3] uint8 to paste them into; None: the file is itself a crop.
        faces: F of them, in the photograph, which are aged.
        transforms: F times [2, 3], pixels of the photograph -> pixels of the crop.
        decision: what the file was taken for, and why; for people.
        picture: what else was in the file, to be written again; None: it was an array.
        found: all faces of the photograph, the largest first.
        numbers: of those that are aged, F in `found`, where the first is 1.
    """

    path: Path
    crops: np.ndarray
    photo: np.ndarray | None
    faces: tuple[Face, ...]
    transforms: tuple[np.ndarray, ...]
    decision: str
    picture: picture_files.Picture | None = None
    found: tuple[Face, ...] = ()
    numbers: tuple[int, ...] = ()


def other_finder(settings: config.AgeConfig) -> FaceFinder | None:
    """Returns what finds faces where settings.detector is not YuNet; else None.

    Raises:
        ConfigError: if DeepFace has no detector of that name.
        MissingWeightsError: if it cannot be used here.
    """
    if settings.detector == config.AgeConfig.detector or settings.align == "never":
        return None
    return FaceFinder(DeepFaceDetector(settings.detector, deepface_home()))


class Reader:
    """Reads files and finds what is to be aged in them; any thread may call it.

    Args:
        settings: what is taken for a photograph, and which of its faces.
        size: side of the crops, in pixels.
        template: [5, 2] where the crops have their landmarks, as shares of the side.
        finder: None: one by YuNet, made when the first photograph comes.
    """

    def __init__(
        self,
        settings: config.AgeConfig,
        size: int,
        template: np.ndarray,
        finder: FaceFinder | None = None,
    ):
        self._settings = settings
        self._size = size
        self._template = template
        self._finder = finder
        self._making = threading.Lock()

    def __call__(self, path: Path, image: np.ndarray | None = None) -> Prepared | str:
        """Returns what was found in a file, or why nothing can be aged.

        Args:
            path: the file.
            image: [H, W, 3] uint8, its pixels; None: they are read.
        """
        try:
            if image is not None:
                return self._prepared(path, image)
            picture = picture_files.read_picture(path)
            found = self._prepared(path, picture.pixels)
            if isinstance(found, str):
                return found
            if found.photo is None:
                picture = picture.without_pixels()
            return dataclasses.replace(found, picture=picture)
        except images.ImageError as error:
            return str(error).removeprefix(f"{path}: ")
        except (cv2.error, MemoryError, ValueError) as error:
            return f"cannot be aligned: {error}"
        except DetectionError as error:
            return str(error)

    def _prepared(self, path, image):
        align = self._settings.align
        if align == "never":
            return self._crop(path, image, "crop: --align=never")
        if align == "auto" and alignment.small_square(image.shape, self._size):
            return self._crop(path, image, "crop: small and about square")
        with self._making:  # By the first photograph: crops need no detector.
            self._finder = self._finder or FaceFinder()
        found = self._finder(image)
        if not found:
            return self._no_face()
        numbers = choice.choose(self._settings.face, found, image.shape)
        if isinstance(numbers, str):
            return numbers
        if align == "auto" and alignment.is_aligned(
            found[0].points, image.shape, self._template
        ):
            return self._crop(path, image, "crop: its face lies as in training faces")
        faces = tuple(found[number - 1] for number in numbers)
        crops, transforms = cut_out(image, faces, self._size, self._template)
        count = f"{len(faces)} of {len(found)} face{'s' if len(found) > 1 else ''}"
        if numbers != tuple(range(1, len(faces) + 1)):
            count = f"face {numbers[0]} of {len(found)}"
        return Prepared(
            path,
            crops,
            image,
            faces,
            transforms,
            f"photograph: {count}",
            found=tuple(found),
            numbers=numbers,
        )

    def _no_face(self):
        if self._settings.detector != config.AgeConfig.detector:
            return f"no face was found by {self._settings.detector} (40 pixels wide)"
        return (
            "no face was found (frontal, whole, at least 40 pixels wide and a 150th of "
            "the longer side)"
        )

    def _crop(self, path, image, decision):
        crop = images.resize(image, self._size)[None]
        return Prepared(path, crop, None, (), (), decision)


def cut_out(
    image: np.ndarray, faces: Sequence[Face], size: int, template: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Cuts faces out of a photograph.

    Args:
        image: [H, W, 3] uint8.
        faces: F of them, at least one.
        size: S, side of the crops, in pixels.
        template: [5, 2] where the landmarks come to lie, as shares of the side.

    Returns:
        (crops [F, S, S, 3] uint8, F transforms [2, 3] from the photograph to the crop).
    """
    transforms = tuple(alignment.to_crop(f.points, template, size) for f in faces)
    return np.stack([alignment.cut(image, t, size) for t in transforms]), transforms


def read_chunks(
    paths: Sequence[Path], reader: Reader, batch_size: int, pool: Executor
) -> Iterator[list[tuple[Path, Prepared | str]]]:
    """Yields lists of (path, what was found or a reason), in order.

    The next list is read meanwhile. A list has at most `batch_size` files, and large
    photographs only few at a time, so the memory does not depend on how many there are.
    """

    def submit(chunk):
        return [(path, pool.submit(reader, path)) for path in chunk]

    pending: list[tuple[Path, Future]] = []
    for chunk in _chunks(paths, batch_size):
        following = submit(chunk)
        if pending:
            yield [(path, future.result()) for path, future in pending]
        pending = following
    yield [(path, future.result()) for path, future in pending]


def _chunks(paths, batch_size):
    chunk, pixels = [], 0
    for path in paths:
        size = images.count_pixels(path)
        if chunk and (len(chunk) == batch_size or pixels + size > _MAX_PIXELS):
            yield chunk
            chunk, pixels = [], 0
        chunk.append(path)
        pixels += size
    if chunk:
        yield chunk


def read_companions(settings: config.AgeConfig) -> np.ndarray | None:
    """Reads the faces that share batch normalization's statistics with each face.

    Returns:
        [M, 256, 256, 3] uint8 RGB; None where the settings name no folder.

    Raises:
        DataError: if one cannot be read, or there is none.
    """
    if not settings.companions_dir:
        return None
    paths, _ = files_below(Path(settings.companions_dir), "--train_data_dir")
    try:
        # Of many sizes, perhaps: the ager wants one array.
        return np.stack(
            [images.resize(images.read_image(p), 256) for p in paths[:_COMPANIONS]]
        )
    except images.ImageError as error:
        raise DataError(f"--train_data_dir: {error}") from error
