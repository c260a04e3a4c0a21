"""A checkpoint -> a function that ages faces."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from ipcgan import age_groups, checkpoints, config, families
from ipcgan.data import images

GENERATORS = ("generator_average", "generator")  # the first that a checkpoint has.


class FaceAger:
    """Ages faces with a trained generator.

    Attributes:
        image_size: side of the squares that it returns, in pixels.
        group_names: names of the age groups, youngest first.
    """

    def __init__(
        self, generator: keras.Model, group_names: Sequence[str], batch_size: int = 32
    ):
        self.generator = generator
        self.group_names = tuple(group_names)
        self.image_size = generator.inputs[0].shape[1]
        self.batch_size = batch_size

    @classmethod
    def from_checkpoint(
        cls, checkpoint_dir: str | Path, batch_size: int = 32
    ) -> "FaceAger":
        """Loads a shipped checkpoint, or the newest of a training's folder.

        Args:
            checkpoint_dir: holds config.json and a generator's weights, or
                checkpoints named step-00001000.
            batch_size: images that go through the network together.

        Raises:
            checkpoints.CheckpointError: if there is none, or it does not fit its own
                config.json.
        """
        folder = Path(checkpoint_dir)
        folder = checkpoints.newest(folder) or folder
        if not (folder / checkpoints.CONFIG).is_file():
            raise checkpoints.CheckpointError(
                f"{checkpoint_dir}: no checkpoint: expected {checkpoints.CONFIG} and "
                "generator.weights.h5, or folders named step-00001000."
            )
        values = checkpoints.read_json(folder / checkpoints.CONFIG)
        family = families.FAMILIES.get(str(values.get("family")))
        if family is None:
            raise checkpoints.CheckpointError(
                f"{folder / checkpoints.CONFIG}: family is {values.get('family')!r}, "
                f"expected one of {', '.join(families.FAMILIES)}."
            )
        try:
            sizes = config.from_json(family.sizes, values.get("sizes", {}))
            groups = _group_names(values.get("groups", age_groups.NAMES), sizes)
        except config.ConfigError as error:
            raise checkpoints.CheckpointError(
                f"{folder / checkpoints.CONFIG}: {error}"
            ) from error
        ager = cls(family.build_generator(sizes), groups, batch_size)
        ager.load(folder)
        return ager

    def load(self, checkpoint: Path) -> None:
        """Takes the weights of a checkpoint of the same networks.

        Raises:
            checkpoints.CheckpointError: if it has none, or they do not fit.
        """
        names = [n for n in GENERATORS if (checkpoint / f"{n}.weights.h5").is_file()]
        checkpoints.load_weights(
            self.generator, checkpoint, (names or GENERATORS[1:])[0]
        )

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
            return _age_in_company(self.generator, faces, groups, companions)
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


def _group_names(names, sizes):
    if (
        not isinstance(names, list | tuple)
        or not all(isinstance(name, str) for name in names)
        or len(names) != sizes.num_groups
    ):
        raise config.ConfigError(
            f"groups must be {sizes.num_groups} names, got {names!r}."
        )
    return names


def age_faces(
    generator: keras.Model,
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
            filled up, so that the network is compiled once.

    Returns:
        [N, len(groups), S, S, 3] uint8 RGB.
    """
    pairs = [(face, group) for face in range(len(faces)) for group in groups]
    aged = np.zeros((len(pairs), *faces.shape[1:]), np.uint8)
    for start in range(0, len(pairs), batch_size):
        chosen = pairs[start : start + batch_size]
        filled = chosen + [chosen[-1]] * (batch_size - len(chosen))
        source = images.to_unit_range(faces[[face for face, _ in filled]])
        group = np.array([group for _, group in filled], np.int32)
        result = generator.predict_on_batch([source, group])
        aged[start : start + len(chosen)] = images.to_uint8(result[: len(chosen)])
    return aged.reshape(len(faces), len(groups), *faces.shape[1:])


def _age_in_company(generator, faces, groups, companions):
    aged = np.zeros((len(faces), len(groups), *faces.shape[1:]), np.uint8)
    statistics = generator.non_trainable_variables
    kept = [keras.ops.convert_to_numpy(variable) for variable in statistics]
    for row, face in enumerate(faces):
        batch = images.to_unit_range(np.concatenate([face[None], companions]))
        for column, group in enumerate(groups):
            labels = np.full(len(batch), group, np.int32)
            result = generator([batch, labels], training=True)
            aged[row, column] = images.to_uint8(keras.ops.convert_to_numpy(result[0]))
    # training=True took the batch's statistics, and moved the stored ones.
    for variable, value in zip(statistics, kept, strict=True):
        variable.assign(value)
    return aged
