"""A checkpoint -> a function that ages faces.

The generator is anything with Keras' predict_on_batch([images, groups]): a keras.Model,
or an exported network (see engines), for which no Keras is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ipcgan import age_groups, checkpoints
from ipcgan.data import images
from ipcgan.inference import engines
from ipcgan.photos import DLIB_TEMPLATE

if TYPE_CHECKING:
    import keras


class FaceAger:
    """Ages faces with a trained generator.

    Attributes:
        image_size: side of the squares that it returns, in pixels.
        group_names: names of the age groups, youngest first.
        template: [5, 2] where the training faces had their landmarks, as shares of the
            side; see photos.alignment.
        engine: what computes the network, and in which precision.
    """

    def __init__(
        self,
        generator: keras.Model | engines.ExportedGenerator,
        group_names: Sequence[str],
        batch_size: int = 32,
        template: np.ndarray = DLIB_TEMPLATE,
    ):
        self.generator = generator
        self.group_names = tuple(group_names)
        self.image_size = generator.inputs[0].shape[1]
        self.batch_size = batch_size
        self.template = template
        self.engine = getattr(generator, "engine", "Keras, float32")

    @classmethod
    def from_checkpoint(
        cls, checkpoint_dir: str | Path, batch_size: int = 32, engine: str = "keras"
    ) -> FaceAger:
        """Loads a shipped checkpoint, or the newest of a training's folder.

        Args:
            checkpoint_dir: holds config.json and a generator's weights, or
                checkpoints named step-00001000.
            batch_size: images that go through the network together.
            engine: one of config.ENGINES; "auto" takes the fastest that is installed
                and that the checkpoint was exported for.

        Raises:
            checkpoints.CheckpointError: if there is none, or it does not fit its own
                config.json, or was not exported for the engine.
        """
        folder = Path(checkpoint_dir)
        folder = checkpoints.newest(folder) or folder
        path = folder / checkpoints.CONFIG
        if not path.is_file():
            raise checkpoints.CheckpointError(
                f"{checkpoint_dir}: no checkpoint: expected {checkpoints.CONFIG} and "
                "generator.weights.h5, or folders named step-00001000."
            )
        values = checkpoints.read_json(path)
        template = _template(values.get("template", DLIB_TEMPLATE), path)
        names = _group_names(values, path)
        generator = engines.open_generator(folder, engine)
        if generator is None:
            from ipcgan.inference import keras_engine  # Slow: imports the backend.

            generator = keras_engine.read_generator(folder, values)
        return cls(generator, names, batch_size, template)

    def load(self, checkpoint: Path) -> None:
        """Takes the weights of a checkpoint of the same networks; Keras only.

        Raises:
            checkpoints.CheckpointError: if it has none, or they do not fit.
        """
        from ipcgan.inference import keras_engine

        keras_engine.load(self.generator, checkpoint)

    def __call__(
        self,
        faces: np.ndarray,
        groups: Sequence[int],
        companions: np.ndarray | None = None,
    ) -> np.ndarray:
        """Ages every face to every group.

        A face's result depends on that face and group alone, unless there are
        companions.

        Args:
            faces: [N, H, W, 3] uint8 RGB, aligned as the training faces were; other
                sizes are cut to a square and resized.
            groups: numbers of the age groups, 0 to len(group_names) - 1.
            companions: [M, H, W, 3] uint8 RGB, or None. If given, batch normalization
                takes its statistics from each face and all companions together, as
                the authors' release does (M = 31); for weights that need it.

        Returns:
            [N, len(groups), S, S, 3] uint8 RGB, S = image_size.

        Raises:
            TypeError: if faces are not uint8.
            ValueError: if a shape or group is not as above.
        """
        faces = self._prepare(faces, "faces")
        bad = [g for g in groups if g not in range(len(self.group_names))]
        if bad or not len(groups):
            raise ValueError(
                f"Groups must be from 0 to {len(self.group_names) - 1}, got {groups}."
            )
        if companions is not None:
            companions = self._prepare(companions, "companions")
            from ipcgan.inference import keras_engine

            return keras_engine.age_in_company(
                self.generator, faces, groups, companions
            )
        return age_faces(self.generator, faces, groups, self.batch_size)

    def _prepare(self, faces, name):
        faces = np.asarray(faces)
        if faces.dtype != np.uint8:
            raise TypeError(f"{name} must be uint8 (0 to 255), got {faces.dtype}.")
        if faces.ndim != 4 or faces.shape[-1] != 3 or 0 in faces.shape[1:]:
            raise ValueError(f"{name} must be [N, H, W, 3], got {faces.shape}.")
        if not len(faces):
            return np.zeros((0, self.image_size, self.image_size, 3), np.uint8)
        return np.stack([images.resize(face, self.image_size) for face in faces])


def _group_names(values, path):
    names, sizes = values.get("groups", list(age_groups.NAMES)), values.get("sizes")
    count = len(age_groups.NAMES)
    if isinstance(sizes, dict):
        count = sizes.get("num_groups", count)
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or len(names) != count
    ):
        raise checkpoints.CheckpointError(
            f"{path}: groups must be {count} names, got {names!r}."
        )
    return names


def _template(value, path):
    try:
        template = np.array(value, float)
    except (TypeError, ValueError):
        template = np.zeros(0)
    # Beyond these a face would be cut, or next to nothing of the picture.
    bounded = template.shape == (5, 2) and bool(((template > 0) & (template < 1)).all())
    if not bounded or np.ptp(template, axis=0).min() < 0.05:
        raise checkpoints.CheckpointError(
            f"{path}: template must be five points [x, y] from 0 to 1, apart from each "
            f"other, got {value!r}."
        )
    return template


def age_faces(
    generator: keras.Model | engines.ExportedGenerator,
    faces: np.ndarray,
    groups: Sequence[int],
    batch_size: int = 32,
) -> np.ndarray:
    """Ages faces of the network's own size, by moving statistics.

    Args:
        generator: inputs [N, S, S, 3] in [-1, 1] and group [N].
        faces: [N, S, S, 3] uint8 RGB.
        groups: group numbers.
        batch_size: images that go through the network together; the last batch is
            filled up to a power of two, so that Keras compiles few sizes.

    Returns:
        [N, len(groups), S, S, 3] uint8 RGB.
    """
    pairs = [(face, group) for face in range(len(faces)) for group in groups]
    aged = np.zeros((len(pairs), *faces.shape[1:]), np.uint8)
    for start in range(0, len(pairs), batch_size):
        chosen = pairs[start : start + batch_size]
        full = min(batch_size, 1 << (len(chosen) - 1).bit_length())
        filled = chosen + [chosen[-1]] * (full - len(chosen))
        source = images.to_unit_range(faces[[face for face, _ in filled]])
        group = np.array([group for _, group in filled], np.int32)
        result = generator.predict_on_batch([source, group])
        aged[start : start + len(chosen)] = images.to_uint8(result[: len(chosen)])
    return aged.reshape(len(faces), len(groups), *faces.shape[1:])
