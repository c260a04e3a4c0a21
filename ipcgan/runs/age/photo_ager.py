"""Ages the faces in photographs, from Python: a photograph -> the same, aged."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan import config
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference import ageing
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.own_ages import OwnAges
from ipcgan.photos import Face, FaceFinder, pasting
from ipcgan.runs.age import choice
from ipcgan.runs.age.inputs import Prepared, Reader, cut_out, other_finder
from ipcgan.runs.age.targets import as_ages, as_groups, as_years, read_targets

_ARRAY = Path("the photograph")  # what messages call an array.


@dataclasses.dataclass(frozen=True)
class AgedPhotograph:
    """A photograph at T ages, with F faces of it aged.

    Attributes:
        photographs: [T, H, W, 3] uint8 RGB, as large as the photograph.
        labels: T texts, what was asked for: "51+", "37" or "+20".
        faces: F of them, the largest first: the `box` (left, top, right, bottom) and
            the five landmarks `points` [5, 2], in pixels of the photograph.
        crops: [F, S, S, 3] uint8 RGB, the faces as the network saw them.
        aged: [F, T, S, S, 3] uint8 RGB, what it made of them.
        own_ages: [F] years, the faces' own ages, which "+20" was counted from; None
            where no difference was asked for.
        face_labels: of each face its T ages: "57" where +20 was asked for at 37.
        decision: which of how many faces were aged, in words.
    """

    photographs: np.ndarray
    labels: tuple[str, ...]
    faces: tuple[Face, ...]
    crops: np.ndarray
    aged: np.ndarray
    own_ages: np.ndarray | None
    face_labels: tuple[tuple[str, ...], ...]
    decision: str


class PhotoAger:
    """Ages the faces in photographs; everything around them stays.

    Several threads may share one: they read and search photographs at the same time,
    and take turns at the network.

    Attributes:
        ager: the FaceAger, with group_names, image_size and engine.

    Args:
        checkpoint_dir: a shipped checkpoint, or a training run's folder.
        engine: one of config.ENGINES; "auto": the fastest that is installed and that
            the checkpoint was exported for.
        batch_size: faces that go through the network together, from 1.
        detector: what finds faces: "yunet", or one of DeepFace's detectors.
        age_pretrained_model: folder of the face network that predicts the faces' own
            ages, where ages such as "+20" are asked for; it needs Keras.

    Raises:
        checkpoints.CheckpointError: if the checkpoint cannot be used, or a named
            engine is missing.
        config.ConfigError: if there is no such engine or detector, or the batch size
            is no whole number from 1.
        photos.MissingWeightsError: if the detector cannot be used.
    """

    def __init__(
        self,
        checkpoint_dir: str | os.PathLike = "checkpoints/ipcgan_128",
        *,
        engine: str = "auto",
        batch_size: int = 32,
        detector: str = config.AgeConfig.detector,
        age_pretrained_model: str = config.AgeConfig.age_pretrained_model,
    ):
        self._settings = config.AgeConfig(
            test_data_dir="",
            save_dir="",
            checkpoint_dir=str(checkpoint_dir),
            batch_size=batch_size,
            engine=engine,
            detector=detector,
            age_pretrained_model=age_pretrained_model,
            align="always",  # A photograph comes back, however small it is.
        )
        # Before Keras: see age_folder.
        self._finder = other_finder(self._settings)
        self.ager = FaceAger.from_checkpoint(str(checkpoint_dir), batch_size, engine)
        self._mask = pasting.face_mask(self.ager.template, self.ager.image_size)
        self._own_ages = self._ages_from(None)
        self._one_at_a_time = threading.Lock()

    def __call__(
        self,
        photo: str | os.PathLike | np.ndarray,
        ages: Sequence[int | str] | None = None,
        *,
        groups: Sequence[int | str] | None = None,
        face: str | int = "largest",
        strength: float = 1.0,
        source_age: int | Sequence[int] | None = None,
        faces: Sequence[Face] | None = None,
    ) -> AgedPhotograph:
        """Ages a photograph to every age, or to every group.

        Args:
            photo: an image file, or [H, W, 3] uint8 RGB, which stays as it is.
            ages: years, such as (30, 70), or years from each face's own age, such as
                ("+20", "-10").
            groups: of the network instead, by number or name, such as (1, "51+");
                neither: the usual groups.
            face: "largest", "all", a number, of which 1 is the largest face's, or
                "LEFT,TOP", a pixel: the face there, or the nearest.
            strength: of the change, from 0 (none) to 2 (twice the network's).
            source_age: own age of all faces, in years, for "+20", or of each of
                `faces`; None: predicted.
            faces: those to age, which were found in this photograph before; `face`
                does not count then. None: they are looked for.

        Raises:
            TypeError: if the photograph, an age, a group or the strength is of another
                type.
            ValueError: if an array is not [H, W, 3], ages or groups are not as above
                or beyond the network's, or another argument is out of range.
            images.ImageError: if the file cannot be read; a ValueError.
            DataError: if no face is found; a ValueError.
            checkpoints.CheckpointError: if own ages cannot be predicted here.
        """
        own = _own_ages(source_age, faces)
        settings = dataclasses.replace(
            self._settings,
            ages=as_ages(ages),
            groups=as_groups(groups),
            face=str(face),
            strength=_strength(strength),
            source_age=None if isinstance(own, tuple) else own,
        )
        if ages is not None and groups is not None:
            raise config.ConfigError("Expected ages or groups, not both.")
        choice.check(settings.face)
        scale = self.ager.year_scale
        targets = read_targets(settings, self.ager.group_names, scale)
        item = self._read(photo, settings, faces)
        own_ages = self._own_ages if own is None else self._ages_from(own)
        with self._one_at_a_time:
            made = ageing.age_to_targets(
                self.ager,
                item.crops,
                targets,
                strength=settings.strength,
                own_ages=own_ages,
            )
        return AgedPhotograph(
            photographs=self._pasted(item, made.faces),
            labels=tuple(target.label for target in targets),
            faces=item.faces,
            crops=item.crops,
            aged=made.faces,
            own_ages=made.own_years,
            face_labels=made.labels,
            decision=item.decision,
        )

    def _ages_from(self, source_age):
        return OwnAges(
            source_age,
            self._settings.age_pretrained_model,
            self.ager.image_size,
            self._settings.batch_size,
        )

    def _read(self, photo, settings, faces) -> Prepared:
        """Cuts out the faces that were asked for; raises what __call__ does."""
        given = isinstance(photo, np.ndarray)
        if not given and not isinstance(photo, (str, os.PathLike)):
            raise TypeError(
                "photo must be an image file, or an array [H, W, 3] uint8, got "
                f"{type(photo).__name__}."
            )
        path = _ARRAY if given else Path(photo)
        pixels = _checked(photo) if given else images.read_image(path)
        if faces is not None:
            return self._given(path, pixels, tuple(faces))
        if self._finder is None:
            with self._one_at_a_time:
                self._finder = self._finder or FaceFinder()
        reader = Reader(
            settings, self.ager.image_size, self.ager.template, self._finder
        )
        found = reader(path, pixels)
        if isinstance(found, str):
            raise DataError(f"{path}: {found}.")
        return found

    def _given(self, path, pixels, faces):
        if not faces:
            raise config.ConfigError("faces: expected at least one, got none.")
        crops, transforms = cut_out(
            pixels, faces, self.ager.image_size, self.ager.template
        )
        decision = f"photograph: {len(faces)} given face{'s' if faces[1:] else ''}"
        return Prepared(path, crops, pixels, faces, transforms, decision)

    def _pasted(self, item, faces):
        pasted = [
            pasting.paste_all(
                item.photo, item.crops, faces[:, t], item.transforms, self._mask
            )
            for t in range(faces.shape[1])
        ]
        # One alone, which may be large, is not copied.
        return np.stack(pasted) if len(pasted) > 1 else pasted[0][None]


def _checked(photo):
    """Returns an array that is a photograph; else: TypeError or ValueError."""
    if photo.dtype != np.uint8:
        raise TypeError(f"photo must be uint8 (0 to 255), got {photo.dtype}.")
    if photo.ndim != 3 or photo.shape[2] != 3 or 0 in photo.shape:
        raise ValueError(f"photo must be [H, W, 3] RGB, got {photo.shape}.")
    if photo.shape[0] * photo.shape[1] > images.MAX_PIXELS:
        height, width = photo.shape[:2]
        raise ValueError(
            f"photo has {width} x {height} pixels; expected at most "
            f"{images.MAX_PIXELS:,} in all."
        )
    return photo


def _own_ages(value, faces) -> int | tuple[int, ...] | None:
    """Returns own ages: of all faces, or a tuple of each's; else: raises as as_years.

    Raises:
        config.ConfigError: if there are several, and not as many as faces.
    """
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, (Sequence, np.ndarray)):
        return as_years(value)
    count = 0 if faces is None else len(faces)
    if len(value) != count:
        raise config.ConfigError(
            f"source_age: expected years, or those of each of {count} `faces`, got "
            f"{value!r}."
        )
    return tuple(map(as_years, value))


def _strength(value):
    """Returns a strength from 0 to 2; else: TypeError or ConfigError."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        raise TypeError(f"strength must be a number, got {value!r}.")
    if not 0 <= value <= config.MAX_STRENGTH:
        raise config.ConfigError(
            f"strength must be from 0 to {config.MAX_STRENGTH:g}: {value!r}."
        )
    return float(value)
