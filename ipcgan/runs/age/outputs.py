"""Aged faces -> files below --save_dir, and nowhere else."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ipcgan import atomic, report
from ipcgan.data import images, marks, picture_files, saving
from ipcgan.data.records import DataError
from ipcgan.inference import mixing
from ipcgan.inference.mixing import Difference, Target
from ipcgan.photos import pasting
from ipcgan.report.numbered_faces import numbered_faces
from ipcgan.runs.age.inputs import Prepared
from ipcgan.runs.age.own_files import REPORT, SHEET, OwnFiles

CROPS = "crops"  # folder of the faces that were cut out of photographs.
_KEPT_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_LABEL = "AI"  # what --label writes into a corner.
_FRAMES = 4  # of an animation, from one age to the next.
_FRAME_SIDE = 640  # pixels, the longer side of an animation at most.


@dataclasses.dataclass(frozen=True)
class Names:
    """Where the outputs of a file go, below --save_dir.

    Attributes:
        whole: an image for every target: photographs, or the aged crop.
        crops: for every face of a photograph, or for the crop, the face as the network
            saw it, then for photographs the aged faces.
        animation: a GIF, or None.
        numbered: the photograph with its faces numbered, or None where it has only one.
    """

    whole: tuple[Path, ...]
    crops: tuple[tuple[Path, ...], ...]
    animation: Path | None
    numbered: Path | None = None

    @property
    def all(self) -> list[Path]:
        """Every name."""
        last = [name for name in (self.numbered, self.animation) if name]
        return [*self.whole, *(name for row in self.crops for name in row), *last]


class Writer:
    """Writes what a file became.

    Raises:
        DataError: if nothing can be written.
    """

    def __init__(
        self,
        source: Path,
        target: Path,
        targets: Sequence[Target | Difference],
        template: np.ndarray,
        size: int,
        animate: bool,
        mark: marks.Mark = marks.AGED,
        label: bool = False,
        inputs: Sequence[Path] = (),
    ):
        make_writable(target, source)
        self._own = OwnFiles(target, inputs)
        self._own.note([Path(SHEET), Path(REPORT)])
        self._source, self._target = source, target
        self._targets = targets
        self._animate = animate
        self._mark, self._label = mark, label
        self._mask = pasting.face_mask(template, size)
        self._taken = {
            Path(SHEET): "the contact sheet",
            Path(REPORT): "the report",
        }

    def names(self, path: Path, num_faces: int, num_found: int = 0) -> Names:
        """Returns the names of a file's outputs.

        Args:
            path: the file.
            num_faces: that are aged; 0 for a crop.
            num_found: faces that the photograph has.
        """
        name = path.relative_to(self._source)
        return names_of(name, self._targets, self._animate, num_faces, num_found)

    def exist(self, path: Path) -> bool:
        """Whether a file's last outputs are there already."""
        names = self.names(path, 0)
        last = [names.animation] if names.animation else []
        # os.path's, unlike Path's, is False where a name is too long for an output.
        return all(
            os.path.isfile(self._target / name) for name in (*names.whole, *last)
        )

    def keep(self, path: Path) -> None:
        """Claims the outputs that a file got in an earlier run, which stay."""
        for num_faces in (0, 1):  # Whether it is a photograph is not known now.
            names = self.names(path, num_faces, num_found=2 * num_faces).all
            self._taken |= dict.fromkeys(names, str(path.relative_to(self._source)))

    def claim(
        self, path: Path, num_faces: int, num_found: int = 0
    ) -> tuple[Names, str | None]:
        """Returns a file's names, and why they cannot be written to, or None."""
        names = self.names(path, num_faces, num_found)
        clash = next((name for name in names.all if name in self._taken), None)
        if clash:
            owner = self._taken[clash]
            return names, f"its output {clash} would overwrite that of {owner}"
        refused = next(filter(None, map(self._own.refusal, names.all)), None)
        if refused:
            return names, refused
        try:
            self._own.note(names.all)
        except OSError as error:
            return names, f"cannot be written: {error}"
        self._taken |= dict.fromkeys(names.all, str(path.relative_to(self._source)))
        return names, None

    def write(self, item: Prepared, aged: np.ndarray, names: Names) -> str | None:
        """Writes a file's outputs; returns why it could not, or None.

        Args:
            item: the file.
            aged: [F, T, S, S, 3] uint8, its faces at every target.
            names: where to.
        """
        try:
            for row, crop, faces in zip(names.crops, item.crops, aged, strict=True):
                for name, image in zip(row, (crop, *faces), strict=False):
                    mark = None if image is crop else self._mark
                    images.write_image(self._safe(name), image, mark)
            if names.numbered and item.photo is not None:
                boxes = [face.box for face in item.found]
                picture = numbered_faces(item.photo, boxes, item.numbers)
                images.write_image(self._safe(names.numbered), picture)
            frames = []
            # The whole images last: where they are, everything is.
            for column, name in enumerate(names.whole):
                image = self._whole(item, aged[:, column])
                if self._label:
                    image = report.with_label(image, _LABEL)
                self._write(name, item, image)
                if self._animate:
                    frames.append(images.shrink(image, _FRAME_SIDE))
            if self._animate:
                self._write_animation(names.animation, item, frames)
        except (OSError, cv2.error, MemoryError) as error:
            return f"cannot be written: {error}"
        return None

    def _whole(self, item, faces):
        """Returns a crop's aged face, or the photograph with its aged faces."""
        if item.photo is None:
            return faces[0]
        return pasting.paste_all(
            item.photo, item.crops, faces, item.transforms, self._mask
        )

    def _write_animation(self, name, item, frames):
        order = sorted(range(len(frames)), key=lambda i: self._targets[i].position)
        between = mixing.in_between([frames[i] for i in order], _FRAMES)
        parent = item.picture and (item.path, item.picture.format)
        saving.write_animation(self._safe(name), between, self._mark, parent)

    def _write(self, name, item, image):
        """Writes a whole image, with all else that was in its file."""
        path = self._safe(name)
        if item.picture is None:
            images.write_image(path, image, self._mark)
        elif item.photo is None:
            picture_files.write_crop(path, item.picture, image, self._mark)
        else:
            picture_files.write_picture(path, item.picture, image, self._mark)

    def _safe(self, name):
        """Makes a file's folder; no link leads out of --save_dir or to the inputs."""
        path = self._target / name
        try:
            folder, target = path.parent.resolve(), self._target.resolve()
        except RuntimeError as error:  # Before Python 3.13, for links that loop.
            raise OSError(error) from error
        source = self._source.resolve()
        out = not folder.is_relative_to(target)
        # A target below the source is no input; see files_below.
        nested = target.is_relative_to(source)
        if out or (folder.is_relative_to(source) and not nested):
            raise OSError(f"{path.parent}: leads out of --save_dir or to the inputs")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def make_writable(target: Path, source: Path) -> None:
    """Makes the folder of the outputs.

    Raises:
        DataError: if it cannot be written to, or is that of the inputs.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        if target.samefile(source):
            raise DataError(
                f"--save_dir={target}: is the folder of the inputs, which are never "
                "changed; name another."
            )
        atomic.check_writable(target)
    except OSError as error:
        raise DataError(
            f"--save_dir={target}: cannot be written to: {error}."
        ) from error


def names_of(
    name: Path,
    targets: Sequence[Target | Difference],
    animate: bool,
    num_faces: int,
    num_found: int = 0,
) -> Names:
    """Returns the names of a file's outputs.

    Args:
        name: of the file, below its folder.
        targets: what its faces are aged to.
        animate: whether it gets an animation.
        num_faces: that are aged; 0 for a crop.
        num_found: faces that the photograph has.
    """
    ending = picture_files.ending_of(name)
    whole = tuple(_with(name, f"_{t.suffix}{ending}") for t in targets)
    kept = name.suffix.lower() in _KEPT_ENDINGS
    seen = name if kept else _with(name, ".jpg")
    animation = _with(name, ".gif") if animate else None
    if not num_faces:
        return Names(whole, ((seen,),), animation)
    crops = []
    for face in range(num_faces):
        # The second face of NAME.jpg is in crops/face2/NAME.jpg.
        folder = Path(CROPS, f"face{face + 1}") if face else Path(CROPS)
        crops.append(tuple(folder / part for part in (seen, *whole)))
    numbered = _with(name, "_faces.jpg") if num_found > 1 else None
    return Names(whole, tuple(crops), animation, numbered)


def _with(name, ending):
    return name.with_name(name.name + ending)
