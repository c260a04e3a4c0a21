"""The face AlexNet in a folder of its own: written by pretraining, read by training."""

import dataclasses
from pathlib import Path

import keras

from ipcgan import checkpoints, config
from ipcgan.models import alexnet as alexnet_models

YEARS = "age_years_by_group"  # key of what was measured on real faces.
_NAME = "alexnet"
_HOW_TO = (
    "Train one with\n  python tools/pretrain_alexnet.py --dataset=utkface "
    "--root_folder=FACES --checkpoint_dir=runs/alexnet\nand pass "
    "--alexnet_pretrained_model=runs/alexnet/final."
)


def write(
    alexnet: keras.Model, sizes: alexnet_models.AlexNetSizes, folder: Path, notes: dict
) -> None:
    """Writes the network, its sizes and what was measured of it (`notes`)."""
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints.save_weights(alexnet, folder, _NAME)
    values = {"sizes": dataclasses.asdict(sizes), **notes}
    checkpoints.write_json(folder / checkpoints.CONFIG, values)


def read(
    folder: Path, *, image_size: int
) -> tuple[keras.Model, alexnet_models.AlexNetSizes]:
    """Builds the network of a folder for images of another size and loads it.

    Raises:
        checkpoints.CheckpointError: if there is none, with the command that makes one.
    """
    if not (folder / checkpoints.CONFIG).is_file():
        raise checkpoints.CheckpointError(
            f"{folder}: no pretrained face AlexNet. {_HOW_TO}"
        )
    values = checkpoints.read_json(folder / checkpoints.CONFIG)
    sizes = config.from_json(alexnet_models.AlexNetSizes, values.get("sizes", {}))
    sizes = dataclasses.replace(sizes, image_size=image_size)
    alexnet = alexnet_models.build_alexnet(sizes)
    checkpoints.load_weights(alexnet, folder, _NAME)
    return alexnet, sizes


def read_group_years(folder: Path) -> list[float]:
    """Returns the years that the network reads from real faces, group by group.

    Raises:
        checkpoints.CheckpointError: if it has not learnt to read years.
    """
    measured = checkpoints.read_json(folder / checkpoints.CONFIG).get("validation", {})
    if YEARS not in measured:
        raise checkpoints.CheckpointError(
            f"{folder}: this face AlexNet reads age groups, but no years, which "
            "--years_loss_weight needs: pretrain it with --task=age --task=years."
        )
    return measured[YEARS]


def read_frozen(model: str, age_model: str, image_size: int) -> keras.Model:
    """Reads the network that judges a generator: features and age head, frozen.

    Args:
        model: folder of the network.
        age_model: folder of a network whose age head (age_*) replaces it; "": none.
        image_size: of the faces that it will be shown.

    Raises:
        checkpoints.CheckpointError: if one is missing, or they differ in size.
    """
    alexnet, sizes = read(Path(model), image_size=image_size)
    if age_model:
        other, other_sizes = read(Path(age_model), image_size=image_size)
        if _age_head(sizes) != _age_head(other_sizes):
            raise checkpoints.CheckpointError(
                f"{age_model}: its age head has other sizes than {model}: "
                f"{other_sizes} and {sizes}."
            )
        for layer in alexnet.layers:
            if layer.name.startswith("age_"):
                layer.set_weights(other.get_layer(layer.name).get_weights())
    return alexnet_models.with_early_layers(alexnet)


def _age_head(sizes):
    return sizes.fully_connected, sizes.num_groups, sizes.reads_years
