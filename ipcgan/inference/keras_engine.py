"""Builds a checkpoint's networks in Keras and loads their weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from ipcgan import checkpoints, config, families
from ipcgan.age_groups import AgeGroups
from ipcgan.data import images
from ipcgan.inference import gender_directions
from ipcgan.inference.inversion import Inverter
from ipcgan.models import parameters

GENERATORS = ("generator_average", "generator")  # the first that a checkpoint has.


def read_generator(folder: Path, values: dict) -> keras.Model:
    """Builds the generator of a checkpoint and loads its weights.

    Args:
        folder: of the checkpoint.
        values: its config.json.

    Raises:
        checkpoints.CheckpointError: if the two do not fit, or a value is invalid.
    """
    family, sizes = _family(folder, values)
    generator = _built(family.implementation.build_generator, sizes, folder)
    load({"generator": generator}, folder)
    return generator


def read_inverter(
    generator: keras.Model,
    folder: Path,
    values: dict,
    *,
    groups: AgeGroups | None,
    settings: config.InversionConfig,
    batch_size: int,
) -> Inverter | None:
    """Builds what finds latent vectors for a generator, and loads its weights.

    Args:
        generator: of the checkpoint.
        folder: of the checkpoint.
        values: its config.json.
        groups: its age groups; None: they are not known here.
        settings: how to find them.
        batch_size: faces that are searched together.

    Returns:
        None for a family whose generator takes the faces themselves.

    Raises:
        checkpoints.CheckpointError: if the weights do not fit, or the groups are not
            known.
    """
    family, sizes = _family(folder, values)
    code = family.implementation
    if not code.inversions:
        return None
    if groups is None:
        raise checkpoints.CheckpointError(
            f"{folder / checkpoints.CONFIG}: groups are not known here."
        )
    others = {
        name: _built(build, sizes, folder) for name, build in code.build_others.items()
    }
    load(others, folder)
    return Inverter(
        {"generator": generator, **others},
        code.inversions,
        settings,
        groups,
        batch_size,
        code.extended,
        gender_directions.read(folder, len(groups), generator.inputs[0].shape[-1]),
    )


def _built(build, sizes, folder):
    try:
        parameters.check(build, sizes)
    except config.ConfigError as error:
        raise checkpoints.CheckpointError(
            f"{folder / checkpoints.CONFIG}: {error}"
        ) from error
    return build(sizes)


def _family(folder, values):
    """Returns (family, sizes) of a checkpoint's config.json."""
    family = families.FAMILIES.get(str(values.get("family")))
    if family is None:
        raise checkpoints.CheckpointError(
            f"{folder / checkpoints.CONFIG}: family is {values.get('family')!r}, "
            f"expected one of {', '.join(families.FAMILIES)}."
        )
    try:
        return family, config.from_json(family.sizes, values.get("sizes", {}))
    except config.ConfigError as error:
        raise checkpoints.CheckpointError(
            f"{folder / checkpoints.CONFIG}: {error}"
        ) from error


def load(networks: Mapping[str, keras.Model], folder: Path) -> None:
    """Loads the weights of a checkpoint of the same networks.

    Raises:
        checkpoints.CheckpointError: if it has none, or they do not fit.
    """
    for name, network in networks.items():
        stored = weights_name(folder) if name == "generator" else name
        checkpoints.load_weights(network, folder, stored)


def weights_name(folder: Path) -> str:
    """Returns which of GENERATORS a checkpoint has; the last where it has none."""
    names = [n for n in GENERATORS if (folder / f"{n}.weights.h5").is_file()]
    return (names or GENERATORS[1:])[0]


def age_in_company(
    generator: keras.Model,
    faces: np.ndarray,
    groups: Sequence[int],
    companions: np.ndarray,
) -> np.ndarray:
    """Ages each face in one batch with companions, by that batch's statistics.

    Args:
        generator: its stored statistics are restored afterwards.
        faces: [N, S, S, 3] uint8 RGB.
        groups: group numbers.
        companions: [M, S, S, 3] uint8 RGB.

    Returns:
        [N, len(groups), S, S, 3] uint8 RGB.
    """
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
