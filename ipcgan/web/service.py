"""What the server does with pictures: opens them, ages their faces, and shows strips.

Its methods are called by one thread at a time; see worker.Worker.
"""

from __future__ import annotations

import dataclasses
import io
import weakref
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ipcgan.data import exif, heif, images, memory_files, opening, picture_files
from ipcgan.photos import Face
from ipcgan.web import judging, memory
from ipcgan.web.answers import Refused
from ipcgan.web.models import Models
from ipcgan.web.pictures import Opened

# How a picture is written again, by its format: in its own where browsers show that.
_NAMES = {
    "JPEG": Path("picture.jpg"),
    "PNG": Path("picture.png"),
    "WEBP": Path("picture.webp"),
    **dict.fromkeys(("BMP", "GIF", "PPM", "TIFF"), Path("picture.png")),
    **dict.fromkeys(("HEIF", "AVIF"), Path("picture.jpg")),
}
_WRITTEN = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_MOST_JUDGED = 12  # faces of a picture; of the others no age is told.
_STRIP_SIDE, _STRIP_AROUND = 256, 1.7  # pixels; sides of the face's box.
MOST_STRIP = 16  # ages of a strip.


@dataclasses.dataclass(frozen=True, eq=False)
class Aged:
    """A picture with aged faces.

    Attributes:
        content: its file, marked as made by AI.
        format: "JPEG", "PNG" or "WEBP".
        faces: for each face that was aged, what the page is told of it.
    """

    content: bytes
    format: str
    faces: tuple[dict, ...]


class Service:
    """Opens and ages pictures.

    Args:
        models: networks that were loaded.
        max_pixels: of a picture.
    """

    def __init__(self, models: Models, max_pixels: int):
        self._models, self._max_pixels = models, max_pixels
        # The last picture that was decoded: mostly the next request is about it, too.
        # It goes when the picture is forgotten that it is of.
        self._last: tuple[weakref.ref, picture_files.Picture] | None = None

    def open(self, content: bytes) -> Opened:
        """Finds and judges the faces of a picture.

        Args:
            content: of its file.

        Raises:
            Refused: "not_a_picture", "unsupported" (HEIC without its decoder),
                "too_large" or "no_face".
        """
        with memory_files.held(content) as path:
            try:
                heif.formats_of(path)
            except heif.MissingDecoderError as error:
                raise Refused("unsupported", str(error)) from None
            name, pixels = opening.read_head(path)
            if pixels > self._max_pixels:
                raise Refused("too_large", f"{pixels:,} pixels")
            if name not in _NAMES:
                raise Refused("not_a_picture")
            picture = self._read(path, name)
            shown = _is_shown(path, name)
        photo = picture.pixels
        faces = tuple(self._models.finder(photo))
        if not faces:
            raise Refused("no_face")
        judge = self._models.judge
        judged: list[tuple[float, np.ndarray] | None] = [None] * len(faces)
        if judge:
            some = [judge(photo, face) for face in faces[:_MOST_JUDGED]]
            judged[: len(some)] = some
        height, width = photo.shape[:2]
        opened = Opened(content, name, width, height, faces, tuple(judged), shown)
        self._remember(opened, picture)
        return opened

    def preview(self, opened: Opened) -> bytes:
        """Returns a picture as a JPEG file, as large as it is and upright."""
        return _jpeg(self._decoded(opened).pixels)

    def age(
        self,
        opened: Opened,
        numbers: Sequence[int],
        *,
        family: str,
        years: int | None = None,
        change: int | None = None,
    ) -> Aged:
        """Ages faces of a picture; everything around them stays.

        Args:
            opened: the picture.
            numbers: of its faces, from 1.
            family: name of a network.
            years: to show them at; or
            change: in years from what each is judged at.

        Raises:
            Refused: "unsupported", if the network does not age so, or a face was not
                judged from whose age is counted.
        """
        chosen, picture = _chosen(opened, numbers), self._decoded(opened)
        network, judged = self._models.family(family), opened.judged
        if change is None:
            found = network.age(picture.pixels, (network.checked(years),), chosen)
        else:
            known = [judged[number - 1] for number in numbers]
            own = [round(each[0]) for each in known if each]
            if len(own) < len(known):
                raise Refused("unsupported", "the face's own age is not known")
            found = network.age(picture.pixels, (f"{change:+d}",), chosen, own)
        photo = found.photographs[0]
        written = _WRITTEN[picture_files.ending_of(_NAMES[opened.format])]
        content = picture_files.encode_picture(picture, photo, written)
        told = [
            {"number": number, **self._judged(photo, face, judged[number - 1])}
            for number, face in zip(numbers, chosen, strict=True)
        ]
        return Aged(content, written, tuple(told))

    def strip(
        self, opened: Opened, number: int, years: Sequence[int], family: str
    ) -> list[bytes]:
        """Returns one face at several ages, each a small JPEG file.

        Raises:
            Refused: as `age`.
        """
        (face,) = _chosen(opened, (number,))
        network = self._models.family(family)
        wanted = [network.checked(year) for year in years]
        photo, face = _around(self._decoded(opened).pixels, face)
        found = network.age(photo, wanted, (face,))
        return [_jpeg(found.photographs[found.labels.index(str(y))]) for y in years]

    def _judged(self, photo, face, before):
        judge = self._models.judge
        if judge is None or before is None:
            names = ("judgedBefore", "judgedAfter", "samePerson", "distance")
            return dict.fromkeys(names)
        years, descriptor = judge(photo, face)
        distance = float(np.linalg.norm(descriptor - before[1]))
        return {
            "judgedBefore": round(before[0], 1),
            "judgedAfter": round(years, 1),
            "samePerson": judging.verdict(distance),
            "distance": round(distance, 3),
        }

    def _decoded(self, opened):
        last = self._last
        if last and last[0]() is opened:
            return last[1]
        del last
        with memory_files.held(opened.content) as path:
            picture = self._read(path, opened.format)
        self._remember(opened, picture)
        return picture

    def _remember(self, opened, picture):
        self._last = weakref.ref(opened, self._forget), picture

    def _forget(self, reference):
        last = self._last
        if last and last[0] is reference:
            self._last = None

    def _read(self, path, name):
        self._last = None  # Not two large pictures at a time.
        memory.give_back()
        try:
            return picture_files.read_picture(path, name=_NAMES[name])
        except images.ImageError as error:
            reason = str(error).removeprefix(f"{path}: ")
            raise Refused("not_a_picture", reason) from None


def _is_shown(path, name):
    """Whether browsers show a file with the colours and the side up as read here."""
    if name not in ("JPEG", "PNG", "WEBP"):
        return False
    with opening.open_image(path) as image:
        usual = image.mode in ("RGB", "L", "P", "RGBA", "LA")
        turned = exif.orientation(image) != 1
        return usual and opening.DEEP not in image.info and not turned


def _chosen(opened, numbers):
    wrong = [n for n in numbers if not 1 <= n <= len(opened.faces)]
    if wrong or not numbers:
        raise Refused("unsupported", "there is no such face")
    return tuple(opened.faces[number - 1] for number in numbers)


def _around(photo, face):
    """Returns a small picture of a face with what is around it, and the face in it."""
    left, top, right, bottom = face.box
    half = _STRIP_AROUND * (right - left) / 2
    height, width = photo.shape[:2]
    x, y = (left + right) / 2, (top + bottom) / 2
    side = round(2 * half)
    corner = np.array((round(x - half), round(y - half)))
    inside = photo[
        max(corner[1], 0) : max(corner[1] + side, 1),
        max(corner[0], 0) : max(corner[0] + side, 1),
    ]
    before = np.maximum(-corner, 0)
    after = np.maximum(corner + side - (width, height), 0)
    square = cv2.copyMakeBorder(
        inside, before[1], after[1], before[0], after[0], cv2.BORDER_REPLICATE
    )
    scale = _STRIP_SIDE / side
    small = images.resize(square, _STRIP_SIDE)
    box = tuple(float(v) for v in scale * (np.array(face.box) - np.tile(corner, 2)))
    return small, Face(box, scale * (face.points - corner))


def _jpeg(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()
